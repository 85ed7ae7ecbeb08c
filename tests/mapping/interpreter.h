// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// Runs the programs of all tiles of a plan without a kernel and without time: four in-order queues a tile, semaphores
// taken all at once or not at all, event counters. Which queue goes on next is random. Fails the test when a space
// semaphore exceeds its start, when nothing can go on, or when a semaphore does not return to its start.
#pragma once

#include <array>
#include <deque>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "machine/commands/semaphores.h"
#include "mapping/cost.h"
#include "mapping/plan.h"
#include "mapping/tile_program.h"
#include "random_numbers.h"

namespace systolica {

class Interpreter {
public:
    using Initial = std::array<std::uint32_t, kSemaphores>;
    using Watch = std::function<void(unsigned tile, const Command& command)>;

    // What makes two loads the same.
    using DmaShape = std::tuple<std::uint64_t, std::uint32_t, std::array<std::uint32_t, 3>,
                                std::array<std::uint32_t, 3>, std::uint16_t>;

    struct Totals {                        // of an operation
        std::uint64_t exchanged_bytes = 0; // with scratchpads of tiles
        std::uint64_t read_bytes = 0, write_bytes = 0, macs = 0, matrix_commands = 0, vector_commands = 0;
        std::uint64_t elements = 0; // of vector stages that count for it
    };

    Interpreter(const Plan& plan, std::uint64_t seed);

    void set_initial(unsigned tile, const Initial& initial); // instead of the program's own

    // This queue goes on only when no other one can: each of its commands issues and retires as late as the semaphores
    // and events allow, after everything that does not wait for it.
    void hold_back(unsigned tile, Queue queue);
    bool run();

    Watch on_issue, on_retire;
    std::vector<Totals> totals;
    std::vector<std::uint32_t> posts;                         // by event
    std::set<std::pair<std::uint32_t, std::uint32_t>> waited; // event and threshold
    std::size_t most_in_flight = 0;                           // of a tile
    std::uint64_t shared_loads = 0;                           // that several tiles have made together

private:
    // Tiles that share a load: it comes when all of them have issued it.
    struct Party {
        std::set<unsigned> tiles;
        std::size_t sharers = 0;
        std::size_t counted = 0; // members that count its bytes
    };
    static constexpr std::size_t kAlone = ~std::size_t{0};
    struct Flight {
        Command command;
        std::size_t party = kAlone;
    };
    struct QueueState {
        Command head;
        bool has_head = false;
        bool ended = false;
        bool held_back = false;
        std::deque<Flight> flight;
    };
    struct Tile {
        TileProgram program;
        Initial initial{};
        Semaphores semaphores;
        std::array<QueueState, kQueues> queues;
        std::size_t in_flight = 0;
    };

    bool move_one();
    bool issue(unsigned tile, Queue queue);
    bool retire(unsigned tile, Queue queue);
    std::size_t join(unsigned tile, const Command& command);
    void count(const Command& command);
    bool check_space(const Tile& tile) const;
    bool all_ended() const;
    std::string stuck() const;

    std::map<DmaShape, std::vector<std::size_t>> parties_of_; // oldest first
    std::vector<Party> parties_;
    RandomNumbers random_;
    std::vector<Tile> tiles_;
    std::size_t depth_;
    bool space_exceeded_ = false;
};

// Semaphores that start with the needed bytes of a layer's pads and not one more.
Interpreter::Initial exact_initial(const Layer& layer, const PadNeeds& needs);

// A plan that executes nothing but one group of another: its inputs are there from the start.
Plan only_group(const Plan& plan, std::size_t group);

} // namespace systolica
