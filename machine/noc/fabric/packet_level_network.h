// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// The network packet by packet: wormhole routing with the same virtual channels, buffers, credits and router pipeline
// as the flit level, but driven by events: one for each packet and router, and one for every few flits more where a
// packet is long or waits; idle cycles and routers cost nothing. When an event comes to a packet, its flits on all
// links that it spans are given the first free cycles of those links and of the router inputs they come from, up to
// kAhead cycles ahead, as far as their arrival and their credits are known; the rest gets its turn with the next event.
// So packets share a link in turns of a few flits, and a blocked packet holds the links it spans. A lone packet takes
// exactly as long as at flit level. What this loses: a head waits for the flits that have their cycles already, and
// cycles go to links and inputs better than allocators manage to match them, except for what input_prefers_another()
// says: an overloaded network takes up to 15 % more, or where unlucky turns repeat up to 10 % less. Flits that are
// added to others need a free place behind their last link, but are not slowed down to the round trip of its credit.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "machine/noc/fabric/config.h"
#include "machine/noc/fabric/delivery_order.h"
#include "machine/noc/fabric/event_ring.h"
#include "machine/noc/fabric/fabric_network.h"
#include "machine/noc/fabric/packet_groups.h"
#include "machine/noc/fabric/route_picker.h"
#include "machine/noc/fabric/slot_calendar.h"
#include "machine/noc/fabric/topology.h"

namespace systolica {

class PacketLevelNetwork final : public FabricNetwork {
public:
    explicit PacketLevelNetwork(const FabricConfig& config); // without problems (problems.h)

    const FabricTopology& topology() const { return topology_; }

    void offer(std::uint64_t cycle, const FabricPacket& packet) override;
    void offer_multicast(std::uint64_t cycle, const FabricPacket& packet,
                         const std::vector<unsigned>& destinations) override;
    void offer_reduction(std::uint64_t cycle, const FabricPacket& packet,
                         const std::vector<unsigned>& sources) override;
    void advance(std::uint64_t cycle) override;
    std::uint64_t next_cycle() const override { return events_.next(); }
    void hold(unsigned endpoint, unsigned message_class, bool held) override;
    std::uint64_t link_flits(unsigned link) const override { return links_[link].flits; }
    std::uint64_t link_contention(unsigned link) const override { return links_[link].contention; }

private:
    static constexpr std::uint32_t kNone = ~std::uint32_t{0};
    static constexpr unsigned kRoutedBits = 10;
    static constexpr std::uint64_t kAhead = 7; // cycles; longer is faster, and less fair between packets on a link

    struct Link;

