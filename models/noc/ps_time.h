// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// Simulated time as whole ps, between sc_time (resolution 1 ps, set by main) and the clocks of base/clock.h.
#pragma once

#include <cstdint>

#include <systemc>

namespace systolica::noc_time {

inline std::uint64_t now_ps() {
    return sc_core::sc_time_stamp().value();
}

inline std::uint64_t after(const sc_core::sc_time& delay) {
    return now_ps() + delay.value();
}

inline sc_core::sc_time until(std::uint64_t ps) {
    return sc_core::sc_time::from_value(ps - now_ps());
}

} // namespace systolica::noc_time
