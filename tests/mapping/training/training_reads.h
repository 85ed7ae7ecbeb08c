// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// What the operations of an iteration read, from their meaning alone: element by element through views, without groups,
// nests, boxes or tilings.
#pragma once

#include "shadow_memory.h"

namespace systolica {

// After a run in cells of one byte. Every element that an operation needs of an activation or a gradient (of windows:
// what a tap meets) was loaded for it, and of what another operation made nothing but its inputs was. What was made in
// the same group may flow by unstored, parameters come in another width, of a table only some rows are written.
void check_training_reads(const TrainingGraph& graph, const Plan& plan, const ShadowMemory& memory);

} // namespace systolica
