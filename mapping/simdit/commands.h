// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// The commands of the tile that is SimDIT's machine. Each queue walks the phases on its own; semaphores `step_*` hold
// them together: a command gives one token to each queue that has a part in the next phase, whose first command there
// waits for as many as the phase before has commands.
#pragma once

#include <array>
#include <vector>

#include "machine/commands/command_source.h"
#include "mapping/simdit/phases.h"

namespace systolica {

class SimditCommands : public CommandSource {
public:
    SimditCommands(const SimditConfig& config, const SimditProgram& program);

    bool next(Queue queue, Command& command) override;
    std::array<std::uint32_t, kSemaphores> initial() const override { return {}; }
    std::uint64_t commands(std::uint32_t operation, Queue queue) const override;
    std::uint32_t operations() const override { return static_cast<std::uint32_t>(counts_.size()); }

private:
    struct Place { // of a phase
        std::size_t block = 0, run = 0, phase = 0;
        std::uint64_t block_round = 0, run_round = 0;
    };
    struct Walk {
        Place place;
        std::size_t command = 0;  // the next to look at
        std::uint32_t before = 0; // commands of the phase before
        bool waited = false;      // the queue's first command of the phase has been drawn
    };

    bool ended(const Place& place) const { return place.block == blocks_.size(); }
    const SimditPhase& phase(const Place& place) const {
        return blocks_[place.block].runs[place.run].phases[place.phase];
    }
    void advance(Place& place) const;
    void give_tokens(const Walk& walk, Queue queue, Command& command) const;

    std::vector<SimditBlock> blocks_;
    std::vector<std::array<std::uint64_t, kQueues>> counts_; // by operation
    std::array<Walk, kQueues> walks_;
};

} // namespace systolica