    // What is known of the flits of a virtual channel, in a ring by their number.
    struct FlitTimes {
        std::uint64_t comes = 0; // to the buffer
        std::uint64_t room = 0;  // from when its place in the buffer is free
    };
    // A virtual channel of a link and the buffer behind it. Flits are numbered in order, and numbers may wrap round.
    struct Channel {
        Link* link = nullptr;
        FlitTimes* times = nullptr;
        std::uint32_t* packets = nullptr; // with flits in the buffer or on their way to it, a ring
        const Link* input = nullptr;      // link that its owner came over
        std::uint64_t free_at = 0;        // for the next owner
        std::uint32_t owner = kNone;      // the packet that is being sent over it
        std::uint32_t sent = 0;           // flits with a cycle on the link
        std::uint32_t places = 0;         // flits with a known time for their place: those that leave make one each
        std::uint32_t front = 0;          // place of the first of them
        std::uint32_t count = 0;
        std::uint32_t id = 0;
    };
    struct Way {
        Link* link = nullptr;
        VcRange range{0, 0};
        RouteState state = 0;
    };
    struct Waiting {
        std::uint32_t packet;
        VcRange range;
        RouteState state;
    };
    struct Link {
        SlotCalendar out;              // the link
        SlotCalendar in;               // the router input that it leads to
        std::uint64_t narrow_free = 0; // instead of out, where a flit takes several cycles
        Channel* channels = nullptr;
        unsigned delay = 1; // switch grant to arrival behind the link
        unsigned flit_cycles = 1;
        unsigned credit_delay = 1;      // a flit's leaving the buffer to the next one's taking its place
        unsigned router = 0;            // that it leads to, or
        std::uint32_t endpoint = kNone; // that it leads to
        std::uint32_t owners = 0;       // virtual channels with one
        std::uint32_t turn = 0;         // virtual channel that is looked at first
        std::uint32_t id = 0;
        std::uint64_t flits = 0;
        std::uint64_t contention = 0; // cycles
        std::uint64_t due = kNever;   // when those that wait are looked at
        std::vector<Waiting> waiting; // packets without a virtual channel
    };
    struct Hop { // a packet on a link
        Channel* channel = nullptr;
        Link* link = nullptr;
        std::uint32_t sent = 0;     // of its flits
        std::uint32_t base = 0;     // number of its head in the channel
        std::uint64_t earliest = 0; // cycle of the next flit, one after that of the last
    };
    struct Packet {
        std::uint64_t due = kNever;   // its next event
        std::uint64_t ready = kNever; // its head may ask for a virtual channel
        std::uint64_t asked = 0;      // it did
        std::vector<Hop> hops;        // of a copy the first is that of the packet it copies
        std::uint32_t first = 0;      // hop whose tail is not yet sent
        std::uint32_t flits = 0;
        std::uint32_t at_source = 0; // flits that can be sent from there
        std::uint32_t group = kNone;
        std::uint32_t lane = 0;
        std::uint32_t next = kNone; // in its lane
        unsigned target = 0;        // router of its destination
        std::uint32_t flow = 0;     // target and message class
        std::uint32_t number = 0;   // in its flow
        RouteState state = 0;
        bool joins = false;          // others behind its last link: its flits go past the buffer there
        bool is_copy = false;        // of a packet that forks
        bool is_sum = false;         // comes from an adder
        unsigned node = 0;           // of the group's tree that it stands before; at the end the destination's place
        unsigned branch = 0;         // that it takes there
        std::uint32_t fork = kNone;  // of a copy: that it comes from
        std::uint32_t feeds = kNone; // fork that its flits still come to
        unsigned sum = 0;            // of a sum: the node where it was added up
        FabricDelivery delivery;
    };
    struct Fork { // a packet that stands before several outputs, and its copies
        std::uint32_t packet = 0;
        std::vector<std::uint32_t> copies;
        std::vector<unsigned> taken;       // by flit, copies that have it
        std::vector<std::uint64_t> leaves; // by flit, cycle of the last of them
        SlotCalendar slots;                // of the input
        unsigned done = 0;
    };
    struct Lane {                    // one message class of a source: an endpoint, or the adder of a router
        std::uint32_t first = kNone; // packet
        std::uint32_t last = kNone;
        std::uint64_t free_at = 0;
    };
    struct Held {
        bool held = false;
        std::vector<std::uint32_t> packets; // whose tails have come
    };
    struct Routed { // ways that a routing has named
        std::uint64_t key = kNever;
        unsigned count = 0;
        Way way[2];
    };
    enum Event : std::uint32_t { for_packet, for_link, for_arrival, kinds = 4 };

    unsigned adder(unsigned router) const { return topology_.all_links() + router; }
    FlitTimes& times(const Channel& channel, std::uint32_t flit) { return channel.times[flit & times_mask_]; }
    const FlitTimes& times(const Channel& channel, std::uint32_t flit) const {
        return channel.times[flit & times_mask_];
    }
    const VcRange& range(unsigned message_class, unsigned routing_class) const {
        return ranges_[message_class * routing_classes_ + routing_class];
    }
    Held& held_at(unsigned endpoint, unsigned message_class) {
        return held_[std::size_t{endpoint} * config_.message_classes + message_class];
    }

    void make_links();
    void make_channels();
    void wake(std::uint32_t id, std::uint64_t cycle) {
        if (cycle < packets_[id].due) {
            packets_[id].due = cycle;
            events_.push(cycle, id * kinds + for_packet);
        }
    }
    void wake_link(Link& link, std::uint64_t cycle) {
        if (cycle < link.due) {
            link.due = cycle;
            events_.push(cycle, link.id * kinds + for_link);
        }
    }
    void arrive(std::uint32_t id);
    void start_first(const Lane& lane) {
        Packet& packet = packets_[lane.first];
        packet.ready = std::max(lane.free_at, packet.delivery.created);
        wake(lane.first, packet.ready);
    }
    std::uint32_t new_packet(std::uint64_t cycle, const FabricPacket& packet);
    void recycle(std::uint32_t id);
    void queue(std::size_t lane, std::uint32_t id);
    std::size_t lane_of(const Packet& packet) const;

