// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// A clock as integer edge counts. The time of edge n is round(n * 1e6 / f_MHz) ps, computed from n each time and
// never a sum of rounded periods, so that clocks of unrelated frequencies do not drift.
#pragma once

#include <cstdint>

namespace systolica {

class Clock {
public:
    explicit Clock(std::uint64_t frequency_khz);
    static Clock from_mhz(double frequency_mhz); // rounded to 1 kHz

    std::uint64_t frequency_khz() const { return khz_; }
    double frequency_mhz() const { return static_cast<double>(khz_) / 1000.0; }

    std::uint64_t edge_ps(std::uint64_t edge) const;         // time of an edge
    std::uint64_t edge_at_or_after(std::uint64_t ps) const;  // first edge not earlier than ps
    std::uint64_t edge_at_or_before(std::uint64_t ps) const; // last edge not later than ps

private:
    std::uint64_t khz_;
    std::uint64_t whole_ps_ = 0; // the period when it is a whole number of ps: the fast path
};

} // namespace systolica
