// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// Operations of training as groups, before tensors have a place and groups a tiling. Tensors of a form are those of the
// training graph.
#pragma once

#include <cstdint>
#include <vector>

#include "mapping/plan.h"
#include "mapping/training/stage.h"

namespace systolica {

struct Form {
    Group group;
    std::vector<Shape> operand_shapes; // as Group::operands: how the nest sees the tensor
    std::vector<Shape> result_shapes;  // as Group::results, which come before the sums
    std::vector<TrainingStage::Sums> sums;
    std::vector<std::uint32_t> sum_rows; // rows that they count for
    int weights = -1;                    // parameters behind a product
    std::uint64_t weights_before = 0;    // of them: weights that other groups of the operation read
};

// The groups of an operation that leads. Several: phases of a strided input gradient, parts of an update.
std::vector<Form> forms_of(const TrainingGraph& graph, const TrainingOperation& operation, std::uint32_t row,
                           BackwardLowering lowering);

// An operation that works on what the group makes, before it is stored.
void add_stage(Form& form, const TrainingStage& stage, std::uint32_t row);

} // namespace systolica
