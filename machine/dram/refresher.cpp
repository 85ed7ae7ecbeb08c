// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "machine/dram/refresher.h"

#include <stdexcept>

namespace systolica {

Refresher::Refresher(const DramConfig& config)
    : kind_(config.refresh),
      refi_(config.part.refi),
      // Half a period less, so that the banks are refreshed in time: at most 9 tREFI lie between refreshes (JESD209-4).
      postpone_(config.refresh_postpone * config.part.refi - (config.refresh_postpone == 0 ? 0 : config.part.refi / 2)),
      banks_(config.part.banks),
      units_(kind_ == DramRefresh::per_bank ? config.part.banks / config.part.banks_of_refresh() : 1),
      ranks_(config.refresh == DramRefresh::none ? 0 : config.ranks) {
    const DramPart& part = config.part;
    const Ck longest = Ck{part.ras} + part.rp_ab;
    if (kind_ == DramRefresh::all_bank && refi_ <= longest + part.rfc_ab) {
        throw std::invalid_argument("DRAM: tREFI must be longer than a refresh");
    }
    if (kind_ == DramRefresh::per_bank && refi_ / units_ <= std::max<Ck>(longest + part.rfc_pb, part.pbr_to_pbr)) {
        throw std::invalid_argument("DRAM: tREFI / banks must be longer than a per-bank refresh");
    }
    update();
}

// Rank r of R is r/R of a period behind rank 0.
Ck Refresher::due(unsigned rank) const {
    return origin_ + (ranks_[rank].count + 1) * refi_ / units_ + refi_ / units_ * rank / ranks_.size();
}

void Refresher::update() {
    earliest_ = kNever;
    pending_ = false;
    for (unsigned rank = 0; rank < ranks_.size(); ++rank) {
        pending_ = pending_ || ranks_[rank].pending;
        earliest_ = std::min(earliest_, due(rank));
    }
}

unsigned Refresher::pick_unit(const ChannelState& state, unsigned rank) const {
    unsigned best = 0;
    unsigned fewest = ~0U;
    for (unsigned unit = 0; unit < units_; ++unit) {
        unsigned waiting = 0;
        for (unsigned bank = unit; bank < banks_; bank += units_) {
            waiting += state.queue.entries(rank * banks_ + bank);
        }
        if ((ranks_[rank].round >> unit & 1) == 0 && waiting < fewest) {
            best = unit;
            fewest = waiting;
        }
    }
    return best;
}

std::uint64_t Refresher::banks_under(unsigned rank) const {
    std::uint64_t banks = 0;
    for (unsigned bank = ranks_[rank].unit; bank < banks_; bank += units_) {
        banks |= std::uint64_t{1} << (rank * banks_ + bank);
    }
    return banks;
}

Refresher::Step Refresher::next_of(const ChannelState& state, unsigned rank) const {
    const ChannelTiming& timing = state.timing;
    const DramTimings& t = timing.timings();
    const Rank& r = ranks_[rank];
    if (!r.pending) {
        return {due(rank) + (state.queue.empty() ? 0 : postpone_), Step::Kind::begin, rank, 0};
    }
    const Ck from = due(rank);
    if (kind_ == DramRefresh::all_bank) {
        if (timing.any_row_open(rank)) {
            const Ck at = std::max(from, timing.precharge_all_at(rank));
            return {state.bus.row_slot(at, t.precharge_edges), Step::Kind::precharge_all, rank, rank * banks_};
        }
        const Ck at = std::max(from, timing.refresh_all_at(rank));
        return {state.bus.row_slot(at, t.refresh_edges), Step::Kind::refresh_all, rank, rank * banks_};
    }
    Ck at = from;
    for (unsigned bank = rank * banks_ + r.unit; bank < (rank + 1) * banks_; bank += units_) {
        if (timing.open_row(bank) != ChannelTiming::kClosed) {
            const Ck close_at = std::max(from, timing.precharge_at(bank));
            return {state.bus.row_slot(close_at, t.precharge_edges), Step::Kind::precharge, rank, bank};
        }
        at = std::max(at, timing.refresh_bank_at(bank));
    }
    return {state.bus.row_slot(at, t.refresh_edges), Step::Kind::refresh_bank, rank, rank * banks_ + r.unit};
}

Refresher::Step Refresher::next(const ChannelState& state) const {
    Step best;
    for (unsigned rank = 0; rank < ranks_.size(); ++rank) {
        const Step step = next_of(state, rank);
        best = step.at < best.at ? step : best;
    }
    return best;
}

void Refresher::begin(ChannelState& state, const Step& step) {
    Rank& rank = ranks_[step.rank];
    rank.pending = true;
    rank.unit = pick_unit(state, step.rank);
    state.refreshing |= banks_under(step.rank);
    update();
}

void Refresher::done(ChannelState& state, const Step& step) {
    Rank& rank = ranks_[step.rank];
    rank.pending = false;
    ++rank.count;
    state.refreshing &= ~banks_under(step.rank);
    rank.round = rank.count % units_ == 0 ? 0 : rank.round | std::uint64_t{1} << rank.unit;
    update();
}

void Refresher::restart(Ck at) {
    origin_ = at;
    for (Rank& rank : ranks_) {
        rank = {};
    }
    update();
}

} // namespace systolica
