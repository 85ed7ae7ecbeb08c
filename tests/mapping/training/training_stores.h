// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// What the operations of an iteration store: each result whole.
#pragma once

#include "shadow_memory.h"

namespace systolica {

// After a run in cells of one byte. Every byte of every tensor that a group makes was stored by its operation (of the
// gradient of a table some rows); and what an operation stores is all that others read which do not execute with it,
// or that nobody reads, and none but its results, parts of sums, and the array's copies of parameters.
void check_training_stores(const TrainingGraph& graph, const Plan& plan, const ShadowMemory& memory);

} // namespace systolica
