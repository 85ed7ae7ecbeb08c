// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// An input-queued router with virtual channels, credits and wormhole switching, one flit at a time. A packet's head
// gets a virtual channel of the next router (a virtual channel is free again as soon as the tail has left here); then
// its flits compete for the switch one by one, as long as there is room in the next buffer. Both allocators are
// separable with round-robin pointers. Speculative: a head asks for the switch in the same cycle as for its virtual
// channel; it goes only if it gets both, there is room, and no other flit wants that input or output.
//
// A packet that goes on over several outputs (a fork) is copied: every branch takes a virtual channel and flits for
// itself. Forks are served before the allocators, oldest first, and leave them what they do not use; an input, output
// or virtual channel that others want too goes to a fork at most every other time. In a cycle an input is read for one
// fork, once for each branch, or for another packet.
#pragma once

#include <cstdint>
#include <vector>

#include "machine/noc/fabric/config.h"
#include "machine/noc/fabric/flit_wires.h"
#include "machine/noc/fabric/routing.h"
#include "machine/noc/fabric/separable_allocator.h"

namespace systolica {

struct FlitWay { // on from here: a port and the virtual channels that may be taken behind it
    std::uint16_t port = 0;
    std::uint16_t first_vc = 0;
    std::uint16_t vcs = 0;
    RouteState state = 0;
    bool joins = false; // others, where the port leads
};

struct FlitBranch {
    FlitWay way;
    std::uint32_t packet = 0; // the copy
};

// What a router asks about packets.
class FlitRoutes {
public:
    virtual ~FlitRoutes() = default;
    virtual unsigned ways(unsigned router, std::uint32_t packet, FlitWay* ways) const = 0; // one or two; 0: forks
    virtual void branches(std::uint32_t packet, std::vector<FlitBranch>& branches) = 0;    // makes the copies
    virtual void copied(std::uint32_t packet) = 0;                                         // all flits, to all branches
    virtual void left(std::uint32_t packet, RouteState state) = 0;                         // the head leaves a router
};

class FlitRouter {
public:
    struct Output {
        FlitWires::Place place; // slot of virtual channel 0
        unsigned delay = 1;     // switch grant to arrival
        unsigned flit_cycles = 1;
    };
    struct Input {
        FlitWires::Place place; // of the credits of virtual channel 0
        unsigned delay = 1;     // switch grant to return of the credit
    };

    FlitRouter(unsigned id, const FabricConfig& config, std::vector<Input> inputs, std::vector<Output> outputs);

    void arrive(std::uint64_t now, std::uint32_t slot, Flit flit, FlitRoutes& routes);
    void pass_buffer(std::uint64_t now, std::uint32_t slot, FlitWires& wires) const; // of a flit that is added
    void credit(std::uint32_t slot) { ++outputs_vcs_[slot].credits; }
    void evaluate(std::uint64_t now, FlitRoutes& routes, FlitWires& wires);
    bool busy() const { return !waiting_.empty() || !active_.empty() || !forks_.empty(); }
    std::uint64_t flits_over(unsigned port) const { return carried_[port]; }
    std::uint64_t contention(unsigned port) const { return contention_[port]; } // fabric_network.h

private:
    enum class State : std::uint8_t { idle, waiting, active, forking };

    struct InputVc {
        State state = State::idle;
        bool listed = false; // in waiting_
        std::uint8_t ways = 0;
        std::uint8_t way = 0;     // the one last asked for
        std::uint32_t first = 0;  // of its buffer, a ring
        std::uint32_t filled = 0; // flits
        std::uint32_t output = 0; // slot, while active
        std::uint64_t ready = 0;  // may ask for a virtual channel
        FlitWay way_of[2];
    };
    struct OutputVc {
        std::uint32_t credits = 0;
        bool taken = false;
    };
    struct Branch {
        FlitWay way;
        std::uint32_t packet = 0;
        std::uint32_t output = 0; // slot, once taken
        bool taken = false;
        std::uint64_t from = 0; // may send
        std::uint32_t sent = 0;
        bool done = false;
    };
    struct Fork {
        std::uint32_t slot = 0;
        std::uint64_t ready = 0;
        std::uint32_t packet = 0;
        std::uint32_t gone = 0; // flits that all branches have taken
        std::vector<Branch> branches;
    };
    // Of the virtual channels of an input that want the same output, the next in turn asks.
    class Switch {
    public:
        Switch(std::size_t inputs, std::size_t outputs);