    // Virtual channels.
    // The link that a packet came over, none at its source.
    static const Link* input_of(const Packet& packet) {
        return packet.hops.empty() ? nullptr : packet.hops.back().link;
    }
    bool input_holds(const Link& link, const Link* input) const;
    void serve_link(Link& link);
    void ask_for_channel(std::uint32_t id);
    const Way& way_of(const Packet& packet, Way& way);
    const Routed& routed(const Packet& packet, unsigned router);
    void route(const Packet& packet, unsigned router, Routed& routed);
    bool take_free_channel(std::uint32_t id, Packet& packet, const Way& way);
    void take_channel(std::uint32_t id, Packet& packet, RouteState state, Channel& channel);
    // When the next flit of a virtual channel finds room in the buffer; kNever if that is not known yet.
    std::uint64_t credit_time(const Channel& channel) const {
        return channel.sent == channel.places ? kNever : times(channel, channel.sent).room;
    }
    // When a virtual channel can be taken; kNever if that is not known yet. A source does not start a packet into a
    // buffer without room.
    std::uint64_t free_from(const Channel& channel, bool with_room) const {
        if (channel.owner != kNone) {
            return kNever;
        }
        return with_room ? std::max(channel.free_at, credit_time(channel)) : channel.free_at;
    }
    unsigned free_channels(const Way& way) const;

    // Flits.
    void serve(std::uint32_t id);
    template <bool kGrouped>
    void send_all(std::uint32_t id, Packet& packet);
    void send_grouped(std::uint32_t id, Packet& packet);
    template <bool kGrouped, bool kSource>
    void send_flits(std::uint32_t id, Packet& packet, Hop& hop);
    void log_slots(const Hop& hop, std::uint64_t slots);
    bool input_prefers_another(const Hop& hop, std::uint64_t slot);
    bool stands_ready(const Hop& hop, std::uint64_t slot);
    // A flit has a cycle to leave the buffer of a channel: its place can be taken, if somebody waits for just that.
    void left_buffer(std::uint32_t id, Channel& channel, std::uint64_t slot) {
        const std::uint64_t room = slot + channel.link->credit_delay;
        times(channel, channel.places).room = room;
        if (channel.places++ == channel.sent) {
            wake_for_room(id, channel, room);
        }
    }
    void wake_for_room(std::uint32_t id, const Channel& channel, std::uint64_t room);
    template <bool kGrouped, bool kSource>
    void tail_sent(std::uint32_t id, Packet& packet, Hop& hop);
    void leave_source(const Packet& packet, std::uint64_t cycle);
    void leave_buffer(Channel& channel, std::uint64_t cycle);
    void wake_next(std::uint32_t id);
    std::uint64_t next_event(const Packet& packet) const; // kNever if there is none

    // Multicasts and reductions (packet_level_groups.cpp).
    const TreeNode& node_of(const Packet& packet) const { return groups_[packet.group].tree.node(packet.node); }
    void arrive_of_group(std::uint32_t id);
    Way tree_way(const Packet& packet);
    bool step_on(Packet& packet);
    bool forks_here(const Packet& packet) const;
    void fork(std::uint32_t id);
    void feed_copies(std::uint32_t id);
    bool copied(std::uint32_t fork, std::uint64_t& slot);
    void take_copy(const Packet& copy, std::uint32_t flit, std::uint64_t slot);
    void add(const Packet& packet, std::uint32_t flit, std::uint64_t time);
    std::uint64_t sum_time(const Packet& packet, std::uint32_t flit) const;

    const FabricConfig config_;
    const FabricTopology topology_;
    RoutePicker routes_;
    const RouterPipeline pipeline_;
    DeliveryOrder order_;
    PacketGroups groups_;
    std::vector<Link> links_; // of the topology, then from and to each endpoint, then from each adder
    std::vector<Channel> channels_;
    std::vector<FlitTimes> times_; // rings of the channels
    std::uint32_t times_mask_ = 0;
    const std::uint32_t buffered_places_; // one in front of a full buffer
    std::vector<std::uint32_t> buffered_; // packets, rings of the channels
    const unsigned allocation_cycles_;    // virtual channel to switch
    const unsigned routing_classes_;
    std::vector<VcRange> ranges_; // by message class and routing class
    std::vector<VcRange> message_ranges_;
    std::vector<Routed> routed_; // by a hash of their key; the last one stays
    std::vector<Lane> lanes_;    // by source and message class
    std::vector<Held> held_;
    std::vector<Packet> packets_;
    std::vector<std::uint32_t> free_;
    std::vector<Fork> forks_;
    std::vector<std::uint32_t> free_forks_;
    EventRing events_;
    std::uint64_t now_ = 0;
};

} // namespace systolica
