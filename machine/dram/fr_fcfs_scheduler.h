// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// First ready, first come first served: column commands to open rows first, the oldest ready one of them; banks of
// waiting entries are opened ahead, oldest first. A row stays open while the entries of this turn hit it. The oldest
// entry is passed over at most kBypassLimit times. Reads and writes are grouped (bus_grouping.h).
#pragma once

#include "machine/dram/bus_grouping.h"

namespace systolica {

class FrFcfsScheduler : public Scheduler {
public:
    static constexpr unsigned kBypassLimit = 64;
    static constexpr std::size_t kPrepareAhead = 8; // entries of the other kind whose banks are opened before its turn

    explicit FrFcfsScheduler(const DramConfig& config) : grouping_(config) {}

    CommandChoice choose(const ChannelState& state, Ck now) override;
    void columns_issued() override { grouping_.columns_issued(); }

private:
    BusGrouping grouping_;
};

} // namespace systolica
