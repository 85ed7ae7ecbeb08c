// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// Which operations of an iteration execute together.
#pragma once

#include <vector>

#include "workloads/training/training.h"

namespace systolica {

// Operations by the group that executes them, in order: the first is the group's own work, the others work on its
// results, element by element, before these are stored. A result that others read too is stored all the same; only sums
// over it (statistics, gradients of a bias) can follow then. Views are not among them.
std::vector<std::vector<int>> chains_of(const TrainingGraph& graph, bool fusion);

} // namespace systolica
