// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#pragma once

#include "mapping/plan.h"
#include "mapping/simdit/program.h"
#include "mapping/training/kept_traffic.h"

namespace systolica {

// What the rows of a program will be: no tensors, no groups; bytes and the estimate are those of simdit_cost.
Plan simdit_plan(const SimditConfig& config, const SimditProgram& program, const ChipConfig& chip,
                 const MappingOptions& options);

// What waits for the backward pass in an iteration's program: results of products without the partial sums before them;
// the input of a weight gradient; of an operation of the SIMD array as many of its operands.
KeptTraffic simdit_kept_traffic(const SimditConfig& config, const SimditProgram& program);

} // namespace systolica
