// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// Reads and writes take turns on the data bus in groups, because every turn leaves it idle (about 50 CK for read, write
// and back on LPDDR4-3200). Reads go first; writes are served when no read waits, when their queue fills to the high
// mark, or when the oldest has waited too long. A group that the other kind waits for lasts kGroupClocks, less when few
// of its own are left while the other queue is full, or when it began only for want of reads.
#pragma once

#include "machine/dram/scheduler.h"

namespace systolica {

class BusGrouping {
public:
    static constexpr Ck kGroupClocks = 1024;
    static constexpr Ck kWriteWaitClocks = 1024;  // a write older than this ends the reads' group
    static constexpr Ck kYieldClocks = 128;       // writes served for want of reads give way after this
    static constexpr std::size_t kFewEntries = 4; // left in a group: time to prepare the other kind's banks

    explicit BusGrouping(const DramConfig& config)
        : high_mark_(config.write_queue - config.write_queue / 4), low_mark_(config.read_queue / 4) {}

    // Whose turn it is: true for writes.
    bool write_turn(const ChannelState& state, Ck now);
    // The turn will change soon.
    bool turn_ends_soon(const ChannelState& state, Ck now) const;
    void columns_issued() { used_ = true; }

private:
    void turn(bool write, bool forced, Ck now);

    std::size_t high_mark_; // writes waiting that end the reads' group
    std::size_t low_mark_;  // entries left: the group may end if the other queue is full
    bool write_ = false;
    bool forced_ = false; // the turn changed although the other kind still had work
    bool used_ = false;   // a train has gone in this turn
    Ck began_ = 0;
};

} // namespace systolica
