// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "machine/dram/fr_fcfs_scheduler.h"

namespace systolica {

namespace {

using Slot = RequestQueue::Slot;

Slot older(const RequestQueue& queue, Slot a, Slot b) {
    if (a == RequestQueue::kNone || b == RequestQueue::kNone) {
        return a == RequestQueue::kNone ? b : a;
    }
    return queue[a].sequence < queue[b].sequence ? a : b;
}

} // namespace

RequestQueue::Slot BankOffers::offered_by(const ChannelState& state, unsigned bank, Kinds kinds, Ck now) const {
    const RequestQueue& queue = state.queue;
    Slot hit = RequestQueue::kNone, oldest = RequestQueue::kNone;
    const bool unused = state.timing.open_row(bank) != ChannelTiming::kClosed && state.timing.unused(bank);
    kinds = unused ? Kinds::both : kinds;
    if (kinds != Kinds::writes) {
        hit = queue.oldest_hit(bank, false);
        oldest = queue.oldest(bank, false);
    }
    if (kinds != Kinds::reads) {
        hit = older(queue, hit, queue.oldest_hit(bank, true));
        oldest = older(queue, oldest, queue.oldest(bank, true));
    }
    const bool patient = hit != RequestQueue::kNone && (unused || hit == oldest || !overdue(queue[oldest], now));
    return patient ? hit : oldest;
}

CommandChoice BankOffers::choose(const ChannelState& state, Kinds kinds, Ck now) const {
    const RequestQueue& queue = state.queue;
    // A bank whose row the other kind has opened and not used yet serves that kind first.
    const bool reads = kinds != Kinds::writes || state.opened(false) != 0;
    const bool writes = kinds != Kinds::reads || state.opened(true) != 0;
    std::uint64_t banks = (reads ? queue.banks_in_use(false) : 0) | (writes ? queue.banks_in_use(true) : 0);
    CommandChoice column, row;
    for (banks &= ~state.refreshing; banks != 0; banks &= banks - 1) {
        const Slot slot = offered_by(state, static_cast<unsigned>(__builtin_ctzll(banks)), kinds, now);
        if (slot == RequestQueue::kNone) {
            continue; // nothing of these kinds, or all wait for older requests to the same bytes
        }
        const BurstEntry& entry = queue[slot];
        if (state.timing.open_row(entry.bank) == entry.row) {
            keep_earlier(column, column_command(state, slot, now));
        } else {
            keep_earlier(row, row_command(state, slot, now));
        }
    }
    return right_of_way(state, column, row);
}

} // namespace systolica
