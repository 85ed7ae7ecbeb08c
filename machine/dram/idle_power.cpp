// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "machine/dram/idle_power.h"

namespace systolica {

namespace {

bool any_row_open(const ChannelState& state) {
    bool open = false;
    for (unsigned rank = 0; rank < state.timing.ranks(); ++rank) {
        open = open || state.timing.any_row_open(rank);
    }
    return open;
}

Ck quiet_at(const ChannelState& state) {
    Ck at = 0;
    for (unsigned rank = 0; rank < state.timing.ranks(); ++rank) {
        at = std::max(at, state.timing.quiet_at(rank));
    }
    return at;
}

// Rows closed for tRP, a refresh ended: what self-refresh waits for.
Ck settled_at(const ChannelState& state) {
    Ck at = 0;
    for (unsigned rank = 0; rank < state.timing.ranks(); ++rank) {
        at = std::max(at, state.timing.refresh_all_at(rank));
    }
    return at;
}

Ck after(Ck from, Ck clocks) {
    return clocks == kNever ? kNever : from + clocks;
}

} // namespace

IdlePower::Step IdlePower::next(const ChannelState& state, Ck refresh_at) const {
    const DramTimings& t = state.timing.timings();
    const Ck free = state.bus.row_slot(std::max(since_ + t.cke, quiet_at(state)), t.precharge_edges);
    const Ck sleep_at = unrefreshed_ == 0 ? after(idle_from_, self_refresh_) : kNever;
    switch (state_) {
    case State::self_refresh:
        return {};
    case State::power_down: {
        const Ck at = std::max(std::min(refresh_at, sleep_at), since_ + t.cke);
        return {at, std::min(refresh_at, sleep_at) == kNever ? Step::Kind::none : Step::Kind::wake};
    }
    case State::awake:
        break;
    }
    const Ck down_at = std::max(after(idle_from_, power_down_), free);
    // Not for so short a time that what comes next would have to wait.
    if (power_down_ != kNever && down_at < sleep_at && down_at + t.cke <= std::min(refresh_at, sleep_at)) {
        return {down_at, Step::Kind::power_down};
    }
    if (sleep_at >= refresh_at) {
        return {};
    }
    if (any_row_open(state)) {
        Ck closable = 0;
        for (unsigned rank = 0; rank < state.timing.ranks(); ++rank) {
            closable = std::max(closable, state.timing.any_row_open(rank) ? state.timing.precharge_all_at(rank) : 0);
        }
        return {std::max({sleep_at, free, closable}), Step::Kind::precharge_all};
    }
    return {std::max({sleep_at, free, settled_at(state)}), Step::Kind::self_refresh};
}

Ck IdlePower::wake_at(const ChannelState& state, Ck at) const {
    const DramTimings& t = state.timing.timings();
    return std::max(at, since_ + (state_ == State::self_refresh ? t.sr : t.cke));
}

void IdlePower::enter(const ChannelState& state, State down, Ck at) {
    state_ = down;
    since_ = at;
    rows_open_ = any_row_open(state);
    ++(down == State::self_refresh ? self_entries_ : entries_);
    unrefreshed_ = down == State::self_refresh ? all_refreshed_ : unrefreshed_;
}

void IdlePower::leave(ChannelState& state, Ck at) {
    const DramTimings& t = state.timing.timings();
    (state_ == State::self_refresh ? self_refresh_ck_ : rows_open_ ? open_ck_ : closed_ck_) += at - since_;
    for (unsigned rank = 0; rank < state.timing.ranks(); ++rank) {
        state.timing.wake(rank, at + (state_ == State::self_refresh ? t.xsr : t.xp));
    }
    state_ = State::awake;
    since_ = at;
}

void IdlePower::count(DramCounters& counters, unsigned ranks, Ck now) const {
    const Ck lasting = state_ == State::awake ? 0 : now - std::min(now, since_);
    const bool asleep = state_ == State::self_refresh;
    counters.active_power_down_ck = ranks * (open_ck_ + (!asleep && rows_open_ ? lasting : 0));
    counters.power_down_ck = ranks * (closed_ck_ + (!asleep && !rows_open_ ? lasting : 0));
    counters.self_refresh_ck = ranks * (self_refresh_ck_ + (asleep ? lasting : 0));
    counters.power_downs = ranks * entries_;
    counters.self_refreshes = ranks * self_entries_;
}

} // namespace systolica
