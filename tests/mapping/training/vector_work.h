// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// Vector work of single operations of training graphs, to be compared with what they are by definition.
#pragma once

#include <string>
#include <vector>

#include "../example_graphs.h"
#include "mapping/training/form.h"

namespace systolica {

// Forms of the operation of this name; fails the test where there is none.
std::vector<Form> forms_named(const TrainingGraph& graph, const std::string& name);

// Cycles that a vector of elements takes through all stages of a group.
double cycles(const Layer& layer);

// An operator named x of the image, windows of 2 x 2, size 3.
OperatorSpec spec_of(OpKind kind);

TrainingOptions without_loss(); // with a gradient of the image

// The operator alone behind an image of 8 x 6 x 6, two of them.
TrainingGraph alone(const OperatorSpec& spec);

// conv with bias, batch-norm n, dropout drop, a sum of both, its mean, a loss (softmax_ce).
TrainingGraph with_batch_norm(Optimizer optimizer);

} // namespace systolica