        void ask(std::uint32_t input, std::uint32_t output, std::uint32_t vc, std::uint32_t turn);
        const std::vector<SeparableAllocator::Match>& allocate();
        std::uint32_t vc(const SeparableAllocator::Match& match) const {
            return cells_[cell(match.input, match.output)];
        }
        void forget();

    private:
        std::size_t cell(std::uint32_t input, std::uint32_t output) const { return input * outputs_ + output; }

        const std::size_t outputs_;
        std::vector<std::uint32_t> cells_; // the asking virtual channel by input and output
        std::vector<SeparableAllocator::Match> asked_;
        SeparableAllocator allocator_;
    };

    const Flit& front(std::uint32_t slot) const { return buffers_[slot * depth_ + inputs_vcs_[slot].first]; }
    void start_packet(std::uint32_t slot, std::uint64_t ready, FlitRoutes& routes);
    void choose_way(InputVc& vc) const;
    bool may_speculate(const FlitWay& way) const;
    void ask_for_channels(std::uint64_t now);
    void ask_for_switch(std::uint64_t now);
    void take_channels();
    void take_switch(std::uint64_t now, FlitRoutes& routes, FlitWires& wires);
    void send(std::uint64_t now, std::uint32_t slot, FlitRoutes& routes, FlitWires& wires);
    void forget_done();

    // Forks (flit_router_forks.cpp).
    void start_fork(std::uint32_t slot, FlitRoutes& routes);
    void serve_forks(std::uint64_t now, FlitRoutes& routes, FlitWires& wires);
    void note_others(std::uint64_t now);
    void serve_fork(std::uint64_t now, Fork& fork, FlitWires& wires);
    void take_channel(std::uint64_t now, Branch& branch);
    bool can_send(std::uint64_t now, const Fork& fork, const Branch& branch) const;
    void send_copy(std::uint64_t now, const Fork& fork, Branch& branch, FlitWires& wires);
    bool free_buffer(std::uint64_t now, Fork& fork, FlitRoutes& routes, FlitWires& wires);

    const unsigned id_;
    const unsigned vcs_;
    const unsigned depth_;
    const RouterPipeline pipeline_;
    const std::vector<Input> inputs_;
    const std::vector<Output> outputs_;
    std::vector<InputVc> inputs_vcs_;
    std::vector<OutputVc> outputs_vcs_;
    std::vector<Flit> buffers_;
    std::vector<std::uint64_t> output_free_; // narrow links: first cycle of the next grant
    std::vector<std::uint64_t> carried_;
    std::vector<std::uint64_t> contention_;
    std::vector<std::uint32_t> waiting_; // slots of packets without a virtual channel
    std::vector<std::uint32_t> active_;  // slots of packets with one, and flits here
    SeparableAllocator channels_;
    Switch switch_;
    Switch speculation_;
    std::vector<std::uint32_t> turns_;       // by input: virtual channel that asks first
    std::vector<std::uint64_t> switched_in_; // by input, and by output: cycle of the last grant without speculation
    std::vector<std::uint64_t> switched_out_;

    // Whose turn it is where forks and other packets want the same.
    struct Turn {
        std::uint64_t wanted = 0; // by others: cycle + 1
        bool forks_last = false;

        bool forks_turn(std::uint64_t now) {
            forks_last = wanted != now + 1 || !forks_last;
            return forks_last;
        }
    };
    std::vector<Fork> forks_;
    std::vector<std::uint32_t> left_by_forks_; // virtual channels, free from the next cycle on
    std::vector<Turn> input_turns_;
    std::vector<Turn> output_turns_;
    std::vector<Turn> channel_turns_; // by output
};

} // namespace systolica
