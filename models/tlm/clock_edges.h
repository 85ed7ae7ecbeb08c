// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// Simulated time as edges of a clock, for modules that decide on edges. Needs a time resolution of 1 ps.
#pragma once

#include <cstdint>

#include <systemc>

#include "base/clock.h"

namespace systolica {

inline std::uint64_t now_ps() {
    return sc_core::sc_time_stamp().value();
}

// From now to a time that has not passed.
inline sc_core::sc_time until_ps(std::uint64_t ps) {
    return sc_core::sc_time::from_value(ps - now_ps());
}

class ClockEdges {
public:
    explicit ClockEdges(const Clock& clock) : clock_(clock) {}

    // The first edge that is not before now (before now + delay).
    std::uint64_t cycle() const { return clock_.edge_at_or_after(now_ps()); }
    std::uint64_t cycle_after(const sc_core::sc_time& delay) const {
        return clock_.edge_at_or_after(now_ps() + delay.value());
    }

    // From now to an edge; zero if the edge has passed.
    sc_core::sc_time until(std::uint64_t cycle) const {
        const std::uint64_t edge = clock_.edge_ps(cycle);
        const std::uint64_t now = now_ps();
        return sc_core::sc_time::from_value(edge > now ? edge - now : 0);
    }

private:
    Clock clock_;
};

} // namespace systolica
