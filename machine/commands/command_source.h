// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// Where a sequencer gets its commands. A program is a generator: it makes records on demand, so its memory grows with
// the operations of the network and not with the number of tiles executed. The queues are drawn independently.
#pragma once

#include <array>
#include <cstdint>

#include "machine/commands/command.h"

namespace systolica {

class CommandSource {
public:
    virtual ~CommandSource() = default;

    // The next command of a queue; false when the queue has ended (and at each later call).
    virtual bool next(Queue queue, Command& command) = 0;

    // What each semaphore starts with.
    virtual std::array<std::uint32_t, kSemaphores> initial() const = 0;

    // Commands that work for operation `operation` of the plan in `queue` on this tile: its accounting knows by this
    // when an operation has ended here. 0 where the tile has no part in it.
    virtual std::uint64_t commands(std::uint32_t operation, Queue queue) const = 0;

    virtual std::uint32_t operations() const = 0;
};

} // namespace systolica
