// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// Loads that several tiles have in common, for multicast: weights where tiles differ in rows or images, inputs where
// they differ in output channels. Every tile walks the same nest, so each makes these loads in the same order, but one
// with a smaller share may load a piece less often than another: a load of a piece belongs to a round (the first, the
// second, .. time), and its sharers are the tiles that come to that round.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "mapping/layer.h"
#include "mapping/tiling.h"

namespace systolica {

class SharedLoads {
public:
    SharedLoads() = default; // nothing is shared
    // By tile: how often it loads each piece, 0 without work; the kind of its pieces, which tiles of one kind share.
    SharedLoads(std::vector<std::uint64_t> rounds, std::vector<std::uint64_t> kinds)
        : rounds_(std::move(rounds)), kinds_(std::move(kinds)) {}

    bool any() const { return !rounds_.empty(); }
    std::uint64_t sharers(std::uint64_t tile, std::uint64_t round) const; // with `tile` itself, which comes to it
    bool follows(std::uint64_t tile, std::uint64_t round) const;          // a tile before this one shares it, too

private:
    std::uint64_t sharers_before(std::uint64_t end, std::uint64_t kind, std::uint64_t round) const;

    std::vector<std::uint64_t> rounds_;
    std::vector<std::uint64_t> kinds_;
};

struct LoadShare { // of a command, as in DmaArguments
    std::uint16_t sharers = 0;
    bool follows = false;
};

struct Sharing {
    SharedLoads input;
    SharedLoads filter;    // weights, or the second factor
    SharedLoads constants; // of channels
};

// What tiles can share: a split by this says which of their loads are the same.
bool shares_input(const Layer& layer, Split split);
bool shares_filter(const Layer& layer, Split split);

Sharing sharing_of(const Layer& layer, const Tiling& tiling, const std::vector<Share>& shares);

} // namespace systolica
