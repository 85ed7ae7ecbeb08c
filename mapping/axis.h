// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// One spatial axis of a windowed operator: which input positions a range of output positions needs.
#pragma once

#include <cstdint>
#include <vector>

namespace systolica {

struct Range {
    std::uint64_t begin = 0;
    std::uint64_t end = 0;

    std::uint64_t size() const { return end - begin; }
    bool empty() const { return end <= begin; }
};

// Positions of an axis: `groups` runs of `length`, `stride` apart, from `start`. One run unless windows leave gaps
// between them (stride larger than the kernel), which are not fetched. Of the first and the last of several runs a part
// may be missing, where a window lies partly in the padding.
struct Span {
    std::uint64_t start = 0;
    std::uint64_t groups = 1;
    std::uint64_t length = 0;
    std::uint64_t stride = 0;
    std::uint64_t cut_front = 0; // of the first run; `start` is where it would begin uncut, modulo 2^64
    std::uint64_t cut_back = 0;  // of the last run

    std::uint64_t count() const { return groups * length - cut_front - cut_back; }
};

// The same positions as spans without cuts, in order: at most three.
std::vector<Span> regular_parts(const Span& span);

// `visit` gets each run of neighbours in `span`, a Range, in order.
template <typename Visit>
void for_runs(const Span& span, Visit visit) {
    for (const Span& part : regular_parts(span)) {
        for (std::uint64_t i = 0; i < part.groups; ++i) {
            visit(Range{part.start + i * part.stride, part.start + i * part.stride + part.length});
        }
    }
}

// How an axis is stretched or shrunk to another size: output o reads position o in / out (nearest), or the two around
// (o + 1/2) in / out - 1/2 (linear). An axis of one position stretched is `nearest`. `spread`: the adjoint of a window,
// inputs lie a stride apart among the outputs, output o reads those whose window (kernel, stride, pad) covers it.
enum class Scale : std::uint8_t { none, nearest, linear, spread };

struct Axis {
    std::uint64_t in = 1;
    std::uint64_t out = 1;
    std::uint64_t kernel = 1;
    std::uint64_t stride = 1;
    std::uint64_t dilation = 1;
    std::uint64_t pad_before = 0;
    Scale scale =
        Scale::none; // nearest, linear: a position for each in / out of an output; the window is not looked at

    std::uint64_t extent() const { return (kernel - 1) * dilation + 1; }
    bool has_gaps() const { return extent() < stride && scale == Scale::none; }
    bool pointwise() const {
        return kernel == 1 && stride == 1 && pad_before == 0 && in == out && scale == Scale::none;
    }

    // The most that so many outputs in a row need, wherever they are: in the middle, where nothing is clipped.
    std::uint64_t largest_window(std::uint64_t outputs) const {
        if (scale == Scale::spread) {
            return (outputs + extent() - 2) / stride + 1;
        }
        if (scale != Scale::none) {
            return ((outputs - 1) * in + out - 1) / out + (scale == Scale::linear ? 2 : 1);
        }
        return has_gaps() ? outputs * extent() : (outputs - 1) * stride + extent();
    }

    // Input positions under the windows of these outputs, from the first to the last, clipped to the input.
    Range window(Range outputs) const;

    // The same without the gaps between windows.
    Span needed(Range outputs) const;
};

} // namespace systolica
