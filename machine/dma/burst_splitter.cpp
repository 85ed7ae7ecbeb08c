// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "machine/dma/burst_splitter.h"

#include <algorithm>

namespace systolica {

namespace {

struct Layout {
    std::uint64_t run_bytes = 0;
    unsigned dimensions = 0;
    std::array<std::uint32_t, 3> count{};
    std::array<std::uint64_t, 3> stride_bytes{};
};

// Drops dimensions that repeat once and joins those whose repetitions touch each other. run_bytes 0: nothing to move.
Layout coalesce(const DmaArguments& dma) {
    Layout layout;
    if (dma.bytes() == 0) {
        return layout;
    }
    layout.run_bytes = dma.run_bytes;
    for (std::size_t i = 0; i < dma.count.size(); ++i) {
        if (dma.count[i] == 1) {
            continue;
        }
        if (layout.dimensions == 0 && dma.stride_bytes[i] == layout.run_bytes) {
            layout.run_bytes *= dma.count[i];
            continue;
        }
        layout.count[layout.dimensions] = dma.count[i];
        layout.stride_bytes[layout.dimensions] = dma.stride_bytes[i];
        ++layout.dimensions;
    }
    return layout;
}

} // namespace

BurstSplitter::BurstSplitter(const DmaArguments& dma, std::uint32_t max_burst_bytes, std::uint32_t interleave_bytes)
    : max_burst_(max_burst_bytes), interleave_(interleave_bytes) {
    const Layout layout = coalesce(dma);
    run_bytes_ = layout.run_bytes;
    dimensions_ = layout.dimensions;
    for (unsigned i = 0; i < dimensions_; ++i) {
        outer_[i] = {layout.count[i], 0, layout.stride_bytes[i]};
    }
    start_run(dma.memory_address);
}

void BurstSplitter::start_run(std::uint64_t address) {
    run_address_ = address;
    address_ = address;
    left_ = run_bytes_;
    to_boundary_ = interleave_ - address % interleave_;
}

void BurstSplitter::next_run() {
    std::uint64_t address = run_address_;
    for (unsigned i = 0; i < dimensions_; ++i) {
        Dimension& dimension = outer_[i];
        address += dimension.stride_bytes;
        if (++dimension.index < dimension.count) {
            start_run(address);
            return;
        }
        address -= dimension.stride_bytes * dimension.count;
        dimension.index = 0;
    }
}

std::uint64_t count_bursts(const DmaArguments& dma, std::uint32_t max_burst_bytes, std::uint32_t interleave_bytes) {
    const Layout layout = coalesce(dma);
    if (layout.run_bytes == 0) {
        return 0;
    }
    const auto pieces = [&](std::uint64_t bytes) { return (bytes + max_burst_bytes - 1) / max_burst_bytes; };
    const auto run = [&](std::uint64_t address) {
        const std::uint64_t head = std::min(layout.run_bytes, interleave_bytes - address % interleave_bytes);
        const std::uint64_t rest = layout.run_bytes - head;
        return pieces(head) + rest / interleave_bytes * pieces(interleave_bytes) + pieces(rest % interleave_bytes);
    };
    // Missing dimensions have count 0 here: once round.
    const auto times = [&](std::size_t i) { return std::max(layout.count[i], 1U); };
    std::uint64_t bursts = 0;
    for (std::uint64_t i2 = 0; i2 < times(2); ++i2) {
        for (std::uint64_t i1 = 0; i1 < times(1); ++i1) {
            for (std::uint64_t i0 = 0; i0 < times(0); ++i0) {
                bursts += run(dma.memory_address + i0 * layout.stride_bytes[0] + i1 * layout.stride_bytes[1] +
                              i2 * layout.stride_bytes[2]);
            }
        }
    }
    return bursts;
}

} // namespace systolica
