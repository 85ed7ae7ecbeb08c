# SPDX-License-Identifier: Apache-2.0
# Copyright The Systolica Authors
#
# Finds SystemC with TLM-2.0 and defines SystemC::systemc. Tried in this order: the CMake package that newer SystemC
# releases install (SystemCLanguage), pkg-config (Debian ships systemc.pc only), then $SYSTEMC_HOME or SYSTEMC_HOME.
include(FindPackageHandleStandardArgs)

if(NOT TARGET SystemC::systemc)
  find_package(SystemCLanguage QUIET CONFIG)
endif()
if(NOT TARGET SystemC::systemc)
  find_package(PkgConfig QUIET)
  if(PKG_CONFIG_FOUND)
    pkg_check_modules(PC_SystemC QUIET systemc)
  endif()
  find_path(SystemC_INCLUDE_DIR NAMES systemc HINTS ${SYSTEMC_HOME} $ENV{SYSTEMC_HOME} ${PC_SystemC_INCLUDE_DIRS}
            PATH_SUFFIXES include)
  find_library(SystemC_LIBRARY NAMES systemc HINTS ${SYSTEMC_HOME} $ENV{SYSTEMC_HOME} ${PC_SystemC_LIBRARY_DIRS}
               PATH_SUFFIXES lib lib64 lib-linux64)
  if(SystemC_INCLUDE_DIR AND SystemC_LIBRARY)
    find_package(Threads REQUIRED)
    add_library(SystemC::systemc UNKNOWN IMPORTED)
    set_target_properties(SystemC::systemc PROPERTIES IMPORTED_LOCATION "${SystemC_LIBRARY}"
                                                      INTERFACE_INCLUDE_DIRECTORIES "${SystemC_INCLUDE_DIR}")
    set_property(TARGET SystemC::systemc PROPERTY INTERFACE_LINK_LIBRARIES Threads::Threads)
  endif()
  set(SystemC_VERSION ${PC_SystemC_VERSION})
else()
  set(SystemC_LIBRARY SystemC::systemc)
  set(SystemC_VERSION ${SystemCLanguage_VERSION})
endif()

find_package_handle_standard_args(SystemC REQUIRED_VARS SystemC_LIBRARY VERSION_VAR SystemC_VERSION)
mark_as_advanced(SystemC_INCLUDE_DIR SystemC_LIBRARY)
