// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// What a sequencer tells the accounting of its tile. Called at the moment it happens (current simulated time, on an
// edge of the chip clock).
#pragma once

#include <cstdint>

#include "machine/commands/command.h"
#include "machine/commands/semaphores.h"

namespace systolica {

// What keeps the next command of a queue from issuing.
enum class HeadState : std::uint8_t {
    ended,         // there is none
    waiting_event, // its event has not been reached; it may lack semaphores as well
    lacking,       // semaphores hold too little
    held_back      // its unit has not taken the command before it (END_REQ withheld)
};

class QueueMonitor {
public:
    virtual ~QueueMonitor() = default;

    virtual void head(Queue queue, HeadState state, SemaphoreMask lacking) = 0;
    virtual void issued(Queue queue, const Command& command) = 0;

    // `staged`: a vector command with stages, each of which has been told by UnitMonitor::stage_ended.
    virtual void retired(Queue queue, std::uint32_t operation, bool staged) = 0;

    // All queues have ended and every command has retired.
    virtual void finished() = 0;
};

} // namespace systolica
