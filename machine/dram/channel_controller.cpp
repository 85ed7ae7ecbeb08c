// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "machine/dram/channel_controller.h"

#include <stdexcept>

namespace systolica {

ChannelController::ChannelController(const DramConfig& config, DramCommandListener* listener)
    : map_(config.part),
      burst_bytes_(config.part.burst_bytes()),
      state_(config),
      scheduler_(make_scheduler(config)),
      listener_(listener),
      refresh_due_(config.refresh == DramRefresh::none ? kNever : config.part.refi) {
    const DramTimings& t = state_.timing.timings();
    if (config.part.banks > BurstQueue::kMostBanks || config.read_queue == 0 || config.write_queue == 0) {
        throw std::invalid_argument("DRAM: at most 64 banks, and queues of at least one entry");
    }
    if (config.refresh != DramRefresh::none && t.refi <= t.rfc_ab + t.rp_ab + t.ras) {
        throw std::invalid_argument("DRAM: tREFI must be longer than a refresh");
    }
}

void ChannelController::start_part(BurstEntry& entry, std::uint64_t burst) const {
    const DramLocation at = map_.locate_burst(burst);
    entry.row = at.row;
    entry.bank = at.bank;
    entry.columns =
        static_cast<unsigned>(std::min<std::uint64_t>(entry.end_burst - burst, map_.columns_of_row() - at.column));
    entry.next_burst = burst + entry.columns;
}

// Column commands to one row keep their order within a queue; anything else that overlaps has to be held back.
bool ChannelController::must_wait(const BurstEntry& entry) const {
    for (const bool write : {false, true}) {
        const bool same_kind = entry.write == write;
        const BurstQueue& queue = state_.queue(write);
        for (std::size_t i = 0; i < queue.size() && queue[i].sequence < entry.sequence; ++i) {
            const BurstEntry& older = queue[i];
            const bool in_order = same_kind && entry.one_row && older.one_row && !older.blocked;
            if (older.overlaps(entry) && !in_order) {
                return true;
            }
        }
    }
    return false;
}

BurstEntry ChannelController::make_entry(const Request& request, Ck now, Ck visible_at) {
    BurstEntry entry;
    entry.owner = request.owner;
    entry.write = request.write;
    entry.local_address = request.local_address;
    entry.bytes = request.bytes;
    entry.first_burst = map_.burst_of(request.local_address);
    entry.end_burst = map_.burst_of(request.local_address + request.bytes - 1) + 1;
    entry.sequence = sequence_++;
    entry.accepted_at = now;
    entry.visible_at = visible_at;
    start_part(entry, entry.first_burst);
    entry.one_row = entry.next_burst == entry.end_burst;
    return entry;
}

void ChannelController::push(BurstEntry& entry) {
    BurstQueue& queue = state_.queue(entry.write);
    const auto perhaps = [&](bool write) { return waiting_[write].possible(entry.first_burst, entry.end_burst); };
    const bool in_order = entry.one_row && queue.in_order();
    entry.blocked = (perhaps(!entry.write) || (!in_order && perhaps(entry.write))) && must_wait(entry);
    waiting_[entry.write].add(entry.first_burst, entry.end_burst);
    queue.push(entry);
    choice_known_ = choice_known_ && !stale_after(entry, entry.write);
}

void ChannelController::accept(const Request& request, Ck now, Ck visible_at) {
    caught_up_ = std::max(caught_up_, now);
    make_up_refreshes(now);
    BurstEntry entry = make_entry(request, now, visible_at);
    push(entry);
}

// Whether the new entry could go before the command already chosen, or would want the row it is about to close.
bool ChannelController::stale_after(const BurstEntry& entry, bool write) const {
    if (entry.blocked) {
        return false;
    }
    const std::uint64_t open = state_.timing.open_row(entry.bank);
    if (open == entry.row) {
        const bool closes_it = choice_.command == CommandChoice::Command::precharge &&
                               state_.queue(choice_.write)[choice_.position].bank == entry.bank;
        const Ck at = std::max(entry.visible_at, state_.timing.column_at(entry.bank, write));
        return closes_it || at < choice_.at || (at == choice_.at && choice_.command != CommandChoice::Command::columns);
    }
    const Ck row_at =
        open == ChannelTiming::kClosed ? state_.timing.activate_at(entry.bank) : state_.timing.precharge_at(entry.bank);
    return std::max(entry.visible_at, row_at) < choice_.at;
}

Ck ChannelController::next() const {
    return early_.empty() ? due() : 0;
}

Ck ChannelController::due() const {
    if (state_.queue(false).empty() && state_.queue(true).empty()) {
        return kNever;
    }
    return choice_known_ ? std::min(choice_.at, refresh_due_) : 0; // 0: look again at once
}

void ChannelController::run(Ck now, std::vector<Served>& served) {
    if (!early_.empty()) {
        served.insert(served.end(), early_.begin(), early_.end());
        early_.clear();
    }
    while (!state_.queue(false).empty() || !state_.queue(true).empty()) {
        if (!choice_known_) {
            choice_ = scheduler_->choose(state_, std::max(now, caught_up_));
            choice_known_ = true;
        }
        if (std::min(choice_.at, refresh_due_) > now) {
            return;
        }
        choice_known_ = false;
        if (refresh_due_ <= choice_.at) {
            refresh();
        } else {
            issue(choice_, served);
        }
    }
}

void ChannelController::issue(const CommandChoice& choice, std::vector<Served>& served) {
    BurstQueue& queue = state_.queue(choice.write);
    BurstEntry& entry = queue[choice.position];
    if (choice.command == CommandChoice::Command::precharge) {
        issue_precharge(entry.bank, choice.at);
        return;
    }
    if (choice.command == CommandChoice::Command::activate) {
        issue_activate(entry, choice.at);
        return;
    }
    const Ck data_end = issue_columns(entry, choice.write, choice.at);
    scheduler_->columns_issued();
    if (choice.position != 0) {
        ++queue[0].bypassed;
    }
    if (entry.next_burst != entry.end_burst) {
        queue.next_part(choice.position, [this](BurstEntry& e) { start_part(e, e.next_burst); });
        return;
    }
    if (entry.promised) {
        --promised_;
    } else {
        count_request({entry.owner, choice.write, entry.local_address, entry.bytes}, data_end - entry.accepted_at);
        served.push_back({entry.owner, data_end});
    }
    waiting_[choice.write].remove(entry.first_burst, entry.end_burst);
    queue.erase(choice.position);
    if (state_.queue(false).any_blocked() || state_.queue(true).any_blocked()) {
        release_blocked();
    }
}

void ChannelController::release_blocked() {
    for (const bool write : {false, true}) {
        BurstQueue& queue = state_.queue(write);
        for (std::size_t i = 0; i < queue.size(); ++i) {
            if (queue[i].blocked && !must_wait(queue[i])) {
                queue.unblock(i);
            }
        }
    }
}

Ck ChannelController::issue_columns(const BurstEntry& part, bool write, Ck first) {
    const Ck last = first + (part.columns - 1) * state_.timing.timings().column_gap;
    state_.bus.take_train(first, last);
    (write ? counters_.write_commands : counters_.read_commands) += part.columns;
    counters_.bus_bytes += std::uint64_t{part.columns} * burst_bytes_;
    if (listener_ != nullptr) {
        listener_->columns(part.bank, write, part.columns, first);
    }
    return state_.timing.columns(part.bank, write, part.columns, first, counters_.row_hits);
}

void ChannelController::issue_activate(const BurstEntry& part, Ck at) {
    state_.bus.take_row(at);
    state_.timing.activate(part.bank, part.row, at);
    for (BurstQueue& queue : state_.queues) {
        queue.row_opened(part.bank, part.row);
    }
    ++counters_.activates;
    if (listener_ != nullptr) {
        listener_->activate(part.bank, part.row, at);
    }
}

void ChannelController::issue_precharge(unsigned bank, Ck at) {
    state_.bus.take_row(at);
    state_.timing.precharge(bank, at);
    for (BurstQueue& queue : state_.queues) {
        queue.row_closed(bank);
    }
    ++counters_.precharges;
    if (listener_ != nullptr) {
        listener_->precharge(bank, at);
    }
}

// All banks are closed with one PREab and refreshed; the commands are decided together, at the moment the refresh is
// due.
void ChannelController::refresh() {
    ChannelTiming& timing = state_.timing;
    if (timing.any_row_open()) {
        const Ck at =
            state_.bus.row_slot(std::max(refresh_due_, timing.precharge_all_at()), DramTimings::kPrechargeEdges);
        state_.bus.take_row(at);
        timing.precharge_all(at);
        for (unsigned bank = 0; bank < timing.banks(); ++bank) {
            state_.queue(false).row_closed(bank);
            state_.queue(true).row_closed(bank);
        }
        ++counters_.precharges;
        if (listener_ != nullptr) {
            listener_->precharge_all(at);
        }
    }
    const Ck at = state_.bus.row_slot(std::max(refresh_due_, timing.refresh_at()), DramTimings::kRefreshEdges);
    state_.bus.take_row(at);
    timing.refresh(at);
    ++counters_.refreshes;
    refresh_due_ += timing.timings().refi;
    if (listener_ != nullptr) {
        listener_->refresh(at);
    }
}

// Only the first and the last refresh of a long idle time touch the state; those between find all banks closed.
void ChannelController::make_up_refreshes(Ck now) {
    if (refresh_due_ > now) {
        return;
    }
    refresh();
    choice_known_ = false;
    if (refresh_due_ <= now) {
        const Ck refi = state_.timing.timings().refi;
        const Ck skipped = (now - refresh_due_) / refi;
        counters_.refreshes += skipped;
        refresh_due_ += skipped * refi;
        refresh();
    }
}

void ChannelController::count_request(const Request& request, Ck latency) {
    if (request.write) {
        ++counters_.writes;
        counters_.write_bytes += request.bytes;
        counters_.write_latency_ck += latency;
    } else {
        ++counters_.reads;
        counters_.read_bytes += request.bytes;
        counters_.read_latency_ck += latency;
    }
}

} // namespace systolica
