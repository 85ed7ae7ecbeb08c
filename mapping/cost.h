// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// What a tiling costs: whether it fits, how long it should take, what it moves. The time of the array and the vector
// unit comes from the timing cores that the modules run; memory and network are bandwidths with a declared efficiency.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "mapping/layer.h"
#include "mapping/tiling.h"

namespace systolica {

// How much of a scratchpad a tiling needs. Needs of the vector pad are of one half (operands, results).
struct PadNeed {
    std::uint64_t needed_bytes = 0;  // to make progress at all
    std::uint64_t overlap_bytes = 0; // to load the next block while this one is worked on
    std::uint64_t capacity_bytes = 0;
    const char* name = "";

    bool fits() const { return needed_bytes <= capacity_bytes; }
    bool overlaps() const { return overlap_bytes <= capacity_bytes; }
};

struct Cost {
    bool feasible = false;
    double cycles = 0;               // estimate
    std::uint64_t matrix_cycles = 0; // array, largest share
    std::uint64_t vector_cycles = 0; // vector unit, largest share
    std::uint64_t traffic_bytes = 0; // DRAM payload, all tiles
    std::uint64_t footprint_bytes = 0;
    std::uint64_t steps = 0;
};

// What of a layer stays in the ifmap scratchpad instead of going through DRAM.
struct Kept {
    bool input = false;  // the producer left the input there, each tile has what it needs
    bool output = false; // the output is left there and nobody needs it in DRAM
};

class CostModel {
public:
    CostModel(const ChipConfig& chip, bool overlap) : chip_(chip), overlap_(overlap) {}

    // The shares of all tiles under a tiling; empty ones for tiles without work.
    std::vector<Share> shares(const Layer& layer, const Tiling& tiling) const;

    std::vector<PadNeed> pad_needs(const Layer& layer, const Tiling& tiling, const Share& share,
                                   const Kept& kept = {}) const;
    Cost evaluate(const Layer& layer, const Tiling& tiling, const Kept& kept = {}) const;
    double memory_cycles(double bytes) const; // at the declared efficiency

private:
    const ChipConfig& chip_;
    bool overlap_;
};

} // namespace systolica
