// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// Multicasts and reductions of the packet level. A copy begins with the hop of the packet it copies, over the link to
// the router that forks: its flits come from there, and leave that buffer when all copies have them. Flits that are
// added take no place in the buffer behind their last link.

#include <algorithm>
#include <utility>

#include "machine/noc/fabric/packet_level_network.h"

namespace systolica {

// In pieces that a buffer can hold, unless it is never copied.
void PacketLevelNetwork::offer_multicast(std::uint64_t cycle, const FabricPacket& packet,
                                         const std::vector<unsigned>& destinations) {
    PacketTree tree = routes_.multicast(packet.source, destinations);
    const unsigned longest = tree.forks() ? config_.buffer_flits : packet.flits;
    const std::uint32_t group = groups_.open(cycle, packet, std::move(tree), order_);
    for (const FabricPacket& piece : pieces_of(packet, longest)) {
        const std::uint32_t id = new_packet(cycle, piece);
        packets_[id].group = group;
        queue(lane_of(packets_[id]), id);
    }
}

void PacketLevelNetwork::offer_reduction(std::uint64_t cycle, const FabricPacket& packet,
                                         const std::vector<unsigned>& sources) {
    const std::uint32_t group = groups_.open(cycle, packet, routes_.reduction(sources, packet.destination), order_);
    for (unsigned n = 0; n < groups_[group].tree.nodes(); ++n) {
        const unsigned parts = groups_[group].tree.node(n).parts;
        groups_[group].sums.emplace_back(parts, packet.flits);
        if (parts > 1) {
            const std::uint32_t id = new_packet(cycle, packet);
            Packet& sum = packets_[id];
            sum.group = group;
            sum.node = sum.sum = n;
            sum.is_sum = true;
            sum.at_source = 0;
            groups_[group].sums.back().packet = id;
        }
    }
    for (std::size_t i = 0; i < sources.size(); ++i) {
        FabricPacket part = packet;
        part.source = sources[i];
        const std::uint32_t id = new_packet(cycle, part);
        packets_[id].group = group;
        packets_[id].node = groups_[group].tree.first_node(i);
        queue(lane_of(packets_[id]), id);
    }
}

void PacketLevelNetwork::arrive_of_group(std::uint32_t id) {
    const Packet& p = packets_[id];
    if (!p.joins) {
        groups_.arrive(p.group, p.node, p.delivery.packet.flits, now_, order_, deliveries_);
    }
    recycle(id);
}

PacketLevelNetwork::Way PacketLevelNetwork::tree_way(const Packet& packet) {
    const FabricPacket& what = packet.delivery.packet;
    Way way;
    way.range = message_ranges_[what.message_class];
    const TreeNode& node = node_of(packet);
    const TreeStep& step = node.on[packet.branch];
    if (packet.hops.empty()) {
        way.link = &links_[packet.is_sum ? adder(node.router) : topology_.injection(what.source)];
    } else if (step.link == FabricTopology::kNone) {
        way.link = &links_[topology_.ejection(step.endpoint)];
    } else {
        way.link = &links_[step.link];
        way.range = range(what.message_class, step.vc_class);
    }
    return way;
}

// A packet goes on over the next link. Do its flits join others behind it?
bool PacketLevelNetwork::step_on(Packet& packet) {
    const TreeNode& node = node_of(packet);
    if (packet.hops.empty()) {
        return !packet.is_sum && node.parts > 1;
    }
    const TreeStep& step = node.on[packet.branch];
    packet.delivery.packet.destination = step.endpoint; // counts where the step leads to one
    packet.node = step.to;
    packet.branch = 0;
    return groups_[packet.group].tree.joins(step);
}

bool PacketLevelNetwork::forks_here(const Packet& packet) const {
    const bool is_copied = packet.is_copy && packet.hops.size() == 1;
    return !packet.hops.empty() && !is_copied && node_of(packet).on.size() > 1;
}

void PacketLevelNetwork::fork(std::uint32_t id) {
    std::uint32_t f = static_cast<std::uint32_t>(forks_.size());
    if (free_forks_.empty()) {
        forks_.emplace_back();
    } else {
        f = free_forks_.back();
        free_forks_.pop_back();
    }
    const FabricPacket what = packets_[id].delivery.packet;
    Fork& fork = forks_[f];
    fork = {id, {}, std::vector<unsigned>(what.flits), std::vector<std::uint64_t>(what.flits), {}, 0};
    packets_[id].ready = kNever;
    packets_[id].feeds = f;
    const TreeNode& node = node_of(packets_[id]);
    for (unsigned branch = 0; branch < node.on.size(); ++branch) {
        const std::uint32_t copy = new_packet(packets_[id].delivery.created, what);
        Packet& c = packets_[copy];
        c.group = packets_[id].group;
        c.node = packets_[id].node;
        c.branch = branch;
        c.is_copy = true;
        c.fork = f;
        c.first = 1;
        c.hops.push_back(packets_[id].hops.back());
        c.ready = now_;
        fork.copies.push_back(copy);
        wake(copy, now_);
    }
}

// Flits have been sent to where they are copied.
void PacketLevelNetwork::feed_copies(std::uint32_t id) {
    const Fork& fork = forks_[packets_[id].feeds];
    const std::uint32_t sent = packets_[id].hops.back().sent;
    for (const std::uint32_t copy : fork.copies) {
        packets_[copy].hops.front().sent = sent;
        wake_next(copy);
    }
    if (sent == packets_[id].delivery.packet.flits) {
        packets_[id].feeds = kNone;
    }
}

// A copy takes a flit in that cycle.
void PacketLevelNetwork::take_copy(const Packet& copy, std::uint32_t flit, std::uint64_t slot) {
    Fork& fork = forks_[copy.fork];
    fork.slots.take(slot);
    fork.leaves[flit] = std::max(fork.leaves[flit], slot);
    if (++fork.taken[flit] == fork.copies.size()) {
        left_buffer(kNone, *copy.hops.front().channel, fork.leaves[flit]);
    }
}

// A copy is complete. When all are, their packet has left the buffer, in the cycle that becomes `slot`.
bool PacketLevelNetwork::copied(std::uint32_t which, std::uint64_t& slot) {
    Fork& fork = forks_[which];
    if (++fork.done != fork.copies.size()) {
        return false;
    }
    slot = fork.leaves.back();
    recycle(fork.packet);
    free_forks_.push_back(which);
    return true;
}

std::uint64_t PacketLevelNetwork::sum_time(const Packet& packet, std::uint32_t flit) const {
    return groups_[packet.group].sums[packet.sum].time(flit);
}

// A flit comes to where it is added to others.
void PacketLevelNetwork::add(const Packet& packet, std::uint32_t flit, std::uint64_t time) {
    PacketSum& sum = groups_[packet.group].sums[packet.node];
    sum.add(flit, time);
    if (sum.ready() == 0) {
        return;
    }
    const std::uint32_t id = sum.packet;
    packets_[id].at_source = sum.ready();
    if (!sum.started) {
        sum.started = true;
        packets_[id].delivery.created = sum.time(0);
        queue(lane_of(packets_[id]), id);
    } else if (!packets_[id].hops.empty()) {
        wake_next(id);
    }
}

} // namespace systolica
