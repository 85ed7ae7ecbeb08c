// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// What must hold for every plan of an iteration and its tile programs, checked by running them in the interpreter.
#pragma once

#include <cstdint>

#include "mapping/plan.h"
#include "workloads/training/training.h"

namespace systolica {

// The programs of all tiles end; semaphores return to their start; bytes and commands are those of the plan's rows;
// posts of each event are as many as its readers wait for. Loads find what they must (ShadowMemory), in cells of so
// many bytes.
void check_training_plan(const TrainingGraph& graph, const Plan& plan, BackwardLowering lowering,
                         std::uint64_t cell_bytes, std::uint64_t seed);

// The same reads, with the loads of one tile as late as can be, or its stores, for each tile in turn: whatever order
// the queues run in, no load sees another tensor.
void check_every_order(const TrainingGraph& graph, const Plan& plan, std::uint64_t cell_bytes, std::uint64_t seed);

} // namespace systolica
