// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "base/clock.h"

#include <cmath>
#include <stdexcept>

namespace systolica {

namespace {

constexpr std::uint64_t kPsTimesKhz = 1'000'000'000; // 1 kHz has a period of 1e9 ps

} // namespace

Clock::Clock(std::uint64_t frequency_khz) : khz_(frequency_khz) {
    if (khz_ == 0 || khz_ > kPsTimesKhz) {
        throw std::invalid_argument("clock frequency must be between 1 kHz and 1 THz");
    }
    if (kPsTimesKhz % khz_ == 0) {
        whole_ps_ = kPsTimesKhz / khz_;
    }
}

Clock Clock::from_mhz(double frequency_mhz) {
    return Clock(static_cast<std::uint64_t>(std::llround(frequency_mhz * 1000.0)));
}

// Split into whole seconds-like chunks so that the product stays within 64 bits: edges per kPsTimesKhz ps are khz_.
std::uint64_t Clock::edge_ps(std::uint64_t edge) const {
    if (whole_ps_ != 0) {
        return edge * whole_ps_;
    }
    const std::uint64_t chunks = edge / khz_;
    const std::uint64_t rest = edge % khz_;
    return chunks * kPsTimesKhz + (2 * rest * kPsTimesKhz + khz_) / (2 * khz_);
}

std::uint64_t Clock::edge_at_or_before(std::uint64_t ps) const {
    if (whole_ps_ != 0) {
        return ps / whole_ps_;
    }
    const std::uint64_t chunks = ps / kPsTimesKhz;
    std::uint64_t edge = chunks * khz_ + (ps % kPsTimesKhz) * khz_ / kPsTimesKhz;
    // Rounding to the nearest ps may put the following edge on ps as well.
    while (edge_ps(edge + 1) <= ps) {
        ++edge;
    }
    while (edge > 0 && edge_ps(edge) > ps) {
        --edge;
    }
    return edge;
}

std::uint64_t Clock::edge_at_or_after(std::uint64_t ps) const {
    const std::uint64_t edge = edge_at_or_before(ps);
    return edge_ps(edge) == ps ? edge : edge + 1;
}

} // namespace systolica
