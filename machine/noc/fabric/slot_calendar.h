// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// Which cycles of a port are taken, in a window of 64 cycles that moves with time.
#pragma once

#include <cstdint>

namespace systolica {

class SlotCalendar {
public:
    static constexpr unsigned kWindow = 64;

    // Cycles before `now` are over. Bit i: cycle now + i is taken.
    std::uint64_t taken(std::uint64_t now) {
        const std::uint64_t passed = now - base_;
        bits_ = passed < kWindow ? bits_ >> passed : 0;
        base_ = now;
        return bits_;
    }

    // `cycle` lies in the window of the last taken().
    void take(std::uint64_t cycle) { bits_ |= std::uint64_t{1} << (cycle - base_); }
    void take_all(std::uint64_t bits) { bits_ |= bits; } // as taken() gives them

private:
    std::uint64_t base_ = 0;
    std::uint64_t bits_ = 0;
};

} // namespace systolica
