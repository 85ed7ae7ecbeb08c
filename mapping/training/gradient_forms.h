// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// Gradients that are neither products nor work on each element alone: of windows, of sums along an axis, of what moves
// data.
#pragma once

#include <vector>

#include "mapping/training/form.h"

namespace systolica {

std::vector<Form> gradient_forms(const TrainingGraph& graph, const TrainingOperation& operation, std::uint32_t row);

} // namespace systolica
