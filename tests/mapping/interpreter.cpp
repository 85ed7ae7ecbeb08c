// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "interpreter.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "machine/commands/tile_address.h"
#include "mapping/split_sums.h"

namespace systolica {

Interpreter::Interpreter(const Plan& plan, std::uint64_t seed)
    : totals(plan.operations.size()), random_(seed), depth_(static_cast<std::size_t>(random_.between(1, 3))) {
    std::uint32_t events = 0;
    for (const PlannedTensor& tensor : plan.tensors) {
        events = std::max(events, tensor.event);
    }
    for (const Group& group : plan.groups) {
        if (group.exchange.made_event != 0) {
            events = std::max({events, group.exchange.made_event + plan.chip.tiles - 1,
                               group.exchange.read_event + plan.chip.tiles - 1});
        }
        events = std::max(events, group.tiling.ways > 1 ? group.sums_event + sums_events(group) - 1 : 0);
    }
    posts.assign(events + 1, 0);
    for (unsigned t = 0; t < plan.chip.tiles; ++t) {
        tiles_.push_back({TileProgram(plan, t), {}, {}, {}, 0});
        set_initial(t, tiles_.back().program.initial());
    }
}

void Interpreter::set_initial(unsigned tile, const Initial& initial) {
    tiles_[tile].initial = initial;
    tiles_[tile].semaphores = Semaphores(initial);
}

void Interpreter::hold_back(unsigned tile, Queue queue) {
    tiles_[tile].queues[static_cast<std::size_t>(queue)].held_back = true;
}

// One command, of any queue that is not held back if there is one.
bool Interpreter::move_one() {
    const auto queues = static_cast<unsigned>(tiles_.size() * kQueues);
    const auto start = static_cast<unsigned>(random_.below(queues));
    const bool retire_first = random_.flip();
    for (const bool held_back : {false, true}) {
        for (unsigned i = 0; i < queues; ++i) {
            const unsigned at = (start + i) % queues;
            const unsigned tile = at / kQueues;
            const auto queue = static_cast<Queue>(at % kQueues);
            if (tiles_[tile].queues[at % kQueues].held_back == held_back &&
                (retire_first ? retire(tile, queue) || issue(tile, queue)
                              : issue(tile, queue) || retire(tile, queue))) {
                space_exceeded_ = !check_space(tiles_[tile]);
                return !space_exceeded_;
            }
        }
    }
    return false;
}

bool Interpreter::run() {
    while (move_one()) {
    }
    if (space_exceeded_) {
        return false;
    }
    if (!all_ended()) {
        ADD_FAILURE() << "deadlock:" << stuck();
        return false;
    }
    for (std::size_t t = 0; t < tiles_.size(); ++t) {
        for (std::size_t s = 1; s < kSemaphores; ++s) {
            const auto semaphore = static_cast<Semaphore>(s);
            EXPECT_EQ(tiles_[t].semaphores.available(semaphore), tiles_[t].initial[s])
                << "tile " << t << " ends with another " << semaphore_name(semaphore);
        }
    }
    return !::testing::Test::HasFailure();
}

bool Interpreter::issue(unsigned tile, Queue queue) {
    Tile& t = tiles_[tile];
    QueueState& q = t.queues[static_cast<std::size_t>(queue)];
    if (q.flight.size() >= depth_) {
        return false;
    }
    if (!q.has_head && !q.ended) {
        q.has_head = t.program.next(queue, q.head);
        q.ended = !q.has_head;
    }
    if (!q.has_head || (q.head.wait.event != 0 && posts[q.head.wait.event] < q.head.wait.threshold) ||
        t.semaphores.acquire(q.head.acquire) != 0) {
        return false;
    }
    EXPECT_EQ(queue_of(q.head.opcode), queue);
    if (q.head.wait.event != 0) {
        waited.insert({q.head.wait.event, q.head.wait.threshold});
    }
    if (on_issue) {
        on_issue(tile, q.head);
    }
    q.flight.push_back({q.head, join(tile, q.head)});
    q.has_head = false;
    most_in_flight = std::max(most_in_flight, ++t.in_flight);
    return true;
}

bool Interpreter::retire(unsigned tile, Queue queue) {
    Tile& t = tiles_[tile];
    QueueState& q = t.queues[static_cast<std::size_t>(queue)];
    if (q.flight.empty()) {
        return false;
    }
    const std::size_t party = q.flight.front().party;
    if (party != kAlone && parties_[party].tiles.size() < parties_[party].sharers) {
        return false;
    }
    const Command command = q.flight.front().command;
    q.flight.pop_front();
    --t.in_flight;
    t.semaphores.release(command.release);
    posts[command.post] += command.post == 0 ? 0 : 1;
    count(command);
    if (on_retire) {
        on_retire(tile, command);
    }
    return true;
}

std::size_t Interpreter::join(unsigned tile, const Command& command) {
    const DmaArguments& dma = command.dma;
    if (command.opcode != Opcode::load || dma.sharers < 2) {
        EXPECT_FALSE(command.opcode == Opcode::load && (dma.follows || dma.sharers != 0));
        return kAlone;
    }
    std::vector<std::size_t>& list =
        parties_of_[{dma.memory_address, dma.run_bytes, dma.count, dma.stride_bytes, dma.sharers}];
    auto party =
        std::find_if(list.begin(), list.end(), [&](std::size_t at) { return parties_[at].tiles.count(tile) == 0; });
    if (party == list.end()) {
        parties_.push_back({{}, dma.sharers, 0});
        list.push_back(parties_.size() - 1);
        party = list.end() - 1;
    }
    Party& joined = parties_[*party];
    joined.tiles.insert(tile);
    joined.counted += dma.follows ? 0 : 1;
    if (joined.tiles.size() == joined.sharers) {
        EXPECT_EQ(joined.counted, 1u);
        ++shared_loads;
    }
    return *party;
}

void Interpreter::count(const Command& command) {
    Totals& total = totals.at(command.operation);
    switch (command.opcode) {
    case Opcode::load:
        if (in_tile_space(command.dma.memory_address)) {
            total.exchanged_bytes += command.dma.bytes();
        } else {
            total.read_bytes += command.dma.follows ? 0 : command.dma.bytes();
        }
        break;
    case Opcode::store:
        (in_tile_space(command.dma.memory_address) ? total.exchanged_bytes : total.write_bytes) += command.dma.bytes();
        break;
    case Opcode::matrix:
        total.macs += std::uint64_t{command.matrix.m} * command.matrix.n * command.matrix.k * command.matrix.groups;
        ++total.matrix_commands;
        break;
    case Opcode::vector:
        for (const VectorStage& stage : command.vector.stages) {
            if (stage.kernel != VectorKernel::none) {
                totals.at(stage.operation).elements += command.vector.elements;
                ++totals.at(stage.operation).vector_commands;
            }
        }
        break;
    }
}

bool Interpreter::check_space(const Tile& tile) const {
    for (std::size_t s = 1; s < kSemaphores; ++s) {
        const auto semaphore = static_cast<Semaphore>(s);
        if ((kSpaceSemaphores & semaphore_bit(semaphore)) != 0 &&
            tile.semaphores.available(semaphore) > tile.initial[s]) {
            ADD_FAILURE() << semaphore_name(semaphore) << " exceeds its start";
            return false;
        }
    }
    return true;
}

bool Interpreter::all_ended() const {
    return std::all_of(tiles_.begin(), tiles_.end(), [](const Tile& tile) {
        return std::all_of(tile.queues.begin(), tile.queues.end(),
                           [](const QueueState& q) { return q.ended && q.flight.empty(); });
    });
}

std::string Interpreter::stuck() const {
    std::string text;
    for (std::size_t t = 0; t < tiles_.size(); ++t) {
        for (std::size_t q = 0; q < kQueues; ++q) {
            const QueueState& queue = tiles_[t].queues[q];
            if (!queue.has_head) {
                continue;
            }
            text += "\n  tile " + std::to_string(t) + " " + queue_name(static_cast<Queue>(q)) + " of operation " +
                    std::to_string(queue.head.operation);
            if (queue.head.wait.event != 0 && posts[queue.head.wait.event] < queue.head.wait.threshold) {
                text += ", event " + std::to_string(queue.head.wait.event);
            }
            for (const Token& token : queue.head.acquire) {
                if (token.semaphore != Semaphore::none) {
                    text += std::string(", ") + semaphore_name(token.semaphore) + " " + std::to_string(token.amount) +
                            " of " + std::to_string(tiles_[t].semaphores.available(token.semaphore));
                }
            }
        }
    }
    return text;
}

Interpreter::Initial exact_initial(const Layer& layer, const PadNeeds& needs) {
    Interpreter::Initial initial{};
    std::size_t next = 0;
    const auto take = [&](Semaphore semaphore) {
        initial[static_cast<std::size_t>(semaphore)] = static_cast<std::uint32_t>(needs[next++].needed_bytes);
    };
    if (layer.matrix) {
        take(Semaphore::ifmap_space);
        take(Semaphore::filter_space);
        take(Semaphore::ofmap_space);
    }
    if (!layer.matrix || !layer.operands.empty() || layer.constant_bytes > 0) {
        take(Semaphore::operand_space);
    }
    if (!layer.stages.empty()) {
        take(Semaphore::result_space);
    }
    initial[static_cast<std::size_t>(Semaphore::serial)] = 1;
    return initial;
}

Plan only_group(const Plan& plan, std::size_t group) {
    Plan one = plan;
    one.groups = {plan.groups[group]};
    Group& kept = one.groups.front();
    kept.start_event = kept.store_event = 0;
    for (PlannedTensor& tensor : one.tensors) {
        tensor.event = 0;
    }
    return one;
}

} // namespace systolica
