// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// This program once more as a child process: a process can hold only one simulation.
#pragma once

#include <string>
#include <vector>

namespace systolica {

// What the child printed to stdout. Throws std::runtime_error when it does not end with exit code 0; its stderr is
// ours.
std::string run_child(const std::vector<std::string>& arguments);

} // namespace systolica
