// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// Power-down and self-refresh of an idle channel; all its ranks go together. Nothing happens here by itself: the
// controller asks for the next step while no request waits, and all idle time is worked off when it has passed.
// Power-down is left for a refresh and entered again after it. Self-refresh needs all rows closed and takes over the
// refreshing; every bank must have been refreshed by command since the last one (JESD209-4, "Self Refresh Operation").
#pragma once

#include "machine/dram/counters.h"
#include "machine/dram/scheduler.h"

namespace systolica {

class IdlePower {
public:
    enum class State : std::uint8_t { awake, power_down, self_refresh };
    struct Step {
        enum class Kind : std::uint8_t { none, power_down, wake, precharge_all, self_refresh };

        Ck at = kNever;
        Kind kind = Kind::none;
    };

    explicit IdlePower(const DramConfig& config)
        : power_down_(config.power_down_ck == 0 ? kNever : config.power_down_ck),
          self_refresh_(config.self_refresh_ck == 0 ? kNever : config.self_refresh_ck),
          all_refreshed_(config.refresh == DramRefresh::per_bank ? config.banks() / config.part.banks_of_refresh()
                                                                 : config.ranks) {}

    bool used() const { return power_down_ != kNever || self_refresh_ != kNever; }
    State state() const { return state_; }
    void idle_from(Ck at) { idle_from_ = at; }

    // While no request waits. `refresh_at` is when the next refresh wants to begin; none of its steps is under way.
    Step next(const ChannelState& state, Ck refresh_at) const;
    // When the channel can wake at the earliest, asked at `at`.
    Ck wake_at(const ChannelState& state, Ck at) const;

    void enter(const ChannelState& state, State down, Ck at);
    void leave(ChannelState& state, Ck at);
    void refreshed() { unrefreshed_ -= unrefreshed_ == 0 ? 0 : 1; } // once for each REFab or REFpb

    void count(DramCounters& counters, unsigned ranks, Ck now) const;

private:
    Ck power_down_, self_refresh_; // idle clocks; kNever: not used
    State state_ = State::awake;
    Ck idle_from_ = 0;
    Ck since_ = 0;             // this state
    unsigned all_refreshed_;   // refresh commands that take in every bank once
    unsigned unrefreshed_ = 0; // of them still to come since the last self-refresh
    bool rows_open_ = false;
    std::uint64_t open_ck_ = 0, closed_ck_ = 0, self_refresh_ck_ = 0, entries_ = 0, self_entries_ = 0;
};

} // namespace systolica
