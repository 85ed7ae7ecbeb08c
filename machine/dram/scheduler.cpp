// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "machine/dram/scheduler.h"

#include "machine/dram/fifo_scheduler.h"
#include "machine/dram/fr_fcfs_scheduler.h"
#include "machine/dram/grouped_scheduler.h"

namespace systolica {

std::unique_ptr<Scheduler> make_scheduler(const DramConfig& config) {
    switch (config.scheduler) {
    case DramScheduler::fifo:
        return std::make_unique<FifoScheduler>();
    case DramScheduler::fr_fcfs:
        return std::make_unique<FrFcfsScheduler>(config);
    case DramScheduler::fr_fcfs_grouped:
        break;
    }
    return std::make_unique<GroupedScheduler>(config);
}

CommandChoice row_command(const ChannelState& state, RequestQueue::Slot slot, Ck now) {
    const BurstEntry& entry = state.queue[slot];
    const DramTimings& t = state.timing.timings();
    const Ck earliest = std::max(now, entry.visible_at);
    const bool closed = state.timing.open_row(entry.bank) == ChannelTiming::kClosed;
    const Ck device = closed ? state.timing.activate_at(entry.bank) : state.timing.precharge_at(entry.bank);
    const Ck edges = closed ? t.activate_edges : t.precharge_edges;
    const Ck at = state.bus.row_slot(std::max(earliest, device), edges);
    const auto command = closed ? CommandChoice::Command::activate : CommandChoice::Command::precharge;
    return {command, slot, at, at - std::min(at, edges), entry.sequence};
}

CommandChoice column_command(const ChannelState& state, RequestQueue::Slot slot, Ck now) {
    const BurstEntry& entry = state.queue[slot];
    const ChannelTiming& timing = state.timing;
    const Ck device = entry.masked ? timing.masked_write_at(entry.bank) : timing.column_at(entry.bank, entry.write);
    const Ck earliest = std::max(now, entry.visible_at);
    Ck edges = timing.timings().column_edges;
    Ck at = state.bus.column_slot(std::max(earliest, device), edges);
    if (timing.wck_stopped(timing.rank_of(entry.bank), at)) {
        ++edges; // the CAS goes first, and not before it is known that it is needed
        at = state.bus.column_slot(std::max(earliest + 1, device), edges);
    }
    return {CommandChoice::Command::columns, slot, at, at - std::min(at, edges), entry.sequence};
}

CommandChoice next_command(const ChannelState& state, RequestQueue::Slot slot, Ck now) {
    const BurstEntry& entry = state.queue[slot];
    return state.timing.open_row(entry.bank) == entry.row ? column_command(state, slot, now)
                                                          : row_command(state, slot, now);
}

CommandChoice right_of_way(const ChannelState& state, const CommandChoice& column, const CommandChoice& row) {
    if (column.command == CommandChoice::Command::none) {
        return row;
    }
    if (row.command == CommandChoice::Command::none) {
        return column;
    }
    const bool fits = row.at + state.timing.timings().column_edges <= column.at;
    const bool sooner = row.begin < column.begin || (row.begin == column.begin && row.sequence < column.sequence);
    return fits || sooner ? row : column;
}

} // namespace systolica
