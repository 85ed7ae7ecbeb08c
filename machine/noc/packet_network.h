// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// Packets on the links of a mesh: the timing of the network without SystemC, in cycles of the chip clock. A packet is
// an event at each router where it may meet others: head = max(arrival, link free) + router_cycles, tail = head +
// flits - 1; a link is taken for one cycle a flit and serves heads in order of arrival. Of two that arrive in the same
// cycle the one from the lower endpoint goes first, so nothing depends on the order of calls within a cycle. A link
// that only one other link feeds is booked together with it, without an event of its own: packets cannot overtake each
// other on a link, so nobody can come between. Requests and responses share the links. Not modelled: finite router
// buffers. A packet whose link is taken waits in its router and holds no other link, so neither class can block the
// other and nothing can deadlock; how many packets wait is bounded by what the endpoints have outstanding.
#pragma once

#include <cstdint>
#include <vector>

#include "machine/gap_book.h"
#include "machine/noc/config.h"
#include "machine/noc/cycle_queue.h"
#include "machine/noc/mesh_topology.h"

namespace systolica {

class PacketNetwork {
public:
    enum class Traffic : std::uint8_t { tiles_with_memories, any_pair }; // which pairs of endpoints will talk

    struct LinkUse {
        std::uint64_t busy_cycles = 0; // flits carried
        std::uint64_t packets = 0;
    };
    static constexpr std::uint32_t kPassed = ~std::uint32_t{0}; // Booking::packet of pass()
    struct Booking {                                            // a link, occupied by flits in the cycles [from, to)
        LinkId link;
        std::uint32_t packet;
        std::uint64_t from;
        std::uint64_t to;
        std::uint64_t asked; // cycle at which the head stood before the link
    };

    PacketNetwork(const NocConfig& config, Traffic traffic);

    const MeshTopology& topology() const { return topology_; }

    // Time has come to `cycle`, and everything before has been advanced.
    void come_to(std::uint64_t cycle) {
        now_ = cycle;
        queue_.come_to(cycle);
    }

    // Packet `id` (a small number, free for use again once it has arrived) is created at `cycle`, not in the past;
    // packets of one endpoint in order of creation. Returns the cycle in which its injection link is free again.
    std::uint64_t inject(std::uint32_t id, std::uint64_t cycle, unsigned from, unsigned to, unsigned flits);

    // A packet passed through at once, ahead of time (loosely timed), created at `cycle`, not in the past: returns the
    // cycle in which its tail arrives. On each link it takes the first gap between the packets passed before that holds
    // all its flits. What is lost: a packet that is passed earlier is never delayed by one that is passed later, though
    // its head may stand before the link first, and gaps shorter than a packet stay empty. Injected packets go behind
    // all that have been passed, and the other way round.
    std::uint64_t pass(std::uint64_t cycle, unsigned from, unsigned to, unsigned flits);

    // For what an endpoint itself has to do at a later cycle; ranks like a packet of that endpoint.
    void call_at(std::uint64_t cycle, unsigned endpoint, std::uint32_t token) {
        queue_.push(cycle, endpoint, 2 * token + 1);
    }

    std::uint64_t next_cycle() const { return queue_.next(); } // CycleQueue::kNever when nothing is under way

    // Does all that is due up to `cycle`: `arrived(id)` for a packet whose tail is there, `called(token)` for call_at.
    // Both may inject and call_at.
    template <typename Arrived, typename Called>
    void advance(std::uint64_t cycle, Arrived&& arrived, Called&& called) {
        queue_.drain(cycle, [&](std::uint64_t now, CycleQueue::Value value) {
            const std::uint32_t id = value / 2;
            if (value % 2 != 0) {
                called(id);
            } else if (flights_[id].next == flights_[id].last) {
                arrived(id);
            } else {
                book(id, now);
            }
        });
    }

    // Appends every booking to `log` from now on; nullptr ends it.
    void log_bookings(std::vector<Booking>* log) { log_ = log; }

    std::uint64_t packets() const { return packets_; }
    std::uint64_t packet_hops() const { return hops_; } // links between routers crossed
    const LinkUse& use(LinkId link) const { return links_[link].use; }

private:
    struct Link {
        std::uint64_t free = 0; // first cycle in which a head may ask for it and go on at once
        unsigned cycles = 0;    // head before the link to head behind it
        bool alone_fed = false; // by one link: booked together with that
        LinkUse use;
        GapBook ahead;              // the packets passed
        std::uint64_t passed = 0;   // end of the last of them
        std::uint64_t injected = 0; // end of the last injected packet that pass() knows of
    };
    struct Flight {
        const LinkId* next = nullptr;
        const LinkId* last = nullptr;
        std::uint32_t flits = 0;
        std::uint32_t from = 0;
    };

    void find_links_fed_alone(Traffic traffic);
    void book(std::uint32_t id, std::uint64_t head);
    std::uint64_t take(LinkId link, std::uint64_t head, std::uint32_t flits, std::uint32_t packet);
    std::uint64_t take_gap(LinkId link, std::uint64_t head, std::uint32_t flits);
    void note(LinkId link, std::uint64_t head, std::uint64_t start, std::uint32_t flits, std::uint32_t packet);
    void count(const Route& route);

    const MeshTopology topology_;
    std::vector<Link> links_;
    std::vector<Flight> flights_; // by packet id
    CycleQueue queue_;
    std::uint64_t now_ = 0;
    std::uint64_t packets_ = 0;
    std::uint64_t hops_ = 0;
    std::vector<Booking>* log_ = nullptr;
};

} // namespace systolica
