// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// Small random networks of operators that are no convolutions or pools: activations, broadcast operands, products of
// activations, other axes, reshapes, parts and joints, among a few convolutions.
#pragma once

#include "workloads/graph.h"

namespace systolica {

Graph random_operators(std::uint64_t seed, std::uint64_t batch);

} // namespace systolica
