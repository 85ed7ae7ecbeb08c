// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// What a tiling costs: whether it fits, how long it should take, what it moves. The time of the array and the vector
// unit comes from the timing cores that the modules run; memory and network are bandwidths with a declared efficiency.
#pragma once

#include <array>
#include <cstdint>
#include <limits>
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

// The needs of one tiling: a few, without an allocation, because searches ask for them by the ten thousand.
class PadNeeds {
public:
    void add(const PadNeed& need) { list_[count_++] = need; }
    std::size_t size() const { return count_; }
    const PadNeed& operator[](std::size_t index) const { return list_[index]; }
    const PadNeed* begin() const { return list_.data(); }
    const PadNeed* end() const { return list_.data() + count_; }

private:
    std::array<PadNeed, 5> list_{};
    std::size_t count_ = 0;
};

// What an estimate needs to know of the shares of all tiles.
struct Spread {
    Share largest;
    std::uint64_t active = 0; // tiles with work
};

Spread spread_of(const std::vector<Share>& shares);

struct Cost {
    bool feasible = false;
    double cycles = 0;               // estimate
    std::uint64_t matrix_cycles = 0; // array, largest share
    std::uint64_t vector_cycles = 0; // vector unit, largest share
    std::uint64_t traffic_bytes = 0; // DRAM payload, all tiles
    std::uint64_t footprint_bytes = 0;
    std::uint64_t steps = 0;
    double requests = 0; // bursts of a tile; zero unless the model counts them
};

// What of a layer stays in the ifmap scratchpad instead of going through DRAM.
struct Kept {
    bool input = false;  // the producer left the input there, each tile has what it needs
    bool output = false; // the output is left there and nobody needs it in DRAM
};

class CostModel {
public:
    CostModel(const ChipConfig& chip, bool overlap, bool count_requests = false, bool share_loads = false)
        : chip_(chip), overlap_(overlap), count_requests_(count_requests), share_loads_(share_loads) {}

    // The shares of all tiles under a tiling; empty ones for tiles without work.
    std::vector<Share> shares(const Layer& layer, const Tiling& tiling) const;

    PadNeeds pad_needs(const Layer& layer, const Tiling& tiling, const Share& share, const Kept& kept = {}) const;
    Cost evaluate(const Layer& layer, const Tiling& tiling, const Kept& kept = {}) const {
        return evaluate(layer, tiling, spread_of(shares(layer, tiling)), kept);
    }
    // Of shares that are known already; a tiling that takes longer than `limit` may be called infeasible.
    Cost evaluate(const Layer& layer, const Tiling& tiling, const Spread& spread, const Kept& kept,
                  double limit = std::numeric_limits<double>::infinity()) const;
    double memory_cycles(double bytes) const; // at the declared efficiency

private:
    const ChipConfig& chip_;
    bool overlap_;
    bool count_requests_;
    bool share_loads_;
};

} // namespace systolica
