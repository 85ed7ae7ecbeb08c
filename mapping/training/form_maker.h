// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// What the makers of forms have in common: the operation that leads, and pieces of groups for it.
#pragma once

#include "mapping/training/form.h"

namespace systolica {

class FormMaker {
public:
    FormMaker(const TrainingGraph& graph, const TrainingOperation& operation, std::uint32_t row);

protected:
    const Shape& shape_of(int tensor) const { return graph_.tensors[static_cast<std::size_t>(tensor)].shape; }
    TensorRole role_of(int tensor) const { return graph_.tensors[static_cast<std::size_t>(tensor)].role; }

    // A nest over elements of this shape, from the operation's first input to its first output.
    Form of_shape(VectorKernel kernel, const Shape& shape, std::uint64_t taps = 1) const;
    // Over the first input in this order, its channels whole; the output is the caller's.
    Form of_whole_channels(VectorKernel kernel, const AxisOrder& order, std::uint64_t taps = 1) const;
    void add_operand(Form& form, int tensor, const Stretch& lacks) const;

    const TrainingGraph& graph_;
    const TrainingOperation& operation_;
    const Operator& op_; // of the forward graph; its first where the operation is of none
    const std::uint32_t row_;
};

// A result that the group writes besides its output; `values` for each element.
void add_result(Form& form, int tensor, const Shape& shape, const Stretch& lacks, std::uint64_t values,
                std::uint32_t row);

} // namespace systolica
