// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "machine/dram/channel_controller.h"

namespace systolica {

ChannelController::ChannelController(const DramConfig& config, DramCommandListener* listener)
    : map_(config),
      burst_bytes_(config.part.burst_bytes()),
      page_policy_(config.page_policy),
      page_timeout_(config.page_timeout_ck),
      ecc_(config.ecc == DramEcc::in_line),
      state_(config),
      scheduler_(make_scheduler(config)),
      refresher_(config),
      power_(config),
      listener_(listener) {}

// A run ends with its row, and where bursts that are written whole meet one that is written in part.
void ChannelController::start_run(BurstEntry& entry, std::uint64_t burst) const {
    const DramLocation at = map_.locate_burst(burst);
    entry.row = at.row;
    entry.bank = at.bank;
    entry.column = at.column;
    entry.columns = static_cast<unsigned>(std::min<std::uint64_t>(entry.end_burst - burst, map_.run_columns(burst)));
    if (entry.ragged_head && burst == entry.first_burst) {
        entry.columns = 1;
        entry.masked = true;
    } else if (entry.ragged_tail) {
        entry.masked = burst + 1 == entry.end_burst;
        entry.columns -= !entry.masked && burst + entry.columns == entry.end_burst ? 1U : 0U;
    } else {
        entry.masked = entry.all_masked;
    }
    entry.next_burst = burst + entry.columns;
    entry.fresh_run = true;
}

// Column commands to one row keep their order within a kind; anything else that overlaps has to be held back.
bool ChannelController::must_wait(const BurstEntry& entry) const {
    const RequestQueue& queue = state_.queue;
    for (RequestQueue::Slot slot = queue.oldest(); slot != RequestQueue::kNone; slot = queue.after(slot)) {
        const BurstEntry& older = queue[slot];
        if (older.sequence >= entry.sequence) {
            return false;
        }
        const bool in_order = older.write == entry.write && entry.one_run && older.one_run && !older.blocked;
        if (older.overlaps(entry) && !in_order) {
            return true;
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
    const std::uint64_t end = request.local_address + request.bytes;
    entry.first_burst = map_.burst_of(request.local_address);
    entry.end_burst = map_.burst_of(end - 1) + 1;
    entry.all_masked = request.write && request.masked;
    if (request.write && !request.masked) {
        entry.ragged_head = request.local_address % burst_bytes_ != 0;
        entry.ragged_tail = end % burst_bytes_ != 0;
    }
    entry.sequence = sequence_++;
    entry.accepted_at = now;
    entry.visible_at = visible_at;
    start_run(entry, entry.first_burst);
    entry.one_run = entry.next_burst == entry.end_burst;
    return entry;
}

void ChannelController::push(BurstEntry& entry) {
    const auto perhaps = [&](bool write) { return waiting_[write].possible(entry.first_burst, entry.end_burst); };
    const bool in_order = entry.one_run && state_.queue.in_order(entry.write);
    entry.blocked = (perhaps(!entry.write) || (!in_order && perhaps(entry.write))) && must_wait(entry);
    waiting_[entry.write].add(entry.first_burst, entry.end_burst);
    const RequestQueue::Slot slot = state_.queue.push(entry);
    choice_known_ = choice_known_ && !stale_after(slot, std::max(entry.accepted_at, caught_up_));
}

// With ECC the words that a masked write changes in part are read first.
void ChannelController::enqueue(const Request& request, BurstEntry& entry) {
    const bool in_part = entry.all_masked || entry.ragged_head || entry.ragged_tail;
    if (ecc_ && in_part) {
        BurstEntry before = make_entry({nullptr, false, request.local_address, request.bytes, false}, entry.accepted_at,
                                       entry.visible_at);
        std::swap(before.sequence, entry.sequence);
        before.internal = true;
        push(before);
        entry.all_masked = entry.ragged_head = entry.ragged_tail = false; // what is written is known in full
        start_run(entry, entry.first_burst);
        entry.one_run = entry.next_burst == entry.end_burst;
    }
    push(entry);
}

void ChannelController::accept(const Request& request, Ck now, Ck visible_at) {
    caught_up_ = std::max(caught_up_, now);
    settle(now);
    wake(now);
    BurstEntry entry = make_entry(request, now, visible_at);
    enqueue(request, entry);
}

// Whether the new entry could go before the command already chosen, or would want the row it is about to close.
bool ChannelController::stale_after(RequestQueue::Slot slot, Ck now) const {
    const BurstEntry& entry = state_.queue[slot];
    if (entry.blocked || (state_.refreshing >> entry.bank & 1) != 0) {
        return false;
    }
    if (choice_.command == CommandChoice::Command::none) {
        return true;
    }
    const bool closes_it = choice_.command == CommandChoice::Command::precharge &&
                           state_.queue[choice_.slot].bank == entry.bank &&
                           state_.timing.open_row(entry.bank) == entry.row;
    const CommandChoice offered = next_command(state_, slot, now);
    return closes_it || offered.at < choice_.at ||
           (offered.at == choice_.at && offered.command == CommandChoice::Command::columns &&
            choice_.command != CommandChoice::Command::columns);
}

Ck ChannelController::next() const {
    return early_.empty() ? due() : 0;
}

Ck ChannelController::due() const {
    if (state_.queue.empty()) {
        return kNever;
    }
    return choice_known_ ? std::min(choice_.at, next_chore_at()) : 0; // 0: look again at once
}

void ChannelController::run(Ck now, std::vector<Served>& served) {
    if (!early_.empty()) {
        served.insert(served.end(), early_.begin(), early_.end());
        early_.clear();
    }
    while (!state_.queue.empty()) {
        if (!choice_known_) {
            choice_ = scheduler_->choose(state_, std::max(now, caught_up_));
            choice_known_ = true;
        }
        const Ck chore_at = next_chore_at();
        if (std::min(choice_.at, chore_at) > now) {
            return;
        }
        choice_known_ = false;
        if (chore_at <= choice_.at) {
            do_chore(next_chore());
        } else {
            issue(choice_, served);
        }
    }
}

void ChannelController::settle(Ck now) {
    while (state_.queue.empty()) {
        const Chore chore = next_chore();
        if (chore.at > now) {
            return;
        }
        do_chore(chore);
        choice_known_ = false;
    }
}

void ChannelController::release_blocked() {
    RequestQueue& queue = state_.queue;
    for (RequestQueue::Slot slot = queue.oldest(); slot != RequestQueue::kNone; slot = queue.after(slot)) {
        if (queue[slot].blocked && !must_wait(queue[slot])) {
            queue.unblock(slot);
        }
    }
}

void ChannelController::count_request(bool write, std::uint32_t bytes, Ck latency) {
    ++(write ? counters_.writes : counters_.reads);
    (write ? counters_.write_bytes : counters_.read_bytes) += bytes;
    (write ? counters_.write_latency_ck : counters_.read_latency_ck) += latency;
}

} // namespace systolica
