// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// An iteration whose updates come after all gradients, in the order of these: what chips need that exchange gradients
// while the backward pass goes on, because operations run in order and an update waits for all chips.
#pragma once

#include "workloads/training/training.h"

namespace systolica {

TrainingGraph updates_last(const TrainingGraph& graph);

} // namespace systolica
