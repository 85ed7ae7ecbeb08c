// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// What the compute units of a tile tell its accounting. Called at the moment it happens (current simulated time, on an
// edge of the chip clock).
#pragma once

#include <cstdint>

#include "machine/commands/command.h"

namespace systolica {

enum class UnitState : std::uint8_t { idle, working, scratchpad_stall };

class UnitMonitor {
public:
    virtual ~UnitMonitor() = default;

    // `unit` is Queue::matrix or Queue::vector.
    virtual void unit_state(Queue unit, UnitState state) = 0;

    // The last work of a vector stage that belongs to `operation` in one command has been done.
    virtual void stage_ended(std::uint32_t operation) = 0;
};

} // namespace systolica
