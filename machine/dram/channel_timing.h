// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// Device state of one channel: open rows of all ranks, and for every command the earliest time the device rules allow
// it. The CA bus is CommandBus's matter. Times given to the commands must be legal; they never go back for one bank.
// Banks count over the channel: rank * banks of a rank + bank group * banks of a group + bank.
#pragma once

#include <array>
#include <vector>

#include "machine/dram/counters.h"
#include "machine/dram/timings.h"

namespace systolica {

class ChannelTiming {
public:
    static constexpr std::uint64_t kClosed = ~std::uint64_t{0};

    ChannelTiming(const DramPart& part, unsigned ranks);

    const DramTimings& timings() const { return t_; }
    unsigned banks() const { return static_cast<unsigned>(banks_.size()); }
    unsigned ranks() const { return static_cast<unsigned>(ranks_.size()); }
    unsigned banks_of_rank() const { return banks_of_rank_; }
    unsigned banks_of_group() const { return banks_of_group_; }
    unsigned rank_of(unsigned bank) const { return bank / banks_of_rank_; }
    unsigned group_of(unsigned bank) const { return bank / banks_of_group_; } // over the channel
    std::uint64_t open_row(unsigned bank) const { return banks_[bank].row; }
    bool any_row_open(unsigned rank) const { return ranks_[rank].open != 0; }
    bool unused(unsigned bank) const { return banks_[bank].fresh; }      // no column command since its ACT
    Ck last_used(unsigned bank) const { return banks_[bank].last_used; } // by ACT or a column command

    Ck activate_at(unsigned bank) const {
        const Rank& rank = ranks_[rank_of(bank)];
        return std::max({banks_[bank].activate_at, rank.activate_at, rank.faw_at[rank.faw_oldest]});
    }
    Ck precharge_at(unsigned bank) const {
        return std::max(banks_[bank].precharge_at, ranks_[rank_of(bank)].precharge_at);
    }
    Ck column_at(unsigned bank, bool write) const {
        const Rank& rank = ranks_[rank_of(bank)];
        const Ck near = near_at_[group_of(bank)][write];
        return std::max({banks_[bank].column_at, rank.column_at[write], near, other_rank_at(rank_of(bank), write)});
    }
    Ck masked_write_at(unsigned bank) const { return std::max(column_at(bank, true), banks_[bank].masked_at); }
    // The data pins and their turnaround alone: no column command of any bank is earlier.
    Ck bus_at(bool write) const;
    Ck precharge_all_at(unsigned rank) const; // all open banks of the rank may be closed
    Ck refresh_all_at(unsigned rank) const;   // its banks have been closed for long enough
    Ck refresh_bank_at(unsigned bank) const;
    Ck quiet_at(unsigned rank) const; // power-down may be entered: data and write recovery have ended
    // WCK has stopped when a column command comes at that time: a CAS must start it.
    bool wck_stopped(unsigned rank, Ck at) const { return t_.lpddr5 && at >= ranks_[rank].wck_off_at; }

    void activate(unsigned bank, std::uint64_t row, Ck at);
    void precharge(unsigned bank, Ck at);
    void precharge_all(unsigned rank, Ck at);
    void refresh_all(unsigned rank, Ck at);
    void refresh_bank(unsigned bank, Ck at); // LPDDR5: and its pair
    // Power-down or self-refresh has been left: no command to the rank before `at`.
    void wake(unsigned rank, Ck at);

    struct Columns {
        bool write = false;
        bool masked = false;
        bool auto_precharge = false; // of the last one
        unsigned count = 1;
        Ck first = 0; // the others follow at gap_near, masked ones at masked_gap
    };
    // Returns the end of the last data beat. `hits` is raised by the commands that did not need an ACT of their own.
    Ck columns(unsigned bank, const Columns& train, std::uint64_t& hits);
    Ck gap(const Columns& train) const { return train.masked ? t_.masked_gap : t_.gap_near; }

    const DramBankCounters& bank_counters(unsigned bank) const { return banks_[bank].counters; }
    // Clocks up to `now` in which a rank had a row open, summed over the ranks.
    Ck open_clocks(Ck now) const;
    Ck open_clocks(unsigned bank, Ck now) const;

private:
    struct Bank {
        std::uint64_t row = kClosed;
        Ck activate_at = 0, precharge_at = 0, column_at = 0, masked_at = 0;
        Ck opened = 0, last_used = 0;
        bool fresh = false; // no column command since ACT
        DramBankCounters counters;
    };
    struct Rank {
        unsigned open = 0; // rows
        Ck activate_at = 0, precharge_at = 0, refresh_at = 0;
        std::array<Ck, 2> column_at{}; // next RD, next WR, of any group
        std::array<Ck, 4> faw_at{};    // the last four ACT, each plus tFAW
        unsigned faw_oldest = 0;
        Ck quiet_at = 0;
        Ck wck_off_at = 0;
        Ck opened = 0, open_clocks = 0;
    };

    void close(Bank& bank, Rank& rank, Ck at);
    Ck other_rank_at(unsigned rank, bool write) const {
        if (rank == data_rank_) {
            return 0;
        }
        const Ck free = data_free_at_ + t_.rank_gap;
        return free - std::min(free, t_.latency(write));
    }

    DramTimings t_;
    unsigned banks_of_rank_, banks_of_group_, banks_of_refresh_;
    std::vector<Bank> banks_;
    std::vector<Rank> ranks_;
    std::vector<std::array<Ck, 2>> near_at_; // by bank group: next RD, next WR
    unsigned data_rank_ = 0;                 // that used the data pins last
    Ck data_free_at_ = 0;
};

} // namespace systolica
