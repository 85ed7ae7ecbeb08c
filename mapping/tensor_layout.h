// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// Where a tensor lies in memory. Channels are stored in blocks, blocks outermost; within a block rows of all images
// follow each other, pixels in a row, the channels of the block in a pixel (NHWC within a block). One block is plain
// NHWC. A producer that makes its output in slices of channels stores each slice as a block, so that its stores are
// contiguous.
#pragma once

#include <cstdint>
#include <vector>

#include "machine/commands/command.h"
#include "mapping/axis.h"

namespace systolica {

struct TensorLayout {
    std::uint64_t base = 0;
    std::uint64_t rows = 1; // of all images
    std::uint64_t width = 1;
    std::uint64_t element_bytes = 1;
    std::vector<std::uint64_t> boundaries{0, 1}; // first channel of each block, and the number of channels

    std::uint64_t channels() const { return boundaries.back(); }
    std::uint64_t bytes() const { return rows * width * channels() * element_bytes; }

    // The same bytes with `height` rows and all columns of a row seen as channels of one pixel (flatten).
    TensorLayout flattened(std::uint64_t height) const;
};

// The part of a tensor that a transfer moves. Rows count over all images.
struct Box {
    Span rows;
    Span columns;
    Range channels;

    std::uint64_t elements() const { return rows.count() * columns.count() * channels.size(); }
};

// Appends the descriptors that move a box, pad fields left at zero. Their bytes add up to the box's.
void append_transfers(const TensorLayout& layout, const Box& box, std::vector<DmaArguments>& transfers);

} // namespace systolica
