// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// Flits of the packet level: cycles on links for the flits of a packet.

#include <algorithm>

#include "machine/noc/fabric/packet_level_network.h"

namespace systolica {

// Everything that a packet can do now, from its head to its tail: what leaves a buffer makes room for what follows.
void PacketLevelNetwork::serve(std::uint32_t id) {
    packets_[id].due = kNever;
    if (packets_[id].ready <= now_ && !packets_[id].waiting) {
        ask_for_channel(id);
    }
    Packet& packet = packets_[id];
    for (std::size_t hop = packet.hops.size(); hop > packet.first; --hop) {
        send_flits(id, packet, hop - 1);
    }
    if (packet.feeds != kNone) {
        feed_copies(id);
    }
    const std::uint64_t next = next_event(packet);
    if (next != kNever) {
        wake(id, next);
    }
}

// A flit has its cycle on a link: what this means behind it.
inline void PacketLevelNetwork::send_flit(std::uint32_t id, Packet& packet, std::size_t k, std::uint64_t slot) {
    Hop& hop = packet.hops[k];
    Channel& channel = channels_[hop.channel];
    Link& link = links_[channel.link];
    const std::uint64_t comes = slot + link.delay;
    const bool joins = packet.joins && k + 1 == packet.hops.size();
    ++link.flits;
    if (joins) {
        add(packet, hop.sent, comes);
    } else {
        time(arrivals_, hop.channel, channel.sent++) = comes;
    }
    if (link.endpoint != kNone) {
        if (!held_at(link.endpoint, packet.delivery.packet.message_class).held) {
            time(departures_, hop.channel, channel.gone++) = comes;
        }
    } else if (hop.sent == 0 && !joins && channel.packets.front() == id) {
        packet.ready = comes + pipeline_.route_cycles;
    }
    hop.last = slot;
    hop.earliest = slot + 1;
    if (++hop.sent == packet.delivery.packet.flits) {
        tail_sent(id, k, slot);
    }
}

// The cycles of the next flits on a link. None while a flit, or its credit, is not known to come, and none far ahead if
// another flit of the packet already waits for its cycle on this link.
void PacketLevelNetwork::send_flits(std::uint32_t id, Packet& packet, std::size_t k) {
    Hop& hop = packet.hops[k];
    const Hop* const before = k == 0 ? nullptr : &packet.hops[k - 1];
    const std::uint32_t known = k == 0 ? packet.at_source : before->sent;
    if (hop.sent >= known) {
        return;
    }
    const std::uint64_t now = now_;
    Link& link = link_of(hop.channel);
    Link* const input = k == 0 ? nullptr : &link_of(before->channel);
    const std::uint64_t* const here = k == 0 ? nullptr : &arrivals_[place(before->channel, 0)];
    const bool narrow = link.flit_cycles > 1;
    const bool copies = packet.is_copy && k == 1;
    std::uint64_t taken = k == 0 ? 0 : input->in.taken(now);
    if (copies) { // the input is read for all copies at once
        taken &= ~forks_[packet.fork].slots.taken(now);
    }
    taken |= narrow ? 0 : link.out.taken(now); // the flits below take later and later cycles: it stays true
    do {
        std::uint64_t cycle = std::max(std::max(hop.earliest, now), credit_time(hop.channel));
        if (k != 0) {
            cycle = std::max(cycle, here[(before->base + hop.sent) & times_mask_]);
        } else if (packet.is_sum) {
            cycle = std::max(cycle, sum_time(packet, hop.sent));
        }
        cycle = narrow ? std::max(cycle, link.narrow_free) : cycle;
        if (cycle - now >= SlotCalendar::kWindow) { // also without a credit
            return;
        }
        const std::uint64_t free = ~taken >> (cycle - now);
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
        if (slot > now + kAhead && hop.sent != 0 && hop.last > now) {
            return;
        }
        if (narrow) {
            link.narrow_free = slot + link.flit_cycles;
        } else {
            link.out.take(slot);
        }
        if (k != 0) {
            input->in.take(slot);
            if (copies) {
                take_copy(packet, hop.sent, slot);
            } else {
                left_buffer(id, before->channel, slot);
            }
        }
        send_flit(id, packet, k, slot);
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

void PacketLevelNetwork::wake_for_room(std::uint32_t id, std::uint32_t channel, std::uint64_t slot) {
    const Channel& c = channels_[channel];
    const Link& link = links_[c.link];
    if (c.owner != kNone && c.owner != id) {
        wake(c.owner, slot + link.credit_delay);
    } else if (c.owner == kNone && !link.waiting.empty()) {
        wake_link(c.link, slot + link.credit_delay);
    }
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
