// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// Virtual channels of the packet level: who gets one, and who waits.

#include <algorithm>

#include "machine/noc/fabric/packet_level_network.h"

namespace systolica {

inline unsigned PacketLevelNetwork::ways(const Packet& packet, Way* ways) const {
    const FabricPacket& what = packet.delivery.packet;
    if (packet.group != kNone) {
        ways[0] = tree_way(packet);
        return 1;
    }
    if (packet.hops.empty()) {
        ways[0] = {injection(what.source), message_ranges_[what.message_class], packet.state};
        return 1;
    }
    const unsigned link = link_index(packet.hops.back().channel);
    const unsigned router = packet.hops.size() == 1 ? topology_.router_of(what.source) : topology_.link(link).to;
    const unsigned target = topology_.router_of(what.destination);
    if (router == target) {
        ways[0] = {ejection(what.destination), message_ranges_[what.message_class], packet.state};
        return 1;
    }
    unsigned count = 0;
    for (const RouteChoice& choice : routes_.routing().next(router, target, packet.state)) {
        ways[count++] = {choice.link, range(what.message_class, choice.vc_class), choice.state};
    }
    return count;
}

inline void PacketLevelNetwork::take_channel(std::uint32_t id, const Way& way, std::uint32_t channel) {
    Packet& packet = packets_[id];
    Channel& c = channels_[channel];
    const bool first = packet.hops.empty();
    c.input = input_of(packet);
    c.owner = id;
    packet.joins = packet.group != kNone && step_on(packet);
    if (!packet.joins) {
        c.packets.push_back(id);
    }
    ++links_[way.link].owners;
    const std::uint64_t earliest = now_ + (first || pipeline_.speculative ? 0 : 1);
    packet.hops.push_back({channel, 0, c.sent, 0, earliest});
    packet.state = way.state;
    packet.ready = kNever;
    packet.delivery.routers += first ? 0 : 1;
}

inline bool PacketLevelNetwork::take_free_channel(std::uint32_t id, const Way& way) {
    Link& link = links_[way.link];
    std::uint64_t soonest = kNever;
    const bool injects = packets_[id].hops.empty();
    std::uint32_t turn = link.turn;
    for (unsigned i = 0; i < way.range.count; ++i, ++turn) {
        while (turn >= way.range.count) { // was left by a way with more virtual channels, or has come round
            turn -= way.range.count;
        }
        const unsigned vc = way.range.first + turn;
        const std::uint32_t channel = way.link * config_.virtual_channels + vc;
        const std::uint64_t from = free_from(channel, injects);
        if (from <= now_) {
            link.turn = turn + 1;
            take_channel(id, way, channel);
            return true;
        }
        soonest = std::min(soonest, from);
    }
    if (soonest != kNever) { // others are announced when they become free
        wake_link(way.link, soonest);
    }
    return false;
}

unsigned PacketLevelNetwork::free_channels(const Way& way) const {
    unsigned free = 0;
    for (unsigned vc = way.range.first; vc < way.range.first + way.range.count; ++vc) {
        const Channel& channel = channels_[way.link * config_.virtual_channels + vc];
        free += channel.owner == kNone && channel.free_at <= now_ ? 1 : 0;
    }
    return free;
}

// An adaptive packet takes the way with more free virtual channels, and waits for the one fewer others wait for.
void PacketLevelNetwork::ask_for_channel(std::uint32_t id) {
    if (packets_[id].group != kNone && forks_here(packets_[id])) {
        fork(id);
        return;
    }
    Way way[2];
    unsigned best = 0;
    if (ways(packets_[id], way) == 2) {
        const unsigned free[2] = {free_channels(way[0]), free_channels(way[1])};
        const bool more = free[1] > free[0];
        const bool shorter =
            free[1] == free[0] && links_[way[1].link].waiting.size() < links_[way[0].link].waiting.size();
        best = more || shorter ? 1 : 0;
    }
    auto& waiting = links_[way[best].link].waiting;
    if (!waiting.empty()) { // in turn with those, though a virtual channel may have become free just now
        wake_link(way[best].link, now_);
    } else if (take_free_channel(id, way[best])) {
        return;
    }
    packets_[id].waiting = true;
    waiting.push_back({id, way[best]});
}

// Does a packet that came in where this one stands hold a virtual channel of the link?
bool PacketLevelNetwork::input_holds(std::uint32_t link, const Packet& packet) const {
    const auto first = channels_.begin() + static_cast<std::ptrdiff_t>(link * config_.virtual_channels);
    return std::any_of(first, first + config_.virtual_channels, [&](const Channel& channel) {
        return channel.owner != kNone && channel.input == input_of(packet);
    });
}

// Every free virtual channel goes to the packet that has waited longest, those of inputs that hold none before others,
// as the round-robin pointers of an allocator share it out among inputs.
void PacketLevelNetwork::serve_link(std::uint32_t link) {
    auto& waiting = links_[link].waiting;
    const bool injects = link >= topology_.links() && links_[link].endpoint == kNone;
    std::uint64_t soonest = kNever;
    for (unsigned vc = 0; vc < config_.virtual_channels && !waiting.empty(); ++vc) {
        const std::uint32_t channel = link * config_.virtual_channels + vc;
        const std::uint64_t from = free_from(channel, injects);
        if (from > now_) {
            soonest = std::min(soonest, from);
            continue;
        }
        auto next = waiting.end();
        for (auto w = waiting.begin(); w != waiting.end(); ++w) {
            if (vc - w->way.range.first < w->way.range.count) {
                next = next == waiting.end() ? w : next;
                if (!input_holds(link, packets_[w->packet])) {
                    next = w;
                    break;
                }
            }
        }
        if (next != waiting.end()) {
            const Waiting served = *next;
            waiting.erase(next);
            packets_[served.packet].waiting = false;
            take_channel(served.packet, served.way, channel);
            wake(served.packet, now_);
        }
    }
    if (!waiting.empty() && soonest != kNever) {
        wake_link(link, soonest);
    }
}

} // namespace systolica
