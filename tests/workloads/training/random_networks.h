// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// Small networks of every operator with forks, joints and dead ends, the same for the same seed; and what the tests ask
// of a graph, worked out anew by brute force.
#pragma once

#include <cstdint>

#include "workloads/graph.h"
#include "workloads/training/training.h"

namespace systolica {

Graph random_network(std::uint64_t seed, std::uint64_t batch);

bool learns(const Graph& graph, int layer);
bool is_loss(const Graph& graph, int layer);

// By the definition, path by path: something at or before the tensor is trained (or the image's gradient is asked for)
// and a loss follows (or, in a network without one, a result).
bool has_gradient(const Graph& graph, int tensor, bool of_image);

// Operations of a layer, in order; those of recomputation left out.
std::vector<const TrainingOperation*> operations_of(const TrainingGraph& graph, int layer);

} // namespace systolica
