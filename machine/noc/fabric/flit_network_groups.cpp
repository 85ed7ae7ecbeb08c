// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// Multicasts and reductions of the flit level.

#include <utility>

#include "machine/noc/fabric/flit_network.h"

namespace systolica {

// In pieces that a buffer can hold, unless it is never copied.
void FlitLevelNetwork::offer_multicast(std::uint64_t cycle, const FabricPacket& packet,
                                       const std::vector<unsigned>& destinations) {
    PacketTree tree = routes_.multicast(packet.source, destinations);
    const unsigned longest = tree.forks() ? config_.buffer_flits : packet.flits;
    const std::uint32_t group = groups_.open(cycle, packet, std::move(tree), order_);
    for (const FabricPacket& piece : pieces_of(packet, longest)) {
        const std::uint32_t id = new_packet(cycle, piece);
        packets_[id].group = group;
        send_at(cycle, id);
    }
}

void FlitLevelNetwork::offer_reduction(std::uint64_t cycle, const FabricPacket& packet,
                                       const std::vector<unsigned>& sources) {
    const std::uint32_t group = groups_.open(cycle, packet, routes_.reduction(sources, packet.destination), order_);
    for (unsigned n = 0; n < groups_[group].tree.nodes(); ++n) {
        groups_[group].sums.emplace_back(groups_[group].tree.node(n).parts, packet.flits);
    }
    for (std::size_t i = 0; i < sources.size(); ++i) {
        FabricPacket part = packet;
        part.source = sources[i];
        const std::uint32_t id = new_packet(cycle, part);
        packets_[id].group = group;
        packets_[id].node = groups_[group].tree.first_node(i);
        packets_[id].joins = groups_[group].tree.node(packets_[id].node).parts > 1;
        send_at(cycle, id);
    }
}

FlitWay FlitLevelNetwork::way_of(const Packet& packet, const TreeStep& step) const {
    const unsigned message_class = packet.delivery.packet.message_class;
    const bool ejects = step.link == FabricTopology::kNone;
    const VcRange range = ejects ? vc_range(config_, 1, message_class, 0)
                                 : vc_range(config_, routes_.routing().classes(), message_class, step.vc_class);
    FlitWay way;
    way.port = static_cast<std::uint16_t>(ejects ? eject_port_[step.endpoint] : out_port_[step.link]);
    way.first_vc = static_cast<std::uint16_t>(range.first);
    way.vcs = static_cast<std::uint16_t>(range.count);
    way.joins = groups_[packet.group].tree.joins(step);
    return way;
}

void FlitLevelNetwork::branches(std::uint32_t packet, std::vector<FlitBranch>& branches) {
    const Packet whole = packets_[packet];
    for (const TreeStep& step : groups_[whole.group].tree.node(whole.node).on) {
        const std::uint32_t id = new_packet(whole.delivery.created, whole.delivery.packet);
        packets_[id].group = whole.group;
        packets_[id].node = step.to;
        branches.push_back({way_of(whole, step), id});
    }
}

bool FlitLevelNetwork::has_flit(const Packet& packet) const {
    return packet.sent < groups_[packet.group].sums[packet.sum].ready();
}

// A flit has come to where it is added to others.
void FlitLevelNetwork::join(FlitWires::Place place, Flit flit) {
    routers_[place.node].pass_buffer(now_, place.slot, wires_);
    Packet& packet = packets_[flit.packet];
    const std::uint32_t group = packet.group;
    const unsigned node = packet.node;
    PacketSum& sum = groups_[group].sums[node];
    sum.add(packet.added++, now_);
    if (flit.tail) {
        free_.push_back(flit.packet);
    }
    if (sum.ready() != 0 && !sum.started) {
        sum.started = true;
        start_sum(group, node);
    }
}

void FlitLevelNetwork::start_sum(std::uint32_t group, unsigned node) {
    const std::uint32_t id = new_packet(now_, groups_[group].packet);
    packets_[id].group = group;
    packets_[id].node = node;
    packets_[id].sum = node;
    queue(adder(groups_[group].tree.node(node).router), id);
}

} // namespace systolica
