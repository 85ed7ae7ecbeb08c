// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// What the controller does on its own: refresh, page timeout, power-down.
#include "machine/dram/channel_controller.h"

namespace systolica {

ChannelController::Chore ChannelController::next_timeout() const {
    Chore best;
    if (page_policy_ != DramPagePolicy::timeout) {
        return best;
    }
    const ChannelTiming& timing = state_.timing;
    for (unsigned bank = 0; bank < timing.banks(); ++bank) {
        const bool wanted = state_.queue.oldest_hit(bank, false) != RequestQueue::kNone ||
                            state_.queue.oldest_hit(bank, true) != RequestQueue::kNone ||
                            (state_.refreshing >> bank & 1) != 0;
        if (timing.open_row(bank) == ChannelTiming::kClosed || wanted) {
            continue;
        }
        const Ck at = std::max({timing.last_used(bank) + page_timeout_, timing.precharge_at(bank)});
        const Ck slot = state_.bus.row_slot(at, timing.timings().precharge_edges);
        if (slot < best.at) {
            best = {slot, Chore::Kind::timeout, bank, {}, {}};
        }
    }
    return best;
}

ChannelController::Chore ChannelController::next_chore() const {
    Chore chore = next_timeout();
    const bool asleep = power_.state() == IdlePower::State::self_refresh;
    Refresher::Step refresh;
    if (!asleep && refresher_.earliest(true) != kNever) {
        refresh = refresher_.next(state_);
    }
    if (power_.used() && state_.queue.empty() && !refresher_.under_way()) {
        const IdlePower::Step step = power_.next(state_, std::min(refresh.at, chore.at));
        if (power_.state() != IdlePower::State::awake) {
            return {step.at,
                    step.kind == IdlePower::Step::Kind::none ? Chore::Kind::none : Chore::Kind::power,
                    0,
                    {},
                    step};
        }
        if (step.at < std::min(refresh.at, chore.at)) {
            return {step.at, Chore::Kind::power, 0, {}, step};
        }
    }
    if (refresh.at <= chore.at && refresh.kind != Refresher::Step::Kind::none) {
        return {refresh.at, Chore::Kind::refresh, 0, refresh, {}};
    }
    return chore;
}

void ChannelController::do_chore(const Chore& chore) {
    switch (chore.kind) {
    case Chore::Kind::refresh:
        do_refresh(chore.refresh);
        break;
    case Chore::Kind::timeout:
        issue_precharge(chore.bank, chore.at);
        break;
    case Chore::Kind::power:
        do_power(chore.power);
        break;
    case Chore::Kind::none:
        break;
    }
}

void ChannelController::do_refresh(const Refresher::Step& step) {
    switch (step.kind) {
    case Refresher::Step::Kind::begin:
        refresher_.begin(state_, step);
        return;
    case Refresher::Step::Kind::precharge_all:
        issue_precharge_all(step.rank, step.at);
        return;
    case Refresher::Step::Kind::precharge:
        issue_precharge(step.bank, step.at);
        return;
    case Refresher::Step::Kind::refresh_all:
        state_.timing.refresh_all(step.rank, step.at);
        ++counters_.refreshes;
        announce({step.at, DramCommand::refresh_all, step.rank, step.bank, 0, 0});
        break;
    case Refresher::Step::Kind::refresh_bank:
        state_.timing.refresh_bank(step.bank, step.at);
        ++counters_.bank_refreshes;
        announce({step.at, DramCommand::refresh_bank, step.rank, step.bank, 0, 0});
        break;
    case Refresher::Step::Kind::none:
        return;
    }
    state_.bus.take_row(step.at);
    refresher_.done(state_, step);
    power_.refreshed();
}

void ChannelController::do_power(const IdlePower::Step& step) {
    if (step.kind == IdlePower::Step::Kind::wake) {
        wake(step.at);
        return;
    }
    const bool closes = step.kind == IdlePower::Step::Kind::precharge_all;
    const bool deep = step.kind == IdlePower::Step::Kind::self_refresh;
    const Ck edges = state_.timing.timings().precharge_edges;
    Ck at = step.at;
    for (unsigned rank = 0; rank < state_.timing.ranks(); ++rank, at += edges) {
        if (!closes) {
            state_.bus.take_row(at);
            announce({at, deep ? DramCommand::self_refresh_entry : DramCommand::power_down_entry, rank,
                      rank * state_.timing.banks_of_rank(), 0, 0});
        } else if (state_.timing.any_row_open(rank)) {
            issue_precharge_all(rank, at);
        }
    }
    if (!closes) {
        power_.enter(state_, deep ? IdlePower::State::self_refresh : IdlePower::State::power_down, at - edges);
    }
}

void ChannelController::wake(Ck at) {
    if (power_.state() == IdlePower::State::awake) {
        return;
    }
    const bool deep = power_.state() == IdlePower::State::self_refresh;
    const Ck edges = state_.timing.timings().precharge_edges;
    Ck exit = power_.wake_at(state_, at);
    for (unsigned rank = 0; rank < state_.timing.ranks(); ++rank, exit += edges) {
        state_.bus.take_row(exit);
        announce({exit, deep ? DramCommand::self_refresh_exit : DramCommand::power_down_exit, rank,
                  rank * state_.timing.banks_of_rank(), 0, 0});
    }
    power_.leave(state_, exit - edges);
    if (deep) {
        refresher_.restart(exit - edges);
    }
}

} // namespace systolica
