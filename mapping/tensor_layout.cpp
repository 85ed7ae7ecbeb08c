// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "mapping/tensor_layout.h"

#include <algorithm>
#include <array>
#include <limits>

namespace systolica {

namespace {

constexpr std::uint64_t kMost32 = std::numeric_limits<std::uint32_t>::max();

struct Repeat {
    std::uint64_t count;
    std::uint64_t stride;
};

// Emits run_bytes at `address`, repeated over `repeats` (innermost first): neighbours that touch are merged, what does
// not fit three 32-bit dimensions becomes several descriptors.
void emit(std::uint64_t address, std::uint64_t run_bytes, const std::vector<Repeat>& repeats,
          std::vector<DmaArguments>& transfers) {
    std::vector<Repeat> dims;
    for (const Repeat& repeat : repeats) {
        if (repeat.count == 1) {
            continue;
        }
        if (dims.empty() && repeat.stride == run_bytes && run_bytes * repeat.count <= kMost32) {
            run_bytes *= repeat.count;
        } else if (!dims.empty() && repeat.stride == dims.back().count * dims.back().stride) {
            dims.back().count *= repeat.count;
        } else {
            dims.push_back(repeat);
        }
    }
    const bool fits = dims.size() <= 3 && std::all_of(dims.begin(), dims.end(), [](const Repeat& dim) {
                          return dim.count <= kMost32 && dim.stride <= kMost32;
                      });
    if (!fits) {
        const Repeat outer = dims.back();
        dims.pop_back();
        for (std::uint64_t i = 0; i < outer.count; ++i) {
            emit(address + i * outer.stride, run_bytes, dims, transfers);
        }
        return;
    }
    DmaArguments transfer;
    transfer.memory_address = address;
    transfer.run_bytes = static_cast<std::uint32_t>(run_bytes);
    for (std::size_t i = 0; i < dims.size(); ++i) {
        transfer.count[i] = static_cast<std::uint32_t>(dims[i].count);
        transfer.stride_bytes[i] = static_cast<std::uint32_t>(dims[i].stride);
    }
    transfers.push_back(transfer);
}

// Calls visit(first_channel, block_channels, blocks, part) for runs of equal blocks that the range covers wholly, and
// for blocks that it covers in part.
template <typename Visit>
void for_blocks(const TensorLayout& layout, Range channels, Visit visit) {
    const auto& bounds = layout.boundaries;
    std::size_t b = 0;
    while (b + 1 < bounds.size() && bounds[b + 1] <= channels.begin) {
        ++b;
    }
    while (b + 1 < bounds.size() && bounds[b] < channels.end) {
        const std::uint64_t size = bounds[b + 1] - bounds[b];
        const Range part{std::max(bounds[b], channels.begin), std::min(bounds[b + 1], channels.end)};
        std::size_t next = b + 1;
        if (part.size() == size) {
            while (next + 1 < bounds.size() && bounds[next + 1] <= channels.end &&
                   bounds[next + 1] - bounds[next] == size) {
                ++next;
            }
        }
        visit(bounds[b], size, next - b, part);
        b = next;
    }
}

// A box whose spans have no cuts.
void append_regular(const TensorLayout& layout, const Box& box, std::vector<DmaArguments>& transfers) {
    const std::uint64_t e = layout.element_bytes;
    for_blocks(
        layout, box.channels, [&](std::uint64_t first, std::uint64_t block, std::uint64_t blocks, const Range& part) {
            const std::uint64_t pixel = block * e;
            const std::uint64_t row = layout.width * pixel;
            const std::uint64_t plane = layout.rows * row;
            const std::uint64_t address = layout.base + first * layout.rows * layout.width * e + box.rows.start * row +
                                          box.columns.start * pixel + (part.begin - first) * e;
            emit(address, part.size() * e,
                 {{box.columns.length, pixel},
                  {box.columns.groups, box.columns.stride * pixel},
                  {box.rows.length, row},
                  {box.rows.groups, box.rows.stride * row},
                  {blocks, plane}},
                 transfers);
        });
}

} // namespace

TensorLayout TensorLayout::flattened(std::uint64_t height) const {
    TensorLayout flat = *this;
    flat.rows = rows / height;
    flat.width = 1;
    for (std::uint64_t& boundary : flat.boundaries) {
        boundary *= height * width;
    }
    return flat;
}

void append_transfers(const TensorLayout& layout, const Box& box, std::vector<DmaArguments>& transfers) {
    if (box.elements() == 0) {
        return;
    }
    for (const Span& rows : regular_parts(box.rows)) {
        for (const Span& columns : regular_parts(box.columns)) {
            append_regular(layout, {rows, columns, box.channels}, transfers);
        }
    }
}

} // namespace systolica
