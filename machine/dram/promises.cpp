// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "machine/dram/promises.h"

namespace systolica {

Ck Promises::make(const ChannelState& state, const BurstEntry& entry, Ck at, Ck now) {
    const DramTimings& t = state.timing.timings();
    const BurstQueue::BankLoad& reads = state.queue(false).bank(entry.bank);
    const BurstQueue::BankLoad& writes = state.queue(true).bank(entry.bank);
    const bool bank_waited_for = reads.entries + writes.entries != 0;
    const bool row_waited_for =
        (reads.entries != 0 && reads.row == entry.row) || (writes.entries != 0 && writes.row == entry.row);
    const std::uint64_t open = state.timing.open_row(entry.bank);
    Ck alone = at;
    if (bank_waited_for) {
        alone += row_waited_for ? 0 : t.rp_pb + t.rcd;
    } else if (open == entry.row) {
        alone = std::max(at, state.timing.column_at(entry.bank, entry.write));
    } else if (open == ChannelTiming::kClosed) {
        alone = std::max(at, state.timing.activate_at(entry.bank)) + t.rcd;
    } else {
        alone = std::max(at, state.timing.precharge_at(entry.bank)) + t.rp_pb + t.rcd;
    }
    const std::uint64_t bursts_before = state.queue(false).bursts() + (entry.write ? state.queue(true).bursts() : 0);
    const Ck behind = std::max(now, state.timing.bus_at(entry.write)) + bursts_before * t.column_gap;
    const Ck length = (entry.end_burst - entry.first_burst) * t.column_gap;
    const Ck last = columns_.book(std::max(alone, behind), length) + length - t.column_gap;
    return last + (entry.write ? t.write_data_end : t.read_data_end);
}

} // namespace systolica
