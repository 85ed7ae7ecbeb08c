// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// Device state of one channel (one rank): open rows, and for every command the earliest time the device rules allow it.
// The CA bus is CommandBus's matter. Times given to the commands must be legal; they never go back for one bank.
#pragma once

#include <array>
#include <vector>

#include "machine/dram/timings.h"

namespace systolica {

class ChannelTiming {
public:
    static constexpr std::uint64_t kClosed = ~std::uint64_t{0};

    explicit ChannelTiming(const DramPart& part);

    const DramTimings& timings() const { return t_; }
    unsigned banks() const { return static_cast<unsigned>(banks_.size()); }
    std::uint64_t open_row(unsigned bank) const { return banks_[bank].row; }
    bool any_row_open() const;

    Ck activate_at(unsigned bank) const { return std::max({banks_[bank].activate_at, rrd_at_, faw_at_[faw_oldest_]}); }
    Ck precharge_at(unsigned bank) const { return std::max(banks_[bank].precharge_at, ppd_at_); }
    Ck column_at(unsigned bank, bool write) const { return std::max(banks_[bank].column_at, bus_at_[write]); }
    Ck bus_at(bool write) const { return bus_at_[write]; } // the data bus and its turnaround alone
    Ck precharge_all_at() const;                           // all open banks may be closed
    Ck refresh_at() const;                                 // all banks closed for long enough

    void activate(unsigned bank, std::uint64_t row, Ck at);
    void precharge(unsigned bank, Ck at);
    void precharge_all(Ck at);
    void refresh(Ck at);

    // A train of column commands, the first at `first`, column_gap apart. Returns the end of the last data beat.
    // `hits` is raised by the commands that did not need an ACT of their own.
    Ck columns(unsigned bank, bool write, unsigned count, Ck first, std::uint64_t& hits);

private:
    struct Bank {
        std::uint64_t row = kClosed;
        Ck activate_at = 0, precharge_at = 0, column_at = 0;
        bool fresh = false; // no column command since ACT
    };

    DramTimings t_;
    std::vector<Bank> banks_;
    std::array<Ck, 2> bus_at_{}; // next RD, next WR
    Ck rrd_at_ = 0, ppd_at_ = 0;
    std::array<Ck, 4> faw_at_{}; // the last four ACT, each plus tFAW
    unsigned faw_oldest_ = 0;
};

} // namespace systolica
