# SPDX-License-Identifier: Apache-2.0
# Copyright The Systolica Authors

# Warnings of our own code; SystemC and the other libraries are system includes.
add_library(systolica_warnings INTERFACE)
target_compile_options(systolica_warnings INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wconversion
                                                    $<$<BOOL:${SYSTOLICA_WERROR}>:-Werror>)

# SystemC's headers cost more than most of our sources. The options make precompiled headers and ccache work together.
# The dev preset leaves them out (CMAKE_DISABLE_PRECOMPILE_HEADERS), so that clang-tidy understands its commands.
function(systolica_precompile_systemc target)
  if(CMAKE_DISABLE_PRECOMPILE_HEADERS)
    return()
  endif()
  target_precompile_headers(${target} PRIVATE <systemc> <tlm>)
  target_compile_options(
    ${target} PRIVATE $<$<CXX_COMPILER_ID:GNU>:-fpch-preprocess>
                      "$<$<CXX_COMPILER_ID:Clang>:SHELL:-Xclang -fno-pch-timestamp>")
endfunction()

# systolica_room(NAME [SYSTEMC] [LINKS ...]): one static library for every .cpp below NAME/.
function(systolica_room name)
  cmake_parse_arguments(ROOM "SYSTEMC" "" "LINKS" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${name}/*.cpp)
  add_library(systolica_${name} STATIC ${sources})
  add_library(systolica::${name} ALIAS systolica_${name})
  set_target_properties(systolica_${name} PROPERTIES EXPORT_NAME ${name})
  target_include_directories(
    systolica_${name} PUBLIC $<BUILD_INTERFACE:${CMAKE_CURRENT_SOURCE_DIR}>
                             $<INSTALL_INTERFACE:include/systolica>)
  target_link_libraries(systolica_${name} PUBLIC ${ROOM_LINKS} PRIVATE $<BUILD_INTERFACE:systolica_warnings>)
  if(ROOM_SYSTEMC)
    target_link_libraries(systolica_${name} PUBLIC SystemC::systemc)
    systolica_precompile_systemc(systolica_${name})
  endif()
endfunction()
