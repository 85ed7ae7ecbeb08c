// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// Operators as groups, before they are tiled: the loop nest, how tensors lie to it, and the work of the vector unit.
#pragma once

#include <vector>

#include "mapping/plan.h"

namespace systolica {

struct OperatorRef {
    const Operator* op;
    int index; // row of the plan
};

// Operators that execute together, the first with its window or product.
Group make_group(const Graph& graph, const std::vector<OperatorRef>& ops);

// One copy for each input, into its part of the output.
std::vector<Group> concat_groups(const Graph& graph, const OperatorRef& op);

// From the outputs of a convolution to its inputs, `in` to `out`: a plain convolution for each phase, or groups without
// a product where nothing reaches. Forms only: neither tensors nor stages.
std::vector<Group> adjoint_groups(const Shape& in, const Shape& out, const Window& window, std::uint64_t channel_groups,
                                  bool bias);

// A transposed convolution and what is fused to it: a plain one for each phase.
std::vector<Group> transposed_groups(const Graph& graph, const std::vector<OperatorRef>& ops);

// Weights that stand for a tensor: the learned operand of an element-wise operator, the table of an embedding.
bool has_learned_operand(const Operator& op);
Shape learned_shape(const Graph& graph, const Operator& op); // a row of a table is a row of the tensor

} // namespace systolica
