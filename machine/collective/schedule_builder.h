// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// The algorithms one by one: each call adds the messages of one chunk.
#pragma once

#include <cstdint>
#include <vector>

#include "machine/collective/schedule.h"

namespace systolica {

// Bytes of share `which` of `shares`; the first ones are a byte longer where they do not come out even.
constexpr std::uint64_t share_bytes(std::uint64_t bytes, std::uint64_t shares, std::uint64_t which) {
    return bytes / shares + (which < bytes % shares ? 1 : 0);
}

// A tree over p places as the parent of each; the root is its own.
using PlaceTree = std::vector<unsigned>;

// Two trees of depth ceil(log2 p). With 4, 8, 16, ... places no two chips are neighbours in both, so that their
// messages never meet on a link of topology `full`.
PlaceTree first_binary_tree(unsigned places);
PlaceTree second_binary_tree(unsigned places);

class ScheduleBuilder {
public:
    ScheduleBuilder(const ChipNetwork& network, CollectiveOp op);

    void add_ring(std::uint64_t bytes);
    void add_two_rings(std::uint64_t bytes); // half of the bytes each way
    void add_halving_doubling(std::uint64_t bytes);
    void add_binomial(std::uint64_t bytes);
    void add_double_binary(std::uint64_t bytes);
    void add_direct(std::uint64_t bytes);
    void add_hierarchical(std::uint64_t bytes);

    CollectiveSchedule take() { return std::move(schedule_); }

private:
    using Chips = std::vector<unsigned>;
    using Waits = std::vector<std::vector<std::uint32_t>>; // by chip: what its next message waits for

    std::uint32_t send(unsigned from, unsigned to, std::uint64_t bytes, bool reduces, std::vector<std::uint32_t> after,
                       unsigned side = 0);

    // One phase around a ring: every chip p - 1 times passes a share on. Chips wait for what `waits` says, which then
    // says what came last.
    void ring_phase(const Chips& ring, std::uint64_t bytes, bool reduces, unsigned side, Waits& waits);
    void ring_exchange(const Chips& ring, std::uint64_t bytes, unsigned side);
    void ring_all_to_all(const Chips& ring, std::uint64_t bytes);
    void ring_chain(const Chips& chain, std::uint64_t bytes, unsigned side);
    void grid_phase(bool along_rows, std::uint64_t bytes, bool reduces, Waits& waits);
    void direct_phase(std::uint64_t bytes, bool reduces, Waits& waits);
    void add_tree(const PlaceTree& tree, std::uint64_t bytes);

    bool reduces_first() const { return op_ == CollectiveOp::all_reduce || op_ == CollectiveOp::reduce_scatter; }
    bool gathers_last() const { return op_ == CollectiveOp::all_reduce || op_ == CollectiveOp::all_gather; }

    const ChipNetwork& network_;
    const CollectiveOp op_;
    const unsigned chips_;
    CollectiveSchedule schedule_;
};

} // namespace systolica
