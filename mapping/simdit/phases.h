// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// A program for SimDIT's machine as tile commands in lockstep: the commands of a phase begin together, and the next
// phase begins when all of them are done. A step of a product is one phase: the array computes a tile while each
// interface loads what the next tile needs and stores what the one before made. A step of the SIMD array is three:
// loads, computation, stores. Equal phases stand together, so that the list grows with operations and not with tiles.
//
// Every operation ends with a vector command without work, which retires when everything before is done: rows of
// layers.csv end where operations end, last stores included.
#pragma once

#include <cstdint>
#include <vector>

#include "machine/commands/command.h"
#include "mapping/simdit/program.h"

namespace systolica {

struct SimditPhase {
    std::vector<Command> commands; // without semaphores
};

struct SimditRun { // the phases one after another, so many times over
    std::uint64_t times = 1;
    std::vector<SimditPhase> phases;
};

struct SimditBlock { // likewise; groups of a convolution
    std::uint64_t times = 1;
    std::vector<SimditRun> runs;
};

std::vector<SimditBlock> simdit_phases(const SimditConfig& config, const SimditProgram& program);

} // namespace systolica
