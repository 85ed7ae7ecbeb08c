// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// Flits of the packet level: cycles on links for the flits of a packet.

#include <algorithm>

#include "machine/noc/fabric/packet_level_network.h"

namespace systolica {

// A flit has a cycle to leave the buffer of a channel: its place can be taken, if somebody waits for just that.
void PacketLevelNetwork::left_buffer(std::uint32_t id, std::uint32_t channel, std::uint64_t slot) {
    Channel& c = channels_[channel];
    time(departures_, channel, c.gone) = slot;
    if (c.gone++ + config_.buffer_flits == c.sent) {
        const std::uint64_t cycle = slot + link_of(channel).credit_delay;
        if (c.owner != kNone && c.owner != id) {
            wake(c.owner, cycle);
        } else if (c.owner == kNone && !link_of(channel).waiting.empty()) {
            wake_link(link_index(channel), cycle);
        }
    }
}

inline void PacketLevelNetwork::take_slot(std::uint32_t id, Packet& packet, std::size_t k, std::uint64_t slot) {
    Hop& hop = packet.hops[k];
    Channel& channel = channels_[hop.channel];
    Link& link = link_of(hop.channel);
    if (link.flit_cycles > 1) {
        link.narrow_free = slot + link.flit_cycles;
    } else {
        link.out.take(slot);
    }
    ++link.flits;
    if (k != 0) {
        const std::uint32_t before = packet.hops[k - 1].channel;
        link_of(before).in.take(slot);
        if (packet.is_copy && k == 1) {
            take_copy(packet, hop.sent, slot);
        } else {
            left_buffer(id, before, slot);
        }
    }
    const bool joins = packet.joins && k + 1 == packet.hops.size();
    if (joins) {
        add(packet, hop.sent, slot + link.delay);
    } else {
        time(arrivals_, hop.channel, channel.sent++) = slot + link.delay;
    }
    const bool ejects = link.endpoint != kNone;
    if (hop.sent == 0 && !ejects && !joins && channel.packets.front() == id) {
        packet.ready = slot + link.delay + pipeline_.route_cycles;
    }
    if (ejects && !held_at(link.endpoint, packet.delivery.packet.message_class).held) {
        time(departures_, hop.channel, channel.gone++) = slot + link.delay;
    }
    hop.last = slot;
    hop.earliest = slot + 1;
    if (++hop.sent == packet.delivery.packet.flits) {
        tail_sent(id, k, slot);
    }
}

// Everything that a packet can do now, from its head to its tail: what leaves a buffer makes room for what follows.
void PacketLevelNetwork::serve(std::uint32_t id) {
    packets_[id].due = kNever;
    if (packets_[id].ready <= now_ && !packets_[id].waiting) {
        ask_for_channel(id);
    }
    Packet& packet = packets_[id];
    for (std::size_t hop = packet.hops.size(); hop > packet.first; --hop) {
        send_flits(id, hop - 1);
    }
    if (packet.feeds != kNone) {
        feed_copies(id);
    }
    const std::uint64_t next = next_event(packet);
    if (next != kNever) {
        wake(id, next);
    }
}

// The cycles of the next flits on a link. None while a flit, or its credit, is not known to come, and none far ahead if
// another flit of the packet already waits for its cycle on this link.
void PacketLevelNetwork::send_flits(std::uint32_t id, std::size_t k) {
    Packet& packet = packets_[id];
    Hop& hop = packet.hops[k];
    const Hop* const before = k == 0 ? nullptr : &packet.hops[k - 1];
    const std::uint32_t known = k == 0 ? packet.at_source : before->sent;
    if (hop.sent >= known) {
        return;
    }
    Link& link = link_of(hop.channel);
    const bool narrow = link.flit_cycles > 1;
    std::uint64_t taken = k == 0 ? 0 : link_of(before->channel).in.taken(now_);
    if (packet.is_copy && k == 1) { // the input is read for all copies at once
        taken &= ~forks_[packet.fork].slots.taken(now_);
    }
    taken |= narrow ? 0 : link.out.taken(now_); // the flits below take later and later cycles: it stays true
    do {
        std::uint64_t cycle = std::max({hop.earliest, now_, credit_time(hop.channel)});
        if (k != 0) {
            cycle = std::max(cycle, time(arrivals_, before->channel, before->base + hop.sent));
        } else if (packet.is_sum) {
            cycle = std::max(cycle, sum_time(packet, hop.sent));
        }
        cycle = narrow ? std::max(cycle, link.narrow_free) : cycle;
        if (cycle - now_ >= SlotCalendar::kWindow) { // also without a credit
            return;
        }
        const std::uint64_t free = ~taken >> (cycle - now_);
        if (free == 0) {
            return;
        }
        std::uint64_t slot = cycle + static_cast<unsigned>(__builtin_ctzll(free));
        if (hop.sent == 0 && k != 0 && !narrow && link.owners > 1 && input_prefers_another(packet, k, slot)) {
            link.out.take(slot);
            const std::uint64_t later = free & ~(std::uint64_t{1} << (slot - cycle));
            if (later == 0) {
                return;
            }
            slot = cycle + static_cast<unsigned>(__builtin_ctzll(later));
        }
        if (slot > now_ + kAhead && hop.sent != 0 && hop.last > now_) {
            return;
        }
        take_slot(id, packet, k, slot);
    } while (hop.sent < known);
}

// One iteration of a separable allocator: an output that several packets want grants one input, and the cycle is lost
// if that input accepts another output. With streams of flits the round-robin pointers soon avoid each other, so only a
// head loses a cycle: to a flit that stands in another virtual channel of its input, at an output whose turn it is.
bool PacketLevelNetwork::input_prefers_another(const Packet& packet, std::size_t k, std::uint64_t slot) {
    const std::uint32_t own = packet.hops[k - 1].channel;
    const std::uint32_t first = own - own % config_.virtual_channels;
    for (std::uint32_t channel = first; channel < first + config_.virtual_channels; ++channel) {
        if (channel == own || channels_[channel].packets.empty()) {
            continue;
        }
        const Packet& other = packets_[channels_[channel].packets.front()];
        std::size_t h = std::max<std::size_t>(other.first, 1);
        while (h < other.hops.size() && other.hops[h - 1].channel != channel) {
            ++h;
        }
        if (h < other.hops.size() && link_index(other.hops[h].channel) != link_index(packet.hops[k].channel) &&
            stands_ready(other, h, slot)) {
            return true;
        }
    }
    return false;
}

// Could the packet's next flit be granted in that cycle?
bool PacketLevelNetwork::stands_ready(const Packet& packet, std::size_t k, std::uint64_t slot) {
    const Hop& hop = packet.hops[k];
    const Hop& before = packet.hops[k - 1];
    if (hop.sent >= before.sent || time(arrivals_, before.channel, before.base + hop.sent) > now_ ||
        hop.earliest > slot) {
        return false;
    }
    Link& link = link_of(hop.channel);
    const bool taken = link.narrow_free > slot || (link.out.taken(now_) >> (slot - now_) & 1) != 0;
    if (taken || (slot + hop.channel) % link.owners != 0) {
        return false;
    }
    return credit_time(hop.channel) <= slot;
}

void PacketLevelNetwork::tail_sent(std::uint32_t id, std::size_t k, std::uint64_t slot) {
    Packet& packet = packets_[id];
    const Hop& hop = packet.hops[k];
    Link& link = link_of(hop.channel);
    Channel& channel = channels_[hop.channel];
    packet.first = static_cast<std::uint32_t>(k + 1);
    channel.owner = kNone;
    --link.owners;
    channel.free_at = slot + 1;
    if (!link.waiting.empty()) {
        wake_link(link_index(hop.channel), slot + 1);
    }
    if (link.endpoint != kNone) {
        channel.packets.pop_back(); // the only one
    }
    if (link.endpoint != kNone || (packet.joins && k + 1 == packet.hops.size())) {
        events_.push(slot + link.delay, 0, id * kinds + for_arrival);
    }
    if (k == 0) {
        const std::size_t lane = lane_of(packet);
        lanes_[lane].packets.pop_front();
        lanes_[lane].free_at = slot + 1;
        start_next(lane);
        return;
    }
    if (packet.is_copy && k == 1 && !copied(packet.fork, slot)) {
        return;
    }
    const std::uint32_t before = packet.hops[k - 1].channel;
    auto& behind = channels_[before].packets;
    if (behind.size() == 1) {
        behind.clear();
    } else {
        behind.erase(behind.begin());
        Packet& next = packets_[behind.front()];
        const Hop& head = next.hops.back();
        if (head.channel == before && head.sent != 0) {
            next.ready = std::max(slot + 1, time(arrivals_, before, head.base)) + pipeline_.route_cycles;
            wake(behind.front(), next.ready);
        }
    }
}

// When more can be done, as far as it depends on the packet alone; for a credit it is woken.
std::uint64_t PacketLevelNetwork::next_event(const Packet& packet) const {
    std::uint64_t next = packet.waiting ? kNever : packet.ready;
    for (std::size_t k = packet.first; k < packet.hops.size(); ++k) {
        const Hop& hop = packet.hops[k];
        if (hop.sent >= (k == 0 ? packet.at_source : packet.hops[k - 1].sent)) {
            continue;
        }
        std::uint64_t cycle = std::max(hop.last, now_ + 1);
        if (k != 0) {
            const Hop& before = packet.hops[k - 1];
            cycle = std::max(cycle, time(arrivals_, before.channel, before.base + hop.sent));
        } else if (packet.is_sum) {
            cycle = std::max(cycle, sum_time(packet, hop.sent));
        }
        const std::uint64_t credit = credit_time(hop.channel);
        if (credit != kNever) {
            next = std::min(next, std::max(cycle, credit));
        }
    }
    return next;
}

} // namespace systolica
