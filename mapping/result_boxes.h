// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// Where the results of a step lie, and what is read beside them: at the place of the output, or as kernels of a weight
// gradient, rows of a table, sums over axes. `row`: of the tensor, where each tile has one of its own.
#pragma once

#include <cstdint>
#include <vector>

#include "mapping/nest.h"
#include "mapping/plan.h"

namespace systolica {

// Kernels are stored in the order in which they are made, a block of both kinds of channels after the other.
std::vector<Box> output_boxes(const Group& group, const Shape& shape, const Step& step, std::uint64_t row);

std::vector<Box> operand_boxes(const Group& group, std::size_t operand, const Shape& shape, const Step& step);

std::vector<Box> result_boxes(const Group& group, std::size_t result, const Shape& shape, const Step& step,
                              std::uint64_t row);

} // namespace systolica
