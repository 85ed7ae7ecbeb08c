// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// Fusion where fused tiles wait (SimditConfig::fused_tiles_wait): the SIMD array takes its turn after each finished
// tile of a product, with equal slices of its operation, no larger than its own tiles, while loads for the product's
// next tile go on. In lockstep these are the phases of the tile, of the slices' loads, computation and stores, and of
// what is left to load; each transfer is cut into what its interface moves during each.
#pragma once

#include "mapping/simdit/phases.h"
#include "mapping/simdit/step_commands.h"

namespace systolica {

class FusedSlices {
public:
    // `finished`: tiles after which the SIMD array takes its turn.
    FusedSlices(const SimditConfig& config, const SimditVector& work, std::uint32_t operation, std::uint64_t finished);

    // False: a slice would be shorter than filling the SIMD array's pipeline; the operation runs by itself then.
    bool possible() const;

    std::vector<SimditPhase> phases(const SimditStepCommands& product, const Command& tile,
                                    const SimditProductStep& step) const;
    std::vector<SimditPhase> rest() const; // what equal slices leave of the operation

private:
    std::uint64_t slices_ = 0; // of a turn
    SimditVectorStep slice_;   // each transfer as one block
    SimditVectorStep rest_;
    const SimditConfig& config_;
    SimditStepCommands commands_;
};

// A step of the SIMD array: loads, computation, stores; those that are there.
std::vector<SimditPhase> simdit_step_phases(const SimditStepCommands& commands, const SimditVectorStep& step);

} // namespace systolica
