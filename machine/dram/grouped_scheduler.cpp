// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "machine/dram/grouped_scheduler.h"

#include <cmath>

namespace systolica {

GroupedScheduler::GroupedScheduler(const DramConfig& config)
    : offers_(config.age_limit_ck),
      bounded_(config.bounded_groups),
      high_(static_cast<std::size_t>(
          std::floor(config.write_high * (config.unified_queue != 0 ? config.unified_queue : config.write_queue)))),
      low_(static_cast<std::size_t>(
          std::floor(config.write_low * (config.unified_queue != 0 ? config.unified_queue : config.write_queue)))) {}

void GroupedScheduler::turn(const ChannelState& state, Ck now) {
    const RequestQueue& queue = state.queue;
    const bool reads = queue.eligible(false) > state.opened(false);
    const bool writes = queue.eligible(true) > state.opened(true);
    const RequestQueue::Slot oldest = queue.oldest(true);
    const bool overdue = oldest != RequestQueue::kNone && !queue[oldest].blocked && offers_.overdue(queue[oldest], now);
    const bool done = queue.left(writing_) >= until_[writing_]; // with those that waited when the group began
    const bool goes_on = queue.size(true) > low_ && !(bounded_ && done);
    const bool begins = queue.size(true) > high_ && !(bounded_ && !done);
    const bool next = overdue || (writes && (!reads || (writing_ ? goes_on : begins)));
    if (next != writing_) {
        writing_ = next;
        const std::size_t waiting = queue.size(next);
        until_[next] = queue.left(next) + (next ? waiting - std::min(waiting, low_) : waiting);
    }
}

CommandChoice GroupedScheduler::choose(const ChannelState& state, Ck now) {
    turn(state, now);
    return offers_.choose(state, writing_ ? BankOffers::Kinds::writes : BankOffers::Kinds::reads, now);
}

} // namespace systolica
