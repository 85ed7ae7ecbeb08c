# SPDX-License-Identifier: Apache-2.0
# Copyright The Systolica Authors
#
# A SystemC library carries the C++ standard it was built with in a link symbol (sc_api_version_..._cxx2017...).
# Linking with another standard fails with a page of undefined references; say it in one line instead.
file(WRITE ${CMAKE_BINARY_DIR}/systemc_standard/check.cpp
     "#include <systemc>\nint sc_main(int, char**) { return 0; }\n")
try_compile(
  SYSTOLICA_SYSTEMC_LINKS ${CMAKE_BINARY_DIR}/systemc_standard
  SOURCES ${CMAKE_BINARY_DIR}/systemc_standard/check.cpp
  LINK_LIBRARIES SystemC::systemc
  CXX_STANDARD ${CMAKE_CXX_STANDARD}
  CXX_STANDARD_REQUIRED ON
  CXX_EXTENSIONS OFF
  OUTPUT_VARIABLE SYSTOLICA_SYSTEMC_LOG)
if(NOT SYSTOLICA_SYSTEMC_LINKS)
  if(SYSTOLICA_SYSTEMC_LOG MATCHES "sc_api_version|cxx[0-9]+")
    message(FATAL_ERROR "The SystemC library was not built as C++${CMAKE_CXX_STANDARD}: build SystemC with "
                        "-DCMAKE_CXX_STANDARD=${CMAKE_CXX_STANDARD}, or install the distribution's package.")
  endif()
  message(FATAL_ERROR "A minimal SystemC program does not compile and link:\n${SYSTOLICA_SYSTEMC_LOG}")
endif()
