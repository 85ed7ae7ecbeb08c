// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// What both levels of the network do: packets offered at a cycle come out at their destination, once, and in order of
// their offering for each source, destination and message class (an endpoint puts packets that overtook others back in
// order). Time goes forward by advance() only; nothing happens that next_cycle() did not announce.
//
// A multicast leaves its source once and is copied in the routers where the routes to its destinations part
// (packet_tree.h); a reduction adds packets of several sources where their routes meet, and one packet arrives. Neither
// brings a deadlock where single packets have none:
// - Copies of a wormhole that wait for each other deadlock as soon as two trees cross (McKinley, Tsai and Robinson,
// IEEE
//   Computer, 1995). So a multicast goes in pieces that a buffer can hold, and its copies go on independently: each
//   branch takes a virtual channel when it finds one and flits when it has credits, and a flit leaves the buffer when
//   all branches have taken it (as in virtual-circuit-tree multicasting, Jerger, Peh and Lipasti, ISCA 2008). The piece
//   that stands first in a buffer fits into it, so its flits come whatever its branches do, and a branch waits for the
//   channels behind it only, never for another branch: the same waiting as among single packets. What pieces need to be
//   routed rides beside their heads; they cost no flits.
// - Flits that are added go past the buffer of the input into the adder of their router, which takes all that come (as
//   adders at the inputs: Krishna et al., MICRO 2011; here without a limit), so no packet waits behind one that waits
//   for another part. The sum goes on as a packet from there, once the heads of all parts have come, a flit at a time.
//   A part whose head has come holds its whole way and stands first in each buffer of it: the rest follows and waits
//   for nobody, so a sum that holds a channel does not wait for another packet either.
#pragma once

#include <cstdint>
#include <vector>

namespace systolica {

struct FabricPacket {
    unsigned source = 0;
    unsigned destination = 0;
    unsigned flits = 1; // of the whole packet
    unsigned message_class = 0;
    std::uint64_t tag = 0; // the caller's
};

struct FabricDelivery {
    FabricPacket packet;
    std::uint64_t created = 0;
    std::uint64_t arrived = 0; // its tail at the endpoint; the time of those before it in order may be later
    unsigned routers = 0;      // on its way
};

// A link in the cycles [from, to): flits cross it, each in the cycle after the switch has let it through. Links are
// numbered as in the topology, then those from and to each endpoint (FabricTopology::all_links()).
struct FabricLinkUse {
    unsigned link = 0;
    std::uint64_t from = 0;
    std::uint64_t to = 0;
};

class FabricNetwork {
public:
    static constexpr std::uint64_t kNever = ~std::uint64_t{0};

    virtual ~FabricNetwork() = default;

    // A packet is created at `cycle`, which is not in the past: the cycle of the last advance() is still open. It waits
    // at its source without limit. Packets of one source and class are offered in order of their creation.
    virtual void offer(std::uint64_t cycle, const FabricPacket& packet) = 0;

    // To each of several endpoints, all different; packet.destination says nothing. Delivered once at each.
    virtual void offer_multicast(std::uint64_t cycle, const FabricPacket& packet,
                                 const std::vector<unsigned>& destinations) = 0;

    // From each of several endpoints, all different, a packet of so many flits; one comes to packet.destination. In the
    // order of deliveries it counts as a packet of packet.source, whatever the sources are.
    virtual void offer_reduction(std::uint64_t cycle, const FabricPacket& packet,
                                 const std::vector<unsigned>& sources) = 0;

    // Everything up to `cycle`: arrivals in that cycle are delivered, and what is offered for it later still counts.
    virtual void advance(std::uint64_t cycle) = 0;
    virtual std::uint64_t next_cycle() const = 0; // the next in which something may happen; kNever if nothing can

    // A held endpoint takes no more flits of a message class until it is released; they wait in the network.
    virtual void hold(unsigned endpoint, unsigned message_class, bool held) = 0;

    // Delivered since the last call of clear_deliveries(), in order.
    const std::vector<FabricDelivery>& deliveries() const { return deliveries_; }
    void clear_deliveries() { deliveries_.clear(); }

    virtual std::uint64_t link_flits(unsigned link) const = 0; // carried so far; of all links

    // Cycles that heads have waited in routers for this link (or to leave the network at an endpoint) because others
    // had it, its virtual channels or the buffer behind it: from when they would have gone alone to when they went.
    // None for the links from endpoints.
    virtual std::uint64_t link_contention(unsigned link) const = 0;

    // From now on uses of links are appended here, some of them ahead of time; null: no more.
    void log_links(std::vector<FabricLinkUse>* log) { log_ = log; }

protected:
    std::vector<FabricDelivery> deliveries_;
    std::vector<FabricLinkUse>* log_ = nullptr;
};

} // namespace systolica
