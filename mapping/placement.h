// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// How tensors lie in memory: the form that a planned tensor takes, before it has an address.
#pragma once

#include <string>
#include <vector>

#include "mapping/plan.h"

namespace systolica {

PlannedTensor planned_tensor(const std::string& name, const Shape& shape, const Precision& precision);

// The result of a flatten or reshape: the tensor behind it, seen otherwise.
PlannedTensor planned_view(const Graph& graph, const Plan& plan, const Operator& op);

// First channels of the inputs of a concat in its result, and the number of channels.
std::vector<std::uint64_t> concat_blocks(const Graph& graph, const Operator& concat);

// Blocks of channels of the result of a group. The slices in which the tiles make their channels become the blocks; a
// product makes each channel of an image by itself; along another axis the blocks stay those of the input.
std::vector<std::uint64_t> result_blocks(const Plan& plan, const Group& group);

} // namespace systolica
