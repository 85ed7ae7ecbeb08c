// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// Virtual channels of the packet level: who waits for one, and whose turn it is.

#include <algorithm>

#include "machine/noc/fabric/packet_level_channels.h"

namespace systolica {

void PacketLevelNetwork::route(const Packet& packet, unsigned router, Routed& routed) {
    routed.count = 0;
    for (const RouteChoice& choice : routes_.routing().next(router, packet.target, packet.state)) {
        const VcRange vcs = range(packet.delivery.packet.message_class, choice.vc_class);
        routed.way[routed.count++] = {&links_[choice.link], vcs, choice.state};
    }
}

unsigned PacketLevelNetwork::free_channels(const Way& way) const {
    const Channel* const first = way.link->channels + way.range.first;
    return static_cast<unsigned>(std::count_if(first, first + way.range.count, [this](const Channel& channel) {
        return channel.owner == kNone && channel.free_at <= now_;
    }));
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
    if (link.owners == config_.virtual_channels) {
        return; // is woken when one of them goes
    }
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
