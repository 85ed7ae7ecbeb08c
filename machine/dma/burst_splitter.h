// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// Cuts a DMA descriptor into bursts: at most max_burst_bytes long and never across a multiple of interleave_bytes, so
// that one memory channel serves a whole burst. Rows that lie next to each other in memory are one run. Bursts come in
// the order of the descriptor.
#pragma once

#include <array>
#include <cstdint>

#include "machine/commands/command.h"

namespace systolica {

struct Burst {
    std::uint64_t address = 0;
    std::uint32_t bytes = 0;
};

class BurstSplitter {
public:
    BurstSplitter() = default; // nothing to move
    BurstSplitter(const DmaArguments& dma, std::uint32_t max_burst_bytes, std::uint32_t interleave_bytes);

    bool done() const { return left_ == 0; }

    // Only while not done().
    Burst next() {
        std::uint64_t bytes = left_ < max_burst_ ? left_ : max_burst_;
        if (bytes > to_boundary_) {
            bytes = to_boundary_;
        }
        const Burst burst{address_, static_cast<std::uint32_t>(bytes)};
        address_ += bytes;
        left_ -= bytes;
        to_boundary_ -= bytes;
        if (to_boundary_ == 0) {
            to_boundary_ = interleave_;
        }
        if (left_ == 0) {
            next_run();
        }
        return burst;
    }

private:
    struct Dimension {
        std::uint32_t count = 1;
        std::uint32_t index = 0;
        std::uint64_t stride_bytes = 0;
    };

    void next_run();
    void start_run(std::uint64_t address);

    std::uint64_t address_ = 0;
    std::uint64_t left_ = 0;        // of the current run
    std::uint64_t to_boundary_ = 0; // from address_ to the next multiple of interleave_
    std::uint32_t max_burst_ = 0;
    std::uint32_t interleave_ = 0;
    std::uint64_t run_bytes_ = 0;
    std::uint64_t run_address_ = 0;
    std::array<Dimension, 3> outer_{};
    unsigned dimensions_ = 0;
};

// How many bursts a descriptor becomes. Costs a step a run, not a step a burst.
std::uint64_t count_bursts(const DmaArguments& dma, std::uint32_t max_burst_bytes, std::uint32_t interleave_bytes);

} // namespace systolica
