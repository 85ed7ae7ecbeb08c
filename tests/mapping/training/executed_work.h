// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// The work of an operation of training from its meaning: multiplications, and elements of vector work.
#pragma once

#include <cstdint>

#include "../interpreter.h"
#include "workloads/training/training.h"

namespace systolica {

// What the array multiplies for it, padding and formed zeros included. Direct input gradients of a strided window take
// the taps that reach each element; all others are the product that the training graph names, where both count alike.
std::uint64_t executed_macs(const TrainingGraph& graph, const TrainingOperation& operation, BackwardLowering lowering);

// After a run: products are those of the meaning and, where those count alike, of the plan's rows; vector work of an
// operation looks at each of its elements, an update at each parameter once.
void check_work(const TrainingGraph& graph, const Plan& plan, BackwardLowering lowering,
                const Interpreter& interpreter);

} // namespace systolica
