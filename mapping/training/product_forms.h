// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// Gradients that are products: of inputs, weights and operands.
#pragma once

#include <vector>

#include "mapping/training/form.h"

namespace systolica {

std::vector<Form> product_forms(const TrainingGraph& graph, const TrainingOperation& operation, std::uint32_t row,
                                BackwardLowering lowering);

// Groups of one operation read one after the other what they need of its weights.
void share_weights(std::vector<Form>& forms);

} // namespace systolica
