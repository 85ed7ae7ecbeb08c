// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// A tile for SimDIT's programs in a few lines, sharing nothing with the modules: queues in order, counting semaphores,
// an interface for each scratchpad, an array and a vector unit that take one command at a time.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "machine/commands/command_source.h"
#include "machine/simdit/config.h"

namespace systolica {

struct LockstepRun {
    std::uint64_t cycles = 0;
    std::vector<std::uint64_t> read_bytes, write_bytes; // by operation
    std::vector<std::uint64_t> ended;                   // cycle of each operation's last matrix or vector command
    bool deadlock = false;
};

LockstepRun run_lockstep(const SimditConfig& config, CommandSource& source);

} // namespace systolica
