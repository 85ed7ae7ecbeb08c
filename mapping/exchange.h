// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// Handing a result on without memory: the result of a group stays in the ifmap scratchpads of the tiles that made it,
// and each tile fetches what its part of the next group needs beside its own, the halo or more, from the others'.
//
// Protocol, on the sync board, two events a tile: a tile posts its `made` event when all its results are in its pad;
// who needs some of them waits for it before the first load. A tile posts the `read` event of the other when its last
// load from it is done; the other waits for all of them before it gives the room back, with its last matrix command of
// the next group. No tile waits for a command of a later group, so nothing waits in a circle.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "machine/tile_config.h"
#include "mapping/layer.h"
#include "mapping/tensor_layout.h"
#include "mapping/tiling.h"

namespace systolica {

// What a tile fetches from another: a box of that one's results, which lie in its pad as a tensor of their own.
struct ExchangePiece {
    unsigned from = 0;
    Box box;
    std::uint16_t sharers = 0; // tiles that fetch this very box; 0: this one alone
    bool follows = false;
};

struct Exchange {
    std::uint32_t made_event = 0; // of tile 0; those of the others follow. 0: nothing is exchanged
    std::uint32_t read_event = 0;
    std::vector<std::vector<ExchangePiece>> pieces; // by tile that fetches, in the order of `from`
    std::vector<std::uint32_t> readers;             // by tile: how many others fetch from it

    std::uint64_t elements(unsigned tile) const; // that it fetches
};

// The side that made the results.
struct MadeResults {
    const Layer& layer;
    const Tiling& tiling;
    const std::vector<Share>& shares;

    std::uint64_t elements(unsigned tile) const;
    TensorLayout layout(unsigned tile, std::uint64_t element_bytes) const; // in its pad, based there
};

// What `shares` of `layer` need of the results that are not their own. None when the results do not match the input, a
// tile has made some but takes no part afterwards, or own and fetched parts do not fit a scratchpad of so many
// elements.
std::optional<Exchange> plan_exchange(const MadeResults& made, const Layer& layer, const std::vector<Share>& shares,
                                      bool share_loads, std::uint64_t capacity_elements);

// Cycles from the end of the results to the last fetched byte, by the links of the tile that fetches most and of the
// one that is fetched most from.
double exchange_cycles(const Exchange& exchange, const ChipConfig& chip, std::uint64_t element_bytes);

} // namespace systolica
