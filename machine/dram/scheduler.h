// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// Which command goes next. A scheduler looks at the queue and the device state and names one command and its time; when
// that time lies ahead, the controller sleeps until then and asks again if something has changed.
#pragma once

#include <memory>

#include "machine/dram/channel_timing.h"
#include "machine/dram/command_bus.h"
#include "machine/dram/request_queue.h"

namespace systolica {

struct ChannelState {
    explicit ChannelState(const DramConfig& config)
        : timing(config.part, config.ranks), bus(timing.timings()), queue(config) {}

    ChannelTiming timing;
    CommandBus bus;
    RequestQueue queue;
    std::uint64_t refreshing = 0; // a bit for each bank that waits for its refresh: nothing else may go there

    // Rows that have been opened for a request of that kind and not used yet.
    std::size_t opened(bool write) const { return opened_[write]; }
    void row_opened(unsigned bank, std::uint64_t row, bool write) {
        opener_[bank] = write;
        ++opened_[write];
        queue.row_opened(bank, row);
    }
    void row_used(unsigned bank) { // before the device learns of it
        opened_[opener_[bank]] -= timing.open_row(bank) != ChannelTiming::kClosed && timing.unused(bank) ? 1U : 0U;
    }
    void row_closed(unsigned bank) { // before the device learns of it
        row_used(bank);
        queue.row_closed(bank);
    }

private:
    std::array<std::size_t, 2> opened_{};
    std::array<bool, RequestQueue::kMostBanks> opener_{};
};

struct CommandChoice {
    enum class Command : std::uint8_t { none, precharge, activate, columns };

    Command command = Command::none;
    RequestQueue::Slot slot = RequestQueue::kNone;
    Ck at = kNever;
    Ck begin = kNever;          // its first edge on the CA bus, less one
    std::uint64_t sequence = 0; // of the entry: the older goes first of two that begin together
};

class Scheduler {
public:
    virtual ~Scheduler() = default;

    virtual CommandChoice choose(const ChannelState& state, Ck now) = 0;
};

std::unique_ptr<Scheduler> make_scheduler(const DramConfig& config);

// The earliest next command of an entry: ACT, PRE, or its column commands.
CommandChoice row_command(const ChannelState& state, RequestQueue::Slot slot, Ck now);
CommandChoice column_command(const ChannelState& state, RequestQueue::Slot slot, Ck now);
CommandChoice next_command(const ChannelState& state, RequestQueue::Slot slot, Ck now);

// The one that begins earlier, of two that begin together the older.
inline void keep_earlier(CommandChoice& best, const CommandChoice& offered) {
    if (offered.begin < best.begin || (offered.begin == best.begin && offered.sequence < best.sequence)) {
        best = offered;
    }
}

// A row command goes before a column command when it does not delay it, or when it begins no later and is older.
CommandChoice right_of_way(const ChannelState& state, const CommandChoice& column, const CommandChoice& row);

} // namespace systolica
