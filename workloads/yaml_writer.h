// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// A graph as native YAML, which reads back to the same graph.
#pragma once

#include <string>

#include "workloads/graph.h"

namespace systolica {

// Throws InputError for what native YAML cannot say: more than one input, rows of a topology table.
std::string native_yaml(const Graph& graph);

} // namespace systolica
