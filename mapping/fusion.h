// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// Which operations execute together.
#pragma once

#include <vector>

#include "workloads/graph.h"

namespace systolica {

// Operators of a graph by the group that executes them: the first is the group's own work, the others are element-wise
// and run on its results before they are stored.
std::vector<std::vector<int>> fuse(const Graph& graph, bool fusion);

} // namespace systolica
