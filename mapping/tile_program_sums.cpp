// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// The part of a tile program that exchanges sums with other tiles (mapping/split_sums.h).

#include "machine/commands/tile_address.h"
#include "mapping/program_parts.h"
#include "mapping/tile_program.h"

#include <algorithm>

namespace systolica {

EventWait TileProgram::all_sent(const Work& work, const Walk& walk) {
    return work.sums.senders == 0 ? EventWait{} : EventWait{work.sums.sent(block_of(work, walk)), work.sums.senders};
}

// A block lies in the owner's pad where the owner's own sums of it lie. Both are rings: what wraps goes in two parts,
// and all senders cut it at the same place, so that the network can add them.
void TileProgram::send_sums(const Work& work, const Step& step, Walk& walk) const {
    const std::uint64_t capacity = plan_.chip.tile.pad(Pad::ofmap).capacity_bytes;
    const std::uint64_t bytes = step.sums() * plan_.chip.precision.accumulator_bytes();
    const std::uint64_t block = block_of(work, walk);
    std::uint64_t at = (work.sums.owner_ofmap + walk.sent_bytes) % capacity;
    for (std::uint64_t left = bytes; left > 0;) {
        const std::uint64_t part = std::min(left, capacity - at);
        Command command;
        command.opcode = Opcode::store;
        command.operation = work.group->operation;
        command.dma.memory_address = encode({work.sums.owner_tile, Pad::ofmap, narrow(at)});
        command.dma.run_bytes = narrow(part);
        command.dma.pad = Pad::ofmap;
        command.dma.pad_bytes = narrow(part);
        command.dma.pad_address = narrow((work.sums.own_ofmap + walk.sent_bytes) % capacity);
        walk.sent_bytes += part;
        command.dma.sharers = static_cast<std::uint16_t>(work.sums.senders > 1 ? work.sums.senders : 0);
        command.dma.follows = !work.sums.first_sender;
        add(command.acquire, Semaphore::ofmap_results, part);
        add(command.release, Semaphore::ofmap_space, part);
        if (left == bytes) {
            command.wait = {work.sums.there(block), 1};
        }
        left -= part;
        at = 0;
        if (left == 0) {
            command.post = work.sums.sent(block);
        }
        push(command, walk);
    }
}

} // namespace systolica
