// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "machine/dram/fifo_scheduler.h"

namespace systolica {

CommandChoice FifoScheduler::choose(const ChannelState& state, Ck now) {
    std::array<std::size_t, 2> next{};
    std::uint64_t claimed = 0;
    CommandChoice column, row;
    for (std::size_t n = 0; n < kPrepareAhead; ++n) {
        const bool read_left = next[0] < state.queue(false).size();
        const bool write_left = next[1] < state.queue(true).size();
        if (!read_left && !write_left) {
            break;
        }
        const bool write =
            !read_left || (write_left && state.queue(true)[next[1]].sequence < state.queue(false)[next[0]].sequence);
        const std::size_t position = next[write]++;
        const BurstEntry& entry = state.queue(write)[position];
        const std::uint64_t bank = std::uint64_t{1} << entry.bank;
        if (state.timing.open_row(entry.bank) == entry.row) {
            if (n == 0) {
                column = column_command(state, write, position, now);
            }
        } else if ((claimed & bank) == 0) {
            const CommandChoice offered = row_command(state, write, position, now);
            row = offered.at < row.at ? offered : row;
        }
        claimed |= bank;
    }
    return right_of_way(column, row);
}

} // namespace systolica
