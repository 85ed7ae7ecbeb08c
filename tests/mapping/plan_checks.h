// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// What must hold for every plan and its tile programs, checked by running them in the interpreter.
#pragma once

#include <cstdint>

#include "mapping/plan.h"

namespace systolica {

// The programs of all tiles end; semaphores return to their start; bytes, MACs and commands are those of the plan's
// rows and of the graph; every reader waits for all posts; operations keep apart where overlap says so.
void check_plan(const Graph& graph, const Plan& plan, std::uint64_t seed);

// Byte by byte, for small plans: every byte of a tensor is stored once, nothing is loaded before it is there, each tile
// loads every input byte under its windows, and regions of memory do not overlap.
void check_memory(const Plan& plan, std::uint64_t seed);

// Each group alone, with scratchpads of exactly the bytes that its tiling needs.
void check_exact_needs(const Plan& plan, std::uint64_t seed);

} // namespace systolica
