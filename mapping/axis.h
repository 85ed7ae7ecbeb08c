// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// One spatial axis of a windowed operator: which input positions a range of output positions needs.
#pragma once

#include <cstdint>

namespace systolica {

struct Range {
    std::uint64_t begin = 0;
    std::uint64_t end = 0;

    std::uint64_t size() const { return end - begin; }
    bool empty() const { return end <= begin; }
};

// Positions of an axis: `groups` runs of `length`, `stride` apart, from `start`. One run unless windows leave gaps
// between them (stride larger than the kernel), which are not fetched.
struct Span {
    std::uint64_t start = 0;
    std::uint64_t groups = 1;
    std::uint64_t length = 0;
    std::uint64_t stride = 0;

    std::uint64_t count() const { return groups * length; }
};

struct Axis {
    std::uint64_t in = 1;
    std::uint64_t out = 1;
    std::uint64_t kernel = 1;
    std::uint64_t stride = 1;
    std::uint64_t dilation = 1;
    std::uint64_t pad_before = 0;

    std::uint64_t extent() const { return (kernel - 1) * dilation + 1; }
    bool has_gaps() const { return extent() < stride; }
    bool pointwise() const { return kernel == 1 && stride == 1 && pad_before == 0 && in == out; }

    // Input positions under the windows of these outputs, from the first to the last, clipped to the input.
    Range window(Range outputs) const;

    // The same without the gaps between windows.
    Span needed(Range outputs) const;
};

} // namespace systolica
