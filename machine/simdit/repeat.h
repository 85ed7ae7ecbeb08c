// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// SimDIT divides what there is by what a tile takes and counts with the quotient, 4.57 tiles say. A list of steps has
// the whole ones as they are, and for the fraction one step more in which everything is scaled.
#pragma once

#include <cmath>
#include <cstdint>
#include <vector>

namespace systolica {

// Fractions below this are rounding errors of a quotient.
constexpr double kSimditNoTile = 1e-6;

constexpr double simdit_tiles(std::uint64_t whole, std::uint64_t tile) {
    return static_cast<double>(whole) / static_cast<double>(tile);
}

inline std::uint64_t simdit_scaled(std::uint64_t amount, double fraction) {
    return static_cast<std::uint64_t>(std::ceil(static_cast<double>(amount) * fraction - kSimditNoTile));
}

// Adds `step` so many times; Step has `times` and `scaled(fraction)`.
template <typename Step>
void repeat(std::vector<Step>& steps, Step step, double times) {
    const double whole = std::floor(times + kSimditNoTile);
    if (whole > 0) {
        step.times = static_cast<std::uint64_t>(whole);
        steps.push_back(step);
    }
    if (times - whole > kSimditNoTile) {
        steps.push_back(step.scaled(times - whole));
        steps.back().times = 1;
    }
}

} // namespace systolica
