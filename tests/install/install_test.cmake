# SPDX-License-Identifier: Apache-2.0
# Copyright The Systolica Authors

# Installs into a folder of its own, then configures, builds and runs a project outside this tree against it.
# cmake -DBUILD_DIR= -DSOURCE_DIR= -DWORK_DIR= -DCXX= -DCXX_FLAGS= -DBUILD_TYPE= -P install_test.cmake
function(step name)
  execute_process(COMMAND ${ARGN} RESULT_VARIABLE code OUTPUT_VARIABLE out ERROR_VARIABLE out)
  if(NOT code EQUAL 0)
    message(FATAL_ERROR "${name}: exit code ${code}\n${out}")
  endif()
  set(output "${out}" PARENT_SCOPE)
endfunction()

function(expect what text)
  string(FIND "${output}" "${text}" at)
  if(at EQUAL -1)
    message(FATAL_ERROR "${what}: expected '${text}' in:\n${output}")
  endif()
endfunction()

file(REMOVE_RECURSE ${WORK_DIR})
set(prefix ${WORK_DIR}/prefix)
step(install ${CMAKE_COMMAND} --install ${BUILD_DIR} --prefix ${prefix})
step(configure ${CMAKE_COMMAND} -S ${SOURCE_DIR} -B ${WORK_DIR}/build -G Ninja -DCMAKE_PREFIX_PATH=${prefix}
     -DCMAKE_CXX_COMPILER=${CXX} -DCMAKE_CXX_FLAGS=${CXX_FLAGS} -DCMAKE_BUILD_TYPE=${BUILD_TYPE})
step(build ${CMAKE_COMMAND} --build ${WORK_DIR}/build)

# edge_npu: 4 tiles of 32 x 32 PEs at 800 MHz, 2 operations a MAC = 6.5536 TOPS.
step(outside ${WORK_DIR}/build/outside)
expect("the outside program" "edge_npu: 6.554 TOPS, from ${prefix}/share/systolica/platforms/edge_npu.yaml")
step(list ${prefix}/bin/systolica list platforms)
expect("the installed binary" "edge_npu")
step(show ${prefix}/bin/systolica show edge_npu)
expect("the installed binary" "6.554 TOPS")
file(REMOVE_RECURSE ${WORK_DIR})
