// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// The commands of one tile, generated from a plan on demand. Each queue walks groups and steps on its own; what a step
// loads, computes and frees is asked from the stateless Nest, so the four walks agree without sharing anything.
#pragma once

#include <array>
#include <vector>

#include "machine/commands/command_source.h"
#include "mapping/nest.h"
#include "mapping/plan.h"
#include "mapping/split_sums.h"

namespace systolica {

class TileProgram : public CommandSource {
public:
    TileProgram(const Plan& plan, unsigned tile); // the plan must outlive the program

    bool next(Queue queue, Command& command) override;
    std::array<std::uint32_t, kSemaphores> initial() const override;
    std::uint64_t commands(std::uint32_t operation, Queue queue) const override;
    std::uint32_t operations() const override;

private:
    struct Walk {
        std::size_t group = 0;
        std::uint64_t step = 0;
        std::vector<Command> ready; // of the current step
        std::size_t next_ready = 0;
        bool loads_begun = false; // of the current group
        bool stores_begun = false;
        std::uint64_t sent_bytes = 0;            // of the current group's sums, to another tile
        std::vector<int> waited;                 // tensors of the current group whose event the queue has waited for
        std::array<std::uint64_t, kPads> ring{}; // bytes that went through each pad so far: gives pad addresses
    };

    struct Work { // this tile's part of a group
        const Group* group;
        Nest nest;
        const Group* before = nullptr;    // the group before, if it leaves the input in the pads
        const Group* after = nullptr;     // the group after, if this one leaves the output for it
        std::uint64_t kept_bytes = 0;     // of the input, left in the ifmap pad by the group before
        std::uint64_t fetched_bytes = 0;  // of the input, from other tiles' pads
        std::uint64_t reserved_bytes = 0; // for the output, in the ifmap pad, for the group after
        std::uint64_t active_before = 0;  // tiles with work that come before this one
        SumsExchange sums{};              // with other tiles
    };

    void expand(Queue queue, Walk& walk) const;
    void loads(const Work& work, const Step& step, Walk& walk) const;
    void matrix(const Work& work, const Step& step, Walk& walk) const;
    void vector(const Work& work, const Step& step, Walk& walk) const;
    void stores(const Work& work, const Step& step, Walk& walk) const;

    void fetch_input(const Work& work, Walk& walk) const;
    void send_sums(const Work& work, const Step& step, Walk& walk) const;
    static std::uint64_t block_of(const Work& work, const Walk& walk) { return walk.step / work.nest.k_blocks(); }
    static EventWait all_sent(const Work& work, const Walk& walk);

    void load_filter(const Work& work, const Step& step, Walk& walk) const;
    void load_factor(const Work& work, const Step& step, Walk& walk) const;
    void load_operand(const Work& work, std::size_t operand, const Step& step, Walk& walk) const;
    void store_box(const PlannedTensor& to, const std::vector<Box>& boxes, std::uint32_t operation, bool from_sums,
                   bool last, Walk& walk) const;
    void load_constants(const Work& work, const Step& step, Walk& walk) const;
    void load_gradient(const Work& work, const Step& step, Walk& walk) const;
    void wait_for(const PlannedTensor& planned, int tensor, Command& command, Walk& walk) const;
    const Shape& shape_of(int tensor) const;
    LoadShare share_of(const SharedLoads& loads, std::uint64_t round) const;
    void load_box(const Box& box, int tensor, Semaphore space, Semaphore data, Pad pad, std::uint32_t operation,
                  Walk& walk, const LoadShare& share) const;
    void push(Command command, Walk& walk) const;
    std::uint32_t pad_address(Walk& walk, Pad pad, std::uint64_t bytes) const;

    const Plan& plan_;
    const unsigned tile_;
    std::vector<Work> work_;
    std::array<Walk, kQueues> walks_;
    bool serial_;
};

} // namespace systolica
