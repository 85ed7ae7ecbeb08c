// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// FR-FCFS with reads and writes in groups, because every turn of the data bus leaves it idle (about 50 CK for read,
// write and back on LPDDR4-3200). Reads go first; writes are served when more than the high mark of them wait, when the
// oldest is overdue, or when no read waits, and until no more than the low mark are left while reads wait. A request
// for which a row has been opened does not count as waiting: it is served in either group. With bounded groups, a group
// of writes ends, down to the low mark, with those that waited when it began, and one of reads does not end before
// those. Without, a stream that keeps the write queue full shuts the reads out.
#pragma once

#include "machine/dram/fr_fcfs_scheduler.h"

namespace systolica {

class GroupedScheduler : public Scheduler {
public:
    explicit GroupedScheduler(const DramConfig& config);

    CommandChoice choose(const ChannelState& state, Ck now) override;

private:
    void turn(const ChannelState& state, Ck now);

    BankOffers offers_;
    bool bounded_;
    std::size_t high_, low_; // writes waiting
    bool writing_ = false;
    std::array<std::uint64_t, 2> until_{}; // so many of each kind must have left the queue before its group ends
};

} // namespace systolica
