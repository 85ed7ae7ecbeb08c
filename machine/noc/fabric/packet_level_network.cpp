// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "machine/noc/fabric/packet_level_network.h"

#include <algorithm>

namespace systolica {

namespace {

constexpr unsigned kEndpointLink = 1;    // cycles between an endpoint and its router
constexpr unsigned kInterfaceCycles = 1; // into the router, and of a credit back

// A power of two.
std::uint32_t ring(std::uint32_t places) {
    std::uint32_t size = 1;
    while (size < places) {
        size *= 2;
    }
    return size;
}

} // namespace

PacketLevelNetwork::PacketLevelNetwork(const FabricConfig& config)
    : config_(config),
      topology_(config.shape),
      routes_(topology_, config.routing, config.seed),
      pipeline_(RouterPipeline::of(config.router_cycles)),
      order_(topology_.endpoints(), config.message_classes),
      links_(topology_.links() + 2 * std::size_t{topology_.endpoints()} + topology_.routers()),
      channels_(links_.size() * config.virtual_channels),
      buffered_places_(config.buffer_flits + 1),
      allocation_cycles_(pipeline_.speculative ? 0 : 1),
      routing_classes_(routes_.routing().classes()),
      routed_(std::size_t{1} << kRoutedBits),
      lanes_(std::size_t{topology_.endpoints() + topology_.routers()} * config.message_classes),
      held_(std::size_t{topology_.endpoints()} * config.message_classes) {
    times_mask_ = ring(config.buffer_flits) - 1;
    times_.resize(channels_.size() * (times_mask_ + std::size_t{1}));
    buffered_.resize(channels_.size() * buffered_places_);
    make_links();
    make_channels();
    for (unsigned message = 0; message < config.message_classes; ++message) {
        message_ranges_.push_back(vc_range(config, 1, message, 0));
        for (unsigned c = 0; c < routes_.routing().classes(); ++c) {
            ranges_.push_back(vc_range(config, routes_.routing().classes(), message, c));
        }
    }
}

void PacketLevelNetwork::make_links() {
    const unsigned credit = kInterfaceCycles + config_.credit_cycles;
    for (unsigned id = 0; id < topology_.links(); ++id) {
        const FabricLink& link = topology_.link(id);
        links_[id].router = link.to;
        links_[id].delay = pipeline_.transfer_cycles + link.latency_cycles + link.flit_cycles - 1;
        links_[id].flit_cycles = link.flit_cycles;
        links_[id].credit_delay = link.latency_cycles + credit;
    }
    for (unsigned endpoint = 0; endpoint < topology_.endpoints(); ++endpoint) {
        links_[topology_.injection(endpoint)].router = topology_.router_of(endpoint);
        links_[topology_.injection(endpoint)].delay = kInterfaceCycles + kEndpointLink;
        links_[topology_.injection(endpoint)].credit_delay = kInterfaceCycles + kEndpointLink;
        links_[topology_.ejection(endpoint)].delay = pipeline_.transfer_cycles + kEndpointLink;
        links_[topology_.ejection(endpoint)].credit_delay = kEndpointLink + credit;
        links_[topology_.ejection(endpoint)].endpoint = endpoint;
    }
    for (unsigned router = 0; router < topology_.routers(); ++router) {
        links_[adder(router)].router = router;
        links_[adder(router)].delay = config_.combine_cycles;
    }
}

void PacketLevelNetwork::make_channels() {
    for (std::uint32_t id = 0; id < links_.size(); ++id) {
        links_[id].id = id;
        links_[id].channels = &channels_[std::size_t{id} * config_.virtual_channels];
    }
    for (std::uint32_t id = 0; id < channels_.size(); ++id) {
        Channel& channel = channels_[id];
        channel.id = id;
        channel.link = &links_[id / config_.virtual_channels];
        channel.times = &times_[id * (times_mask_ + std::size_t{1})];
        channel.packets = &buffered_[id * std::size_t{buffered_places_}];
        channel.places = config_.buffer_flits;
    }
}

std::uint32_t PacketLevelNetwork::new_packet(std::uint64_t cycle, const FabricPacket& packet) {
    std::uint32_t id = static_cast<std::uint32_t>(packets_.size());
    if (free_.empty()) {
        packets_.emplace_back();
    } else {
        id = free_.back();
        free_.pop_back();
    }
    packets_[id].delivery = {packet, cycle, 0, 0};
    packets_[id].flits = packets_[id].at_source = packet.flits;
    return id;
}

void PacketLevelNetwork::recycle(std::uint32_t id) {
    Packet& p = packets_[id];
    p.hops.clear();
    p.first = 0;
    p.due = kNever;
    if (p.group != kNone) {
        p.group = p.fork = p.feeds = kNone;
        p.node = p.branch = p.sum = 0;
        p.joins = p.is_copy = p.is_sum = false;
    }
    free_.push_back(id);
}

void PacketLevelNetwork::offer(std::uint64_t cycle, const FabricPacket& packet) {
    const std::uint32_t id = new_packet(cycle, packet);
    Packet& p = packets_[id];
    p.number = order_.number(packet);
    p.state = routes_.start(packet);
    p.target = topology_.router_of(packet.destination);
    p.flow = p.target * config_.message_classes + packet.message_class;
    queue(lane_of(p), id);
}

std::size_t PacketLevelNetwork::lane_of(const Packet& packet) const {
    const FabricPacket& what = packet.delivery.packet;
    const std::size_t source =
        packet.is_sum ? topology_.endpoints() + groups_[packet.group].tree.node(packet.sum).router : what.source;
    return source * config_.message_classes + what.message_class;
}

// A source sends the packets of a message class one after another.
void PacketLevelNetwork::queue(std::size_t which, std::uint32_t id) {
    Lane& lane = lanes_[which];
    packets_[id].lane = static_cast<std::uint32_t>(which);
    packets_[id].next = kNone;
    if (lane.first == kNone) {
        lane.first = id;
        start_first(lane);
    } else {
        packets_[lane.last].next = id;
    }
    lane.last = id;
}

void PacketLevelNetwork::arrive(std::uint32_t id) {
    Packet& p = packets_[id];
    if (p.group != kNone && p.joins) {
        arrive_of_group(id);
        return;
    }
    Held& held = held_at(p.delivery.packet.destination, p.delivery.packet.message_class);
    if (held.held) {
        held.packets.push_back(id);
        return;
    }
    if (p.group != kNone) {
        arrive_of_group(id);
        return;
    }
    p.delivery.arrived = now_;
    p.delivery.routers = static_cast<unsigned>(p.hops.size()) - 1;
    order_.arrive(p.delivery, p.number, deliveries_);
    recycle(id);
}

// Flits with a cycle on the last link count as taken before; those that come later wait. After the release one flit a
// cycle is taken.
void PacketLevelNetwork::hold(unsigned endpoint, unsigned message_class, bool held) {
    Held& h = held_at(endpoint, message_class);
    if (h.held && !held) {
        std::uint64_t cycle = now_ + 1;
        const VcRange& range = message_ranges_[message_class];
        const Link& link = links_[topology_.ejection(endpoint)];
        for (unsigned vc = range.first; vc < range.first + range.count; ++vc) {
            Channel& channel = link.channels[vc];
            for (; channel.places - config_.buffer_flits != channel.sent; ++channel.places) {
                const std::uint64_t comes = times(channel, channel.places - config_.buffer_flits).comes;
                const std::uint64_t room = std::max(cycle++, comes) + link.credit_delay;
                times(channel, channel.places).room = room;
                if (channel.owner != kNone) {
                    wake(channel.owner, room);
                }
            }
        }
        for (const std::uint32_t packet : h.packets) {
            events_.push(cycle++, packet * kinds + for_arrival);
        }
        h.packets.clear();
    }
    h.held = held;
}

} // namespace systolica
