// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// How an iteration of training runs on a chip: a Plan as of inference (mapping/plan.h), from the operations of a
// training graph. Everything that waits for the backward pass goes to DRAM and comes back.
#pragma once

#include "mapping/plan.h"
#include "workloads/training/training.h"

namespace systolica {

// Throws InputError as make_plan does.
Plan make_training_plan(const TrainingGraph& graph, BackwardLowering lowering, const ChipConfig& chip,
                        const MappingOptions& options);

} // namespace systolica
