# SPDX-License-Identifier: Apache-2.0
# Copyright The Systolica Authors

# The installable package: find_package(systolica) gives systolica::base ... systolica::platforms, the headers, and the
# bundled data in ${systolica_DATA_DIR}.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

set(systolica_rooms base workloads machine mapping models platforms)
list(TRANSFORM systolica_rooms PREPEND systolica_ OUTPUT_VARIABLE systolica_room_targets)
set(systolica_package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/systolica)
set(systolica_data_dir ${CMAKE_INSTALL_DATADIR}/systolica)

install(TARGETS systolica RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(TARGETS ${systolica_room_targets} EXPORT systolica ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(EXPORT systolica NAMESPACE systolica:: FILE systolicaTargets.cmake DESTINATION ${systolica_package_dir})
install(DIRECTORY ${systolica_rooms} DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/systolica FILES_MATCHING PATTERN "*.h")
install(DIRECTORY platforms workloads DESTINATION ${systolica_data_dir} FILES_MATCHING PATTERN "*.yaml")
install(DIRECTORY waves DESTINATION ${systolica_data_dir} FILES_MATCHING PATTERN "*.gtkw" PATTERN "*.txt")

set(PACKAGE_DATA_DIR ${systolica_data_dir})
configure_package_config_file(
  cmake/systolicaConfig.cmake.in ${CMAKE_BINARY_DIR}/systolicaConfig.cmake INSTALL_DESTINATION ${systolica_package_dir}
  PATH_VARS PACKAGE_DATA_DIR)
write_basic_package_version_file(${CMAKE_BINARY_DIR}/systolicaConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_BINARY_DIR}/systolicaConfig.cmake ${CMAKE_BINARY_DIR}/systolicaConfigVersion.cmake
              cmake/FindSystemC.cmake DESTINATION ${systolica_package_dir})
