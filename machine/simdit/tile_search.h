// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// How SimDIT shrinks and grows the extents of a tile. `fits` says whether a candidate does; the last one tried is
// always taken, configurations without shortage (config.h) hold it.
#pragma once

#include "base/integer.h"

#include <algorithm>
#include <cstdint>

namespace systolica {

struct SimditExtent {
    std::uint64_t h = 1, w = 1;
};

inline SimditExtent divided(const SimditExtent& whole, std::uint64_t by) {
    return {ceil_div(whole.h, by), ceil_div(whole.w, by)};
}

// Both sides rounded up, divided by 1, 2, 3, ...
template <typename Fits>
SimditExtent largest_part(const SimditExtent& whole, const Fits& fits) {
    const std::uint64_t most = std::max(whole.h, whole.w);
    std::uint64_t by = 1;
    while (by < most && !fits(divided(whole, by))) {
        ++by;
    }
    return divided(whole, by);
}

// As before, but only divisors of both sides. Sides of different length may have none that fits, which SimDIT's square
// tensors never meet; they are rounded up.
template <typename Fits>
SimditExtent largest_even_part(const SimditExtent& whole, const Fits& fits) {
    const std::uint64_t least = std::min(whole.h, whole.w);
    for (std::uint64_t by = 1; by <= least; ++by) {
        if (whole.h % by == 0 && whole.w % by == 0 && fits(divided(whole, by))) {
            return divided(whole, by);
        }
    }
    return largest_part(whole, fits);
}

template <typename Fits>
std::uint64_t largest_divisor(std::uint64_t whole, const Fits& fits) {
    std::uint64_t by = 1;
    while (by < whole && (whole % by != 0 || !fits(whole / by))) {
        ++by;
    }
    return whole / by;
}

// Largest multiple of `unit` up to `most` that fits, at least one unit; fits for one holds for less.
template <typename Fits>
std::uint64_t largest_multiple(std::uint64_t unit, std::uint64_t most, const Fits& fits) {
    std::uint64_t units = 1;
    for (std::uint64_t step = most / unit / 2 + 1; step > 0; step /= 2) { // binary steps
        while ((units + step) * unit <= most && fits((units + step) * unit)) {
            units += step;
        }
    }
    return units * unit;
}

inline std::uint64_t padded(std::uint64_t channels, std::uint64_t unit) {
    return ceil_div(channels, unit) * unit;
}

} // namespace systolica
