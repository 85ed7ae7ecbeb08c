// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// The commands that requests ask for.
#include "machine/dram/channel_controller.h"

namespace systolica {

namespace {

constexpr unsigned kCheckedColumns =
    8; // data bursts that one burst of check bytes covers: 8 + 1 bytes, SECDED (72, 64)

DramCommand column_command_of(const BurstEntry& entry, bool auto_precharge) {
    if (!entry.write) {
        return auto_precharge ? DramCommand::read_precharge : DramCommand::read;
    }
    if (entry.masked) {
        return auto_precharge ? DramCommand::masked_write_precharge : DramCommand::masked_write;
    }
    return auto_precharge ? DramCommand::write_precharge : DramCommand::write;
}

} // namespace

void ChannelController::issue(const CommandChoice& choice, std::vector<Served>& served) {
    const BurstEntry& entry = state_.queue[choice.slot];
    switch (choice.command) {
    case CommandChoice::Command::precharge:
        issue_precharge(entry.bank, choice.at);
        break;
    case CommandChoice::Command::activate:
        issue_activate(entry, choice.at);
        break;
    case CommandChoice::Command::columns:
        serve(choice.slot, choice.at, served);
        break;
    case CommandChoice::Command::none:
        break;
    }
}

void ChannelController::serve(RequestQueue::Slot slot, Ck first, std::vector<Served>& served) {
    BurstEntry& entry = state_.queue[slot];
    const unsigned count = train_length(entry);
    const Ck data_end = issue_columns(entry, count, first);
    if (count < entry.columns || entry.next_burst != entry.end_burst) {
        state_.queue.served(slot, count, [this](BurstEntry& e) { start_run(e, e.next_burst); });
        return;
    }
    power_.idle_from(data_end);
    if (entry.promised) {
        --promised_;
    } else if (!entry.internal) {
        count_request(entry.write, entry.bytes, data_end - entry.accepted_at);
        served.push_back({entry.owner, data_end});
    }
    waiting_[entry.write].remove(entry.first_burst, entry.end_burst);
    state_.queue.erase(slot);
    if (state_.queue.any_blocked()) {
        release_blocked();
    }
}

// Within a bank group columns follow at tCCD_L only; those of other groups fit between.
unsigned ChannelController::train_length(const BurstEntry& entry) const {
    const ChannelTiming& timing = state_.timing;
    const DramTimings& t = timing.timings();
    if (entry.columns == 1 || !t.lpddr5) {
        return entry.columns;
    }
    if (entry.masked) {
        return 1; // WCK stops between masked writes
    }
    if (t.gap_far == t.gap_near) {
        return entry.columns;
    }
    const unsigned group = timing.group_of(entry.bank);
    const unsigned size = timing.banks_of_group();
    const std::uint64_t own = ((std::uint64_t{1} << size) - 1) << group * size;
    const std::uint64_t used = state_.queue.banks_in_use(false) | state_.queue.banks_in_use(true);
    return (used & ~own) == 0 ? entry.columns : 1;
}

unsigned ChannelController::check_columns(const BurstEntry& entry, unsigned count) const {
    if (!ecc_) {
        return 0;
    }
    const unsigned blocks = (entry.column + count - 1) / kCheckedColumns - entry.column / kCheckedColumns;
    return blocks + (entry.fresh_run || entry.column % kCheckedColumns == 0 ? 1U : 0U);
}

bool ChannelController::closes_row(const BurstEntry& entry, unsigned count) const {
    if (count < entry.columns || page_policy_ == DramPagePolicy::open || page_policy_ == DramPagePolicy::timeout) {
        return false;
    }
    const RequestQueue& queue = state_.queue;
    const bool last_hit = queue.hits(entry.bank) == 1;
    return page_policy_ == DramPagePolicy::closed || (last_hit && queue.entries(entry.bank) > 1);
}

Ck ChannelController::issue_columns(BurstEntry& entry, unsigned count, Ck first) {
    ChannelTiming& timing = state_.timing;
    const unsigned rank = timing.rank_of(entry.bank);
    const unsigned checks = check_columns(entry, count);
    const bool closes = closes_row(entry, count);
    const ChannelTiming::Columns train{entry.write, entry.masked, closes, count + checks, first};
    const Ck gap = timing.gap(train);
    const Ck last = first + (train.count - 1) * gap;
    const bool sync = timing.wck_stopped(rank, first);
    if (sync) {
        ++counters_.wck_syncs;
        announce({first - 1, DramCommand::wck_sync, rank, entry.bank, 0, 0});
    }
    state_.bus.take_train(first, last, gap, timing.timings().column_edges + (sync ? 1 : 0));
    (entry.write ? counters_.write_commands : counters_.read_commands) += train.count;
    counters_.masked_writes += entry.masked ? train.count : 0;
    counters_.check_commands += checks;
    counters_.auto_precharges += closes ? 1 : 0;
    counters_.bus_bytes += std::uint64_t{train.count} * burst_bytes_;
    if (listener_ != nullptr) {
        const DramCommand plain = column_command_of(entry, false);
        if (checks != 0) { // they lie behind the data columns of their row
            const unsigned column = map_.locate_check(entry.next_burst - entry.columns).column;
            announce({first, plain, rank, entry.bank, entry.row, column, checks, gap});
        }
        const Ck data = first + checks * gap;
        if (count > 1 || !closes) {
            announce({data, plain, rank, entry.bank, entry.row, entry.column, count - (closes ? 1U : 0U), gap});
        }
        if (closes) {
            announce({last, column_command_of(entry, true), rank, entry.bank, entry.row, entry.column + count - 1});
        }
    }
    entry.fresh_run = false;
    state_.row_used(entry.bank);
    if (closes) {
        state_.queue.row_closed(entry.bank);
    }
    return timing.columns(entry.bank, train, counters_.row_hits);
}

void ChannelController::issue_activate(const BurstEntry& entry, Ck at) {
    state_.bus.take_row(at);
    state_.timing.activate(entry.bank, entry.row, at);
    ++counters_.activates;
    announce({at, DramCommand::activate, state_.timing.rank_of(entry.bank), entry.bank, entry.row, 0});
    state_.row_opened(entry.bank, entry.row, entry.write);
}

void ChannelController::issue_precharge(unsigned bank, Ck at) {
    state_.bus.take_row(at);
    state_.row_closed(bank);
    state_.timing.precharge(bank, at);
    ++counters_.precharges;
    announce({at, DramCommand::precharge, state_.timing.rank_of(bank), bank, 0, 0});
}

void ChannelController::issue_precharge_all(unsigned rank, Ck at) {
    state_.bus.take_row(at);
    const unsigned first = rank * state_.timing.banks_of_rank();
    for (unsigned bank = first; bank < first + state_.timing.banks_of_rank(); ++bank) {
        state_.row_closed(bank);
    }
    state_.timing.precharge_all(rank, at);
    ++counters_.precharges;
    announce({at, DramCommand::precharge_all, rank, first, 0, 0});
}

} // namespace systolica
