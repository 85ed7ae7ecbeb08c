// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// The loosely timed side of ChannelController: requests that are answered when they come.
#include "machine/dram/channel_controller.h"

namespace systolica {

namespace {

constexpr unsigned kMostJoined = 8; // columns: 256 bytes on a channel of 16 bits, the burst of a DMA

} // namespace

void ChannelController::catch_up(Ck now) {
    while (due() <= now) {
        step();
    }
    settle(now);
    caught_up_ = std::max(caught_up_, now);
    promises_.forget(now);
}

void ChannelController::step() {
    caught_up_ = std::max(caught_up_, due());
    std::vector<Served> served;
    served.swap(early_);
    run(caught_up_, served);
    served.swap(early_);
}

// The newest request of its kind goes on where this one begins, in the same row: nobody asks for their times any more,
// so they share a place and a train.
bool ChannelController::join_promised(const BurstEntry& entry) {
    const RequestQueue::Slot slot = state_.queue.newest(entry.write);
    if (slot == RequestQueue::kNone || ecc_) {
        return false;
    }
    const BurstEntry& newest = state_.queue[slot];
    const unsigned columns = newest.columns + entry.columns;
    const bool whole = newest.one_run && entry.one_run && !newest.masked && !entry.masked;
    const bool goes_on = newest.end_burst == entry.first_burst && newest.bank == entry.bank && newest.row == entry.row;
    if (!newest.promised || newest.blocked || !whole || !goes_on || columns > kMostJoined ||
        waiting_[!entry.write].possible(entry.first_burst, entry.end_burst)) {
        return false;
    }
    waiting_[entry.write].remove(newest.first_burst, newest.end_burst);
    state_.queue.extend(slot, entry.columns);
    waiting_[entry.write].add(newest.first_burst, newest.end_burst);
    choice_known_ = choice_known_ && entry.visible_at <= newest.visible_at;
    state_.queue[slot].visible_at = std::max(newest.visible_at, entry.visible_at);
    return true;
}

Ck ChannelController::serve_now(const Request& request, Ck at) {
    while (!has_room(request.write, request.local_address)) {
        step();
    }
    settle(caught_up_);
    wake(std::max(at, caught_up_));
    BurstEntry entry = make_entry(request, caught_up_, std::max(at, caught_up_));
    entry.promised = true;
    const Ck end = promises_.make(state_, entry, at, caught_up_);
    if (!join_promised(entry)) {
        ++promised_;
        enqueue(request, entry);
    }
    count_request(request.write, request.bytes, end - at);
    return end;
}

DramCounters ChannelController::counters(Ck now) const {
    DramCounters all = counters_;
    const RequestQueue& queue = state_.queue;
    RequestQueue::Slot slot = queue.oldest();
    for (; slot != RequestQueue::kNone; slot = queue.after(slot)) { // taken as row hits: few, the depth of the queues
        const BurstEntry& entry = queue[slot];
        const std::uint64_t columns = entry.promised ? entry.end_burst - entry.next_burst + entry.columns : 0;
        (entry.write ? all.write_commands : all.read_commands) += columns;
        all.row_hits += columns;
        all.bus_bytes += columns * burst_bytes_;
    }
    const unsigned ranks = state_.timing.ranks();
    power_.count(all, ranks, now);
    const std::uint64_t down = all.active_power_down_ck + all.power_down_ck + all.self_refresh_ck;
    const std::uint64_t open = std::max<std::uint64_t>(state_.timing.open_clocks(now), all.active_power_down_ck);
    all.active_ck = open - all.active_power_down_ck;
    all.precharged_ck = ranks * now - std::min<std::uint64_t>(ranks * now, all.active_ck + down);
    return all;
}

DramBankCounters ChannelController::bank_counters(unsigned bank, Ck now) const {
    DramBankCounters counters = state_.timing.bank_counters(bank);
    counters.open_clocks = state_.timing.open_clocks(bank, now);
    return counters;
}

} // namespace systolica
