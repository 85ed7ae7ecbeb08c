// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// Which command goes next. A scheduler looks at both queues and the device state and names one command and its time;
// when that time lies ahead, the controller sleeps until then and asks again if something has changed.
#pragma once

#include <array>
#include <memory>

#include "machine/dram/burst_queue.h"
#include "machine/dram/channel_timing.h"
#include "machine/dram/command_bus.h"

namespace systolica {

struct ChannelState {
    ChannelState(const DramConfig& config)
        : timing(config.part),
          bus(timing.timings().column_gap),
          queues{BurstQueue(config.read_queue), BurstQueue(config.write_queue)} {}

    ChannelTiming timing;
    CommandBus bus;
    std::array<BurstQueue, 2> queues; // reads, writes

    const BurstQueue& queue(bool write) const { return queues[write]; }
    BurstQueue& queue(bool write) { return queues[write]; }
};

struct CommandChoice {
    enum class Command : std::uint8_t { none, precharge, activate, columns };

    Command command = Command::none;
    bool write = false;       // the entry's queue
    std::size_t position = 0; // the entry's place in it
    Ck at = kNever;
};

class Scheduler {
public:
    virtual ~Scheduler() = default;

    virtual CommandChoice choose(const ChannelState& state, Ck now) = 0;
    virtual void columns_issued() {} // the train last chosen has been sent
};

std::unique_ptr<Scheduler> make_scheduler(const DramConfig& config);

// The earliest next row command (PRE or ACT) of an entry whose row is not open.
CommandChoice row_command(const ChannelState& state, bool write, std::size_t position, Ck now);
// The earliest train of an entry whose row is open.
CommandChoice column_command(const ChannelState& state, bool write, std::size_t position, Ck now);
// Column commands have right of way on the CA bus: a row command goes first only if it does not delay them.
CommandChoice right_of_way(const CommandChoice& column, const CommandChoice& row);

} // namespace systolica
