// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// The network flit by flit and cycle by cycle: routers (flit_router.h) joined by links, a source and a sink for each
// endpoint. A cycle costs only the routers, sources and flits that have work in it, and cycles without any are skipped.
// A packet waits at its source without limit, in a queue for each message class; its flits go one a cycle into the
// buffers of the first router. A lone packet takes 2 + router_cycles * routers + flits - 1 cycles, plus what its links
// are longer or narrower than one cycle; a multicast the same to each destination, where every message and routing
// class has two virtual channels or no cycle of their own for virtual channels (router_cycles up to 3), and a reduction
// combine_cycles more in each router that adds. Not modelled: faults, power, clock domains within the network.
#pragma once

#include <cstdint>
#include <deque>
#include <queue>
#include <utility>
#include <vector>

#include "machine/noc/fabric/config.h"
#include "machine/noc/fabric/delivery_order.h"
#include "machine/noc/fabric/fabric_network.h"
#include "machine/noc/fabric/flit_router.h"
#include "machine/noc/fabric/flit_wires.h"
#include "machine/noc/fabric/packet_groups.h"
#include "machine/noc/fabric/route_picker.h"
#include "machine/noc/fabric/topology.h"

namespace systolica {

class FlitLevelNetwork final : public FabricNetwork, private FlitRoutes {
public:
    explicit FlitLevelNetwork(const FabricConfig& config); // without problems (problems.h)

    const FabricTopology& topology() const { return topology_; }

    void offer(std::uint64_t cycle, const FabricPacket& packet) override;
    void offer_multicast(std::uint64_t cycle, const FabricPacket& packet,
                         const std::vector<unsigned>& destinations) override;
    void offer_reduction(std::uint64_t cycle, const FabricPacket& packet,
                         const std::vector<unsigned>& sources) override;
    void advance(std::uint64_t cycle) override;
    std::uint64_t next_cycle() const override;
    void hold(unsigned endpoint, unsigned message_class, bool held) override;
    std::uint64_t link_flits(unsigned link) const override;
    std::uint64_t link_contention(unsigned link) const override;

private:
    struct Packet {
        FabricDelivery delivery;
        std::uint32_t number = 0; // in its flow
        std::uint32_t sent = 0;   // flits, by its source
        RouteState state = 0;
        std::uint32_t group = PacketGroups::kNone;
        unsigned node = 0;  // of the group's tree that it stands before; at its endpoint the place of the destination
        unsigned sum = 0;   // node where it was added up
        unsigned added = 0; // flits that an adder has taken
        bool joins = false; // in the router of its source
    };
    struct Lane { // one message class of a source
        std::deque<std::uint32_t> packets;
        std::uint32_t vc = 0; // of the packet being sent, or of the last
    };
    struct Source { // an endpoint, or the adder of a router
        std::vector<Lane> lanes;
        std::vector<std::uint32_t> credits; // by virtual channel
        unsigned turn = 0;                  // lane that is asked first
        std::uint64_t flits = 0;            // sent
        bool listed = false;                // in sending_
    };
    struct Held { // flits of one message class at an endpoint that does not take them
        bool held = false;
        std::deque<std::pair<Flit, std::uint32_t>> flits; // and their virtual channel
    };

    unsigned ways(unsigned router, std::uint32_t packet, FlitWay* ways) const override;
    void branches(std::uint32_t packet, std::vector<FlitBranch>& branches) override;
    void copied(std::uint32_t packet) override { free_.push_back(packet); }
    void left(std::uint32_t packet, RouteState state) override;

    // Multicasts and reductions (flit_network_groups.cpp).
    FlitWay way_of(const Packet& packet, const TreeStep& step) const;
    bool has_flit(const Packet& packet) const;
    void join(FlitWires::Place place, Flit flit);
    void start_sum(std::uint32_t group, unsigned node);

    void make_routers();
    void open_cycle();  // arrivals
    void close_cycle(); // sources and routers
    void log_cycle();
    bool working() const { return !busy_.empty() || !sending_.empty() || !draining_.empty(); }
    std::uint32_t new_packet(std::uint64_t cycle, const FabricPacket& packet);
    void send_at(std::uint64_t cycle, std::uint32_t packet);
    void create(std::uint32_t packet);
    void queue(unsigned source, std::uint32_t packet);
    unsigned adder(unsigned router) const { return topology_.endpoints() + router; } // among sources
    bool send_from(unsigned from);
    bool send_flit(unsigned from, Lane& lane, unsigned message_class);
    bool find_channel(const Source& source, Lane& lane, unsigned message_class) const;
    void take_flit(FlitWires::Place place, Flit flit);
    void take_credit(FlitWires::Place place);
    void sink(unsigned endpoint, Flit flit, std::uint32_t vc);
    Held& held_at(unsigned endpoint, unsigned message_class) {
        return held_[std::size_t{endpoint} * config_.message_classes + message_class];
    }

    const FabricConfig config_;
    const FabricTopology topology_;
    RoutePicker routes_;
    const RouterPipeline pipeline_;
    FlitWires wires_;
    DeliveryOrder order_;
    PacketGroups groups_;
    std::vector<FlitRouter> routers_;
    std::vector<unsigned> out_port_;    // by link
    std::vector<unsigned> inject_port_; // by source
    std::vector<unsigned> eject_port_;
    std::vector<Source> sources_; // endpoints, then adders
    std::vector<Held> held_;
    std::vector<Packet> packets_;
    std::vector<std::uint32_t> free_; // of packets_
    std::vector<unsigned> busy_;      // routers with flits
    std::vector<bool> is_busy_;
    std::vector<unsigned> sending_;                      // endpoints with packets to send
    std::vector<unsigned> draining_;                     // places in held_ that are released and not empty
    using Due = std::pair<std::uint64_t, std::uint64_t>; // cycle, then order of offering and packet
    std::priority_queue<Due, std::vector<Due>, std::greater<>> offered_;
    std::uint64_t offers_ = 0;
    std::uint64_t now_ = 0;
    std::vector<std::uint64_t> logged_; // flits over each link that the log has
};

} // namespace systolica
