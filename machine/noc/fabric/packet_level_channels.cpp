// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// Virtual channels of the packet level: who gets one, and who waits.

#include <algorithm>

#include "machine/noc/fabric/packet_level_network.h"

namespace systolica {

// Asks the routing once for each router, target, state and message class, as long as others do not take the place.
const PacketLevelNetwork::Routed& PacketLevelNetwork::routed(const Packet& packet, unsigned router) {
    constexpr std::uint64_t kHash = 0x9E3779B97F4A7C15; // 2^64 / golden ratio: Knuth, TAOCP 3, 6.4
    const unsigned message_class = packet.delivery.packet.message_class;
    const std::uint64_t pair = std::uint64_t{router} * topology_.routers() + packet.target;
    const std::uint64_t key = (pair * config_.message_classes + message_class) << 8 | packet.state;
    Routed& known = routed_[(key * kHash) >> (64 - kRoutedBits)];
    if (known.key != key) {
        known.key = key;
        known.count = 0;
        for (const RouteChoice& choice : routes_.routing().next(router, packet.target, packet.state)) {
            known.way[known.count++] = {&links_[choice.link], range(message_class, choice.vc_class), choice.state};
        }
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
        return own = {&links_[injection(what.source)], message_ranges_[what.message_class], packet.state};
    }
    const unsigned router = packet.hops.back().link->router;
    if (router == packet.target) {
        return own = {&links_[ejection(what.destination)], message_ranges_[what.message_class], packet.state};
    }
    const Routed& known = routed(packet, router);
    if (known.count != 2) {
        return known.way[0];
    }
    const unsigned free[2] = {free_channels(known.way[0]), free_channels(known.way[1])};
    const bool more = free[1] > free[0];
    const bool shorter =
        free[1] == free[0] && known.way[1].link->waiting.size() < known.way[0].link->waiting.size();
    return known.way[more || shorter ? 1 : 0];
}

inline void PacketLevelNetwork::take_channel(std::uint32_t id, Packet& packet, RouteState state, Channel& channel) {
    const bool first = packet.hops.empty();
    channel.input = input_of(packet);
    channel.owner = id;
    packet.joins = packet.group != kNone && step_on(packet);
    if (!packet.joins) {
        channel.packets[(channel.front + channel.count++) & buffered_mask_] = id;
    }
    ++channel.link->owners;
    const std::uint64_t earliest = now_ + (first || pipeline_.speculative ? 0 : 1);
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

unsigned PacketLevelNetwork::free_channels(const Way& way) const {
    const Channel* const first = way.link->channels + way.range.first;
    return static_cast<unsigned>(std::count_if(first, first + way.range.count, [this](const Channel& channel) {
        return channel.owner == kNone && channel.free_at <= now_;
    }));
}

void PacketLevelNetwork::ask_for_channel(std::uint32_t id) {
    Packet& packet = packets_[id];
    if (packet.group != kNone && forks_here(packet)) {
        fork(id);
        return;
    }
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

// Does a packet that came in there hold a virtual channel of the link?
inline bool PacketLevelNetwork::input_holds(const Link& link, const Link* input) const {
    for (unsigned vc = 0; vc < config_.virtual_channels; ++vc) {
        if (link.channels[vc].owner != kNone && link.channels[vc].input == input) {
            return true;
        }
    }
    return false;
}

// Every free virtual channel goes to the packet that has waited longest, those of inputs that hold none before others,
// as the round-robin pointers of an allocator share it out among inputs.
void PacketLevelNetwork::serve_link(Link& link) {
    auto& waiting = link.waiting;
    const bool injects = link.id >= topology_.links() && link.endpoint == kNone;
    std::uint64_t soonest = kNever;
    for (unsigned vc = 0; vc < config_.virtual_channels && !waiting.empty(); ++vc) {
        Channel& channel = link.channels[vc];
        const std::uint64_t from = free_from(channel, injects);
        if (from > now_) {
            soonest = std::min(soonest, from);
            continue;
        }
        auto next = waiting.end();
        for (auto w = waiting.begin(); w != waiting.end(); ++w) {
            if (vc - w->range.first < w->range.count) {
                next = next == waiting.end() ? w : next;
                if (link.owners == 0 || !input_holds(link, input_of(packets_[w->packet]))) {
                    next = w;
                    break;
                }
            }
        }
        if (next != waiting.end()) {
            const Waiting served = *next;
            waiting.erase(next);
            take_channel(served.packet, packets_[served.packet], served.state, channel);
            wake(served.packet, now_);
        }
    }
    if (!waiting.empty() && soonest != kNever) {
        wake_link(link, soonest);
    }
}

} // namespace systolica
