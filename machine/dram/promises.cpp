// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "machine/dram/promises.h"

namespace systolica {

Ck Promises::make(const ChannelState& state, const BurstEntry& entry, Ck at, Ck now) {
    const DramTimings& t = state.timing.timings();
    const RequestQueue& queue = state.queue;
    // Reads go before the writes that wait.
    const auto bank_waited_for = [&](bool write) {
        return queue.entries(entry.bank, write) != 0 && (entry.write || !write);
    };
    const auto row_waited_for = [&](bool write) {
        return bank_waited_for(write) && queue.newest_row(entry.bank, write) == entry.row;
    };
    const std::uint64_t open = state.timing.open_row(entry.bank);
    Ck alone = at;
    if (bank_waited_for(false) || bank_waited_for(true)) {
        alone += row_waited_for(false) || row_waited_for(true) ? 0 : t.rp_pb + t.rcd;
    } else if (open == entry.row) {
        alone = std::max(at, state.timing.column_at(entry.bank, entry.write));
    } else if (open == ChannelTiming::kClosed) {
        alone = std::max(at, state.timing.activate_at(entry.bank)) + t.rcd;
    } else {
        alone = std::max(at, state.timing.precharge_at(entry.bank)) + t.rp_pb + t.rcd;
    }
    const std::uint64_t bursts_before = queue.bursts(false) + (entry.write ? queue.bursts(true) : 0);
    const Ck behind = std::max(now, state.timing.bus_at(entry.write)) + bursts_before * t.gap_far;
    const Ck length = (entry.end_burst - entry.first_burst) * t.gap_far;
    const Ck last = columns_.book(std::max(alone, behind), length) + length - t.gap_far;
    return last + t.data_end(entry.write);
}

} // namespace systolica
