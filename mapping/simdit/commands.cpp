// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "mapping/simdit/commands.h"

#include <algorithm>

namespace systolica {

namespace {

constexpr std::array<Semaphore, kQueues> kTokensFor{Semaphore::step_load, Semaphore::step_matrix,
                                                    Semaphore::step_vector, Semaphore::step_store};

} // namespace

SimditCommands::SimditCommands(const SimditConfig& config, const SimditProgram& program)
    : blocks_(simdit_phases(config, program)), counts_(program.size()) {
    blocks_.erase(
        std::remove_if(blocks_.begin(), blocks_.end(), [](const SimditBlock& block) { return block.runs.empty(); }),
        blocks_.end());
    for (const SimditBlock& block : blocks_) {
        for (const SimditRun& run : block.runs) {
            for (const SimditPhase& phase : run.phases) {
                for (const Command& command : phase.commands) {
                    const auto queue = static_cast<std::size_t>(queue_of(command.opcode));
                    counts_[command.operation][queue] += block.times * run.times;
                }
            }
        }
    }
}

bool SimditCommands::next(Queue queue, Command& command) {
    Walk& walk = walks_[static_cast<std::size_t>(queue)];
    while (!ended(walk.place)) {
        const std::vector<Command>& commands = phase(walk.place).commands;
        while (walk.command < commands.size()) {
            const Command& candidate = commands[walk.command++];
            if (queue_of(candidate.opcode) == queue) {
                command = candidate;
                give_tokens(walk, queue, command);
                walk.waited = true;
                return true;
            }
        }
        walk.before = static_cast<std::uint32_t>(commands.size());
        walk.command = 0;
        walk.waited = false;
        advance(walk.place);
    }
    return false;
}

void SimditCommands::give_tokens(const Walk& walk, Queue queue, Command& command) const {
    if (!walk.waited && walk.before > 0) {
        command.acquire[0] = {kTokensFor[static_cast<std::size_t>(queue)], walk.before};
    }
    Place after = walk.place;
    advance(after);
    if (ended(after)) {
        return;
    }
    for (const Command& follower : phase(after).commands) {
        const auto index = static_cast<std::size_t>(queue_of(follower.opcode));
        command.release[index] = {kTokensFor[index], 1};
    }
}

void SimditCommands::advance(Place& place) const {
    const SimditBlock& block = blocks_[place.block];
    const SimditRun& run = block.runs[place.run];
    if (++place.phase < run.phases.size()) {
        return;
    }
    place.phase = 0;
    if (++place.run_round < run.times) {
        return;
    }
    place.run_round = 0;
    if (++place.run < block.runs.size()) {
        return;
    }
    place.run = 0;
    if (++place.block_round < block.times) {
        return;
    }
    place.block_round = 0;
    ++place.block;
}

std::uint64_t SimditCommands::commands(std::uint32_t operation, Queue queue) const {
    return counts_[operation][static_cast<std::size_t>(queue)];
}

} // namespace systolica
