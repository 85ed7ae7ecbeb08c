// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "machine/dram/scheduler.h"

#include "machine/dram/fifo_scheduler.h"
#include "machine/dram/fr_fcfs_scheduler.h"

namespace systolica {

std::unique_ptr<Scheduler> make_scheduler(const DramConfig& config) {
    if (config.scheduler == DramScheduler::fifo) {
        return std::make_unique<FifoScheduler>();
    }
    return std::make_unique<FrFcfsScheduler>(config);
}

CommandChoice row_command(const ChannelState& state, bool write, std::size_t position, Ck now) {
    const BurstEntry& entry = state.queue(write)[position];
    const Ck earliest = std::max(now, entry.visible_at);
    if (state.timing.open_row(entry.bank) == ChannelTiming::kClosed) {
        const Ck at = std::max(earliest, state.timing.activate_at(entry.bank));
        return {CommandChoice::Command::activate, write, position, state.bus.row_slot(at, DramTimings::kActivateEdges)};
    }
    const Ck at = std::max(earliest, state.timing.precharge_at(entry.bank));
    return {CommandChoice::Command::precharge, write, position, state.bus.row_slot(at, DramTimings::kPrechargeEdges)};
}

CommandChoice column_command(const ChannelState& state, bool write, std::size_t position, Ck now) {
    const BurstEntry& entry = state.queue(write)[position];
    const Ck at = std::max({now, entry.visible_at, state.timing.column_at(entry.bank, write)});
    return {CommandChoice::Command::columns, write, position, state.bus.column_slot(at)};
}

CommandChoice right_of_way(const CommandChoice& column, const CommandChoice& row) {
    if (column.command == CommandChoice::Command::none) {
        return row;
    }
    const bool row_fits =
        row.command != CommandChoice::Command::none && row.at + DramTimings::kColumnEdges <= column.at;
    return row_fits ? row : column;
}

} // namespace systolica
