# SPDX-License-Identifier: Apache-2.0
# Copyright The Systolica Authors

# Everything of sc_main/ but the entry point is a library, so that tests can call the commands.
file(GLOB app_sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/sc_main/*.cpp)
list(FILTER app_sources EXCLUDE REGEX "/sc_main/main\\.cpp$")
add_library(systolica_app STATIC ${app_sources})
target_link_libraries(systolica_app PUBLIC systolica::platforms Boost::program_options
                                    PRIVATE systolica_warnings)
target_compile_definitions(systolica_app PRIVATE SYSTOLICA_VERSION="${PROJECT_VERSION}")
add_executable(systolica sc_main/main.cpp)
target_link_libraries(systolica PRIVATE systolica_app systolica_warnings)
# Bundled platforms and networks are found beside the sources in a build tree and under share/ when installed.
target_compile_definitions(systolica_base PRIVATE SYSTOLICA_SOURCE_DATA_DIR="${CMAKE_CURRENT_SOURCE_DIR}")
