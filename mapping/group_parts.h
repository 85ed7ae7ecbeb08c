// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// Pieces of a group that the planner puts together: its vector stages, and the bytes it will move.
#pragma once

#include "mapping/plan.h"

namespace systolica {

VectorKernel vector_kernel(OpKind kind); // forward

// Appends the work of an operator that the vector unit executes; `index` is its row in the plan.
void add_stage(const Graph& graph, Group& group, const Operator& o, int index);

// Adds what the group will move to the rows of its operations, from the closed forms of its nests.
void count_bytes(const Group& group, Plan& plan);

} // namespace systolica
