// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// When banks are refreshed, and the next command towards it. From its due time on the banks of a refresh take no other
// commands: they are closed and refreshed as soon as the device allows. All-bank refresh takes a rank every tREFI,
// per-bank refresh one bank every tREFI / banks (LPDDR5: a pair of banks every tREFI / 8): the one of this round for
// which the fewest requests wait (JESD209-4, "Refresh command", lets the banks of a round come in any order). Ranks are
// refreshed in turns. While requests wait, up to `postpone` refreshes may be owed; idle time makes them up.
#pragma once

#include <vector>

#include "machine/dram/command_listener.h"
#include "machine/dram/scheduler.h"

namespace systolica {

class Refresher {
public:
    struct Step {
        enum class Kind : std::uint8_t { none, begin, precharge, precharge_all, refresh_all, refresh_bank };

        Ck at = kNever;
        Kind kind = Kind::none;
        unsigned rank = 0;
        unsigned bank = 0;
    };

    explicit Refresher(const DramConfig& config);

    Step next(const ChannelState& state) const;
    void begin(ChannelState& state, const Step& step); // bars the banks
    void done(ChannelState& state, const Step& step);  // the refresh command has been issued
    void restart(Ck at);                               // self-refresh has been left
    bool under_way() const { return pending_; }
    // When the next step wants to begin, exact while none is under way.
    Ck earliest(bool idle) const { return earliest_ == kNever || idle ? earliest_ : earliest_ + postpone_; }

private:
    struct Rank {
        std::uint64_t count = 0; // refreshes done
        std::uint64_t round = 0; // units done in this round, a bit each
        bool pending = false;
        unsigned unit = 0; // of the rank
    };

    Ck due(unsigned rank) const;
    unsigned pick_unit(const ChannelState& state, unsigned rank) const;
    std::uint64_t banks_under(unsigned rank) const; // the refresh, a bit each
    Step next_of(const ChannelState& state, unsigned rank) const;
    void update();

    DramRefresh kind_;
    Ck refi_;
    Ck postpone_;    // clocks
    unsigned banks_; // of a rank
    unsigned
        units_; // what one refresh command of a rank takes: all banks, a bank, a pair (a bank and the one units_ above)
    std::vector<Rank> ranks_;
    Ck origin_ = 0;
    bool pending_ = false;
    Ck earliest_ = kNever;
};

} // namespace systolica
