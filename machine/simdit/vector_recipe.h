// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// What each kind of work costs the SIMD array: cycles, operands and results, per element and per channel.
#pragma once

#include "machine/simdit/config.h"
#include "machine/simdit/work.h"

namespace systolica {

// Operations of a vector: how long they take, how many instructions they are, and how many accesses to the SIMD
// array's scratchpads (words for each element).
struct SimditSteps {
    std::uint64_t cycles = 0;
    std::uint64_t instructions = 0;
    std::uint64_t words = 0;
    std::uint64_t immediates = 0; // operands from the buffer of constants instead
};

struct SimditVectorRecipe {
    SimditSteps each_tap; // window positions of a pool; 1 elsewhere
    SimditSteps each_element;
    SimditSteps each_channel; // once for all images and positions, without filling the pipeline

    // Tensors that a tile moves; pools: of the larger side (`window_*`) and of the smaller one.
    unsigned loads = 0, window_loads = 0;
    unsigned stores = 0, window_stores = 0;         // results
    unsigned spills = 0;                            // with the accumulator's bits, for a later pass
    unsigned channel_loads = 0, channel_stores = 0; // one value a channel

    unsigned results = 1;        // words of each element that have the result's bits, not the accumulator's
    unsigned pipeline_fills = 1; // a tile
};

SimditVectorRecipe simdit_recipe(const SimditConfig& config, const SimditVector& work);

} // namespace systolica
