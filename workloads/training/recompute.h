// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// Which results of the forward pass are thrown away and computed again from the others when going back.
#pragma once

#include <vector>

#include "workloads/training/training.h"

namespace systolica {

// By operator. sqrt: about sqrt(operators) segments, of each only the last result is kept (Chen et al.,
// arXiv:1604.06174); a segment ends where nothing but its last result is read later, so that a residual block is never
// cut. What follows the last of them is kept: the backward pass begins there. A view goes with what it views.
// Throws InputError for a list that names no such operator.
std::vector<bool> dropped_results(const Graph& graph, const TrainingOptions& options);

} // namespace systolica
