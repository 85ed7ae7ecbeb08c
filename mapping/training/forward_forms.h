// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// The forward pass of operators that do more than work on each element alone: as in inference, with what is kept for
// the way back. And the loss.
#pragma once

#include <vector>

#include "mapping/training/form.h"

namespace systolica {

std::vector<Form> forward_forms(const TrainingGraph& graph, const TrainingOperation& operation, std::uint32_t row);

} // namespace systolica
