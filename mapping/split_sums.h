// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// Sums whose terms are split over tiles (Tiling::ways): neighbouring tiles make the same results from different input
// channels. The first of them, the owner, keeps its sums in its ofmap scratchpad, adds the bias and does what follows;
// the others send theirs there, block by block.
//
// Two events for each block and owner: `there` (the owner's own sums are in place, so that others can be added) and
// `sent` (one of the others has added its part). A count for all blocks would not do: one sender can be a block ahead.
#pragma once

#include <cstdint>
#include <vector>

#include "mapping/nest.h"
#include "mapping/plan.h"

namespace systolica {

// So many blocks of results a tile has at most: events are numbered, and the layers concerned are small.
constexpr std::uint64_t kMostSumBlocks = 64;

// Where output channels are too few for the tiles: divisions in which several tiles share the terms of the sums.
std::vector<Tiling> sums_splits(const Layer& layer, const ChipConfig& chip);

bool splits_evenly(const Layer& layer, std::uint64_t ways); // every one of `ways` tiles has terms, the first the most
Range terms_of(const Layer& layer, std::uint64_t ways, std::uint64_t member); // empty where the sums are not split

inline std::uint64_t terms_in(const Layer& layer, const Share& share) {
    return share.terms.empty() ? layer.in_group() : share.terms.size();
}

// Of one tile in the exchange.
struct SumsExchange {
    bool owner = true;         // also where nothing is exchanged
    std::uint32_t senders = 0; // 0: nothing is exchanged
    std::uint32_t owner_tile = 0;
    bool first_sender = false;
    std::uint32_t events = 0;      // the first one of this owner
    std::uint64_t own_ofmap = 0;   // bytes that went through the tile's ofmap scratchpad before this group,
    std::uint64_t owner_ofmap = 0; // and through the owner's

    std::uint32_t there(std::uint64_t block) const { return events + static_cast<std::uint32_t>(2 * block); }
    std::uint32_t sent(std::uint64_t block) const { return there(block) + 1; }
};

std::uint32_t sums_events(const Group& group); // numbers that the exchange of a group takes
SumsExchange sums_exchange(const Group& group, unsigned tile);

// How much went through the ofmap scratchpads of the tiles, group by group: where an owner's next sums will lie.
class OfmapRings {
public:
    explicit OfmapRings(const Plan& plan);

    SumsExchange exchange(const Group& group, unsigned tile) const;
    void pass(const Group& group);

private:
    const std::uint64_t element_bytes_;
    std::vector<std::uint64_t> bytes_; // by tile; none where no sums are exchanged
};

// What the exchange costs, of a share like this: at the owner's link, where the network adds on the way.
struct SumsCost {
    double flits = 0;       // into the owner, all blocks
    double cycles = 0;      // all blocks, one after the other
    double last_cycles = 0; // of the last block, which nothing hides
};

SumsCost sums_cost(const ChipConfig& chip, const Layer& layer, const Tiling& tiling, const Share& share);

} // namespace systolica
