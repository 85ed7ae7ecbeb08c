// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// Virtual channels of the packet level: which one a packet asks for, and what taking it means. Inline, for the two
// sources of PacketLevelNetwork in which packets take them.
#pragma once

#include <algorithm>
#include <cstdint>

#include "machine/noc/fabric/packet_level_network.h"

namespace systolica {

// Asks the routing once for each router, target, state and message class, as long as others do not take the place.
inline const PacketLevelNetwork::Routed& PacketLevelNetwork::routed(const Packet& packet, unsigned router) {
    constexpr std::uint64_t kHash = 0x9E3779B97F4A7C15; // 2^64 / golden ratio: Knuth, TAOCP 3, 6.4
    const std::uint64_t key = (std::uint64_t{router} << 40 | packet.flow) << 8 | packet.state;
    Routed& known = routed_[(key * kHash) >> (64 - kRoutedBits)];
    if (known.key != key) {
        known.key = key;
        route(packet, router, known);
    }
    return known;
}

// An adaptive packet takes the way with more free virtual channels, and waits for the one fewer others wait for.
// `own` holds the way where it is of this packet alone.
inline const PacketLevelNetwork::Way& PacketLevelNetwork::way_of(const Packet& packet, Way& own) {
    const FabricPacket& what = packet.delivery.packet;
    if (packet.group != kNone) {
        return own = tree_way(packet);
    }
    if (packet.hops.empty()) {
        return own = {&links_[topology_.injection(what.source)], message_ranges_[what.message_class], packet.state};
    }
    const unsigned router = packet.hops.back().link->router;
    if (router == packet.target) {
        return own = {&links_[topology_.ejection(what.destination)], message_ranges_[what.message_class], packet.state};
    }
    const Routed& known = routed(packet, router);
    if (known.count != 2) {
        return known.way[0];
    }
    const unsigned free[2] = {free_channels(known.way[0]), free_channels(known.way[1])};
    const bool more = free[1] > free[0];
    const bool shorter = free[1] == free[0] && known.way[1].link->waiting.size() < known.way[0].link->waiting.size();
    return known.way[more || shorter ? 1 : 0];
}

inline void PacketLevelNetwork::take_channel(std::uint32_t id, Packet& packet, RouteState state, Channel& channel) {
    const std::uint64_t earliest = now_ + (packet.hops.empty() ? 0 : allocation_cycles_);
    channel.input = input_of(packet);
    channel.owner = id;
    if (packet.group != kNone) {
        packet.joins = step_on(packet);
    }
    if (!packet.joins) {
        const std::uint32_t place = channel.front + channel.count++;
        channel.packets[place < buffered_places_ ? place : place - buffered_places_] = id;
    }
    ++channel.link->owners;
    packet.hops.push_back({&channel, channel.link, 0, channel.sent, earliest});
    packet.state = state;
    packet.ready = kNever;
}

inline bool PacketLevelNetwork::take_free_channel(std::uint32_t id, Packet& packet, const Way& way) {
    Link& link = *way.link;
    std::uint64_t soonest = kNever;
    const bool injects = packet.hops.empty();
    Channel* const channels = link.channels + way.range.first;
    std::uint32_t turn = link.turn;
    for (unsigned i = 0; i < way.range.count; ++i, ++turn) {
        while (turn >= way.range.count) { // was left by a way with more virtual channels, or has come round
            turn -= way.range.count;
        }
        const std::uint64_t from = free_from(channels[turn], injects);
        if (from <= now_) {
            link.turn = turn + 1;
            take_channel(id, packet, way.state, channels[turn]);
            return true;
        }
        soonest = std::min(soonest, from);
    }
    if (soonest != kNever) { // others are announced when they become free
        wake_link(link, soonest);
    }
    return false;
}

[[gnu::always_inline]] inline void PacketLevelNetwork::ask_for_channel(std::uint32_t id) {
    Packet& packet = packets_[id];
    if (packet.group != kNone && forks_here(packet)) {
        fork(id);
        return;
    }
    packet.asked = now_;
    Way own;
    const Way& way = way_of(packet, own);
    Link& link = *way.link;
    if (!link.waiting.empty()) { // in turn with those, though a virtual channel may have become free just now
        wake_link(link, now_);
    } else if (take_free_channel(id, packet, way)) {
        return;
    }
    packet.ready = kNever;
    link.waiting.push_back({id, way.range, way.state});
}

} // namespace systolica
