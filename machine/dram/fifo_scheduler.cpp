// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "machine/dram/fifo_scheduler.h"

namespace systolica {

CommandChoice FifoScheduler::choose(const ChannelState& state, Ck now) {
    std::uint64_t claimed = state.refreshing;
    CommandChoice column, row;
    RequestQueue::Slot slot = state.queue.oldest();
    for (std::size_t n = 0; n < kPrepareAhead && slot != RequestQueue::kNone; ++n) {
        const BurstEntry& entry = state.queue[slot];
        const std::uint64_t bank = std::uint64_t{1} << entry.bank;
        if ((claimed & bank) == 0) {
            if (state.timing.open_row(entry.bank) != entry.row) {
                keep_earlier(row, row_command(state, slot, now));
            } else if (n == 0) {
                column = column_command(state, slot, now);
            }
        }
        claimed |= bank;
        slot = state.queue.after(slot);
    }
    return right_of_way(state, column, row);
}

} // namespace systolica
