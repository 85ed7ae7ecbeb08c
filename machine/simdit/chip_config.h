// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// A chip of dataflow simdit as a design point of SimDIT's machine.
#pragma once

#include "machine/tile_config.h"

namespace systolica {

// Array, lanes, bits, scratchpads and interfaces are those of the chip's blocks (filter group: weights, vector group:
// both buffers of the SIMD array), everything else is as chip.simdit says. There, no bytes stand for SimDIT's own
// choice: a bias buffer of 128 bytes a column, equal halves of the vector group.
SimditConfig simdit_config(const ChipConfig& chip);

// What the private interfaces of a chip deliver, by Pad: weights never get more than a row of the array needs.
std::array<unsigned, kPads> private_bits_per_cycle(const ChipConfig& chip);

// Of any memory model; 0: unlimited.
double peak_memory_bytes_per_s(const ChipConfig& chip);

} // namespace systolica
