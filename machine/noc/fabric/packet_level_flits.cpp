// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// Flits of the packet level: cycles on links for the flits of a packet.

#include <algorithm>

#include "machine/noc/fabric/packet_level_channels.h"

namespace systolica {

// `slots`: cycles from now on in which a flit goes over the link; adders have none.
void PacketLevelNetwork::log_slots(const Hop& hop, std::uint64_t slots) {
    const unsigned link = hop.link->id;
    if (link >= topology_.all_links()) {
        return;
    }
    for (; slots != 0; slots &= slots - 1) {
        const std::uint64_t from = now_ + 1 + static_cast<unsigned>(__builtin_ctzll(slots));
        log_->push_back({link, from, from + hop.link->flit_cycles});
    }
}

// One iteration of a separable allocator: an output that several packets want grants one input, and the cycle is lost
// if that input accepts another output. With streams of flits the round-robin pointers soon avoid each other, so only a
// head loses a cycle: to a flit that stands in another virtual channel of its input, at an output whose turn it is.
bool PacketLevelNetwork::input_prefers_another(const Hop& hop, std::uint64_t slot) {
    const Hop& before = *(&hop - 1);
    Channel* const first = before.link->channels;
    for (const Channel* channel = first; channel != first + config_.virtual_channels; ++channel) {
        if (channel == before.channel || channel->count == 0) {
            continue;
        }
        const Packet& other = packets_[channel->packets[channel->front]];
        std::size_t h = std::max<std::size_t>(other.first, 1);
        while (h < other.hops.size() && other.hops[h - 1].channel != channel) {
            ++h;
        }
        if (h < other.hops.size() && other.hops[h].link != hop.link && stands_ready(other.hops[h], slot)) {
            return true;
        }
    }
    return false;
}

// Could the next flit of a packet on its way to that link be granted in that cycle?
bool PacketLevelNetwork::stands_ready(const Hop& hop, std::uint64_t slot) {
    const Hop& before = *(&hop - 1);
    if (hop.sent >= before.sent || times(*before.channel, before.base + hop.sent).comes > now_ || hop.earliest > slot) {
        return false;
    }
    Link& link = *hop.link;
    const bool taken = link.narrow_free > slot || (link.out.taken(now_) >> (slot - now_) & 1) != 0;
    if (taken || (slot + hop.channel->id) % link.owners != 0) {
        return false;
    }
    return credit_time(*hop.channel) <= slot;
}

void PacketLevelNetwork::wake_for_room(std::uint32_t id, const Channel& channel, std::uint64_t room) {
    if (channel.owner != kNone && channel.owner != id) {
        wake(channel.owner, room);
    } else if (channel.owner == kNone && !channel.link->waiting.empty()) {
        wake_link(*channel.link, room);
    }
}

// The next packet of the lane can go from `cycle` on.
inline void PacketLevelNetwork::leave_source(const Packet& packet, std::uint64_t cycle) {
    Lane& lane = lanes_[packet.lane];
    lane.first = packet.next;
    lane.free_at = cycle;
    if (lane.first != kNone) {
        start_first(lane);
    }
}

// The tail of the first packet has left the buffer: that of the next stands in front from `cycle` on.
inline void PacketLevelNetwork::leave_buffer(Channel& channel, std::uint64_t cycle) {
    channel.front = channel.front + 1 == buffered_places_ ? 0 : channel.front + 1;
    if (--channel.count == 0) {
        return;
    }
    const std::uint32_t id = channel.packets[channel.front];
    Packet& packet = packets_[id];
    const Hop& head = packet.hops.back();
    if (head.channel == &channel && head.sent != 0) {
        packet.ready = std::max(cycle, times(channel, head.base).comes) + pipeline_.route_cycles;
        wake(id, packet.ready);
    }
}

template <bool kGrouped, bool kSource>
[[gnu::always_inline]] inline void PacketLevelNetwork::tail_sent(std::uint32_t id, Packet& packet, Hop& hop) {
    Link& link = *hop.link;
    Channel& channel = *hop.channel;
    std::uint64_t slot = hop.earliest - 1;
    ++packet.first;
    channel.owner = kNone;
    --link.owners;
    channel.free_at = slot + 1;
    if (!link.waiting.empty()) {
        wake_link(link, slot + 1);
    }
    const bool ejects = !kSource && link.endpoint != kNone;
    if (ejects) {
        channel.count = 0; // it was the only one
    }
    if (ejects || (kGrouped && packet.joins && &hop == &packet.hops.back())) {
        events_.push(slot + link.delay, id * kinds + for_arrival);
    }
    if (kSource) {
        leave_source(packet, slot + 1);
        return;
    }
    Hop& before = *(&hop - 1);
    const bool copies = kGrouped && packet.is_copy && &before == packet.hops.data();
    if (!copies || copied(packet.fork, slot)) {
        leave_buffer(*before.channel, slot + 1);
    }
}

// The cycles of the next flits on a link. None while a flit, or its credit, is not known to come, and none far ahead if
// another flit of the packet already waits for its cycle on this link. Only packets of a group are copied or added. It
// runs for every packet and link, so it is part of its caller.
template <bool kGrouped, bool kSource>
[[gnu::always_inline]] inline void PacketLevelNetwork::send_flits(std::uint32_t id, Packet& packet, Hop& hop) {
    const Hop* const before = kSource ? nullptr : &hop - 1;
    const std::uint32_t known = kSource ? packet.at_source : before->sent;
    std::uint32_t flit = hop.sent;
    if (flit >= known) {
        return;
    }
    const std::uint64_t now = now_;
    Channel& channel = *hop.channel;
    Link& link = *hop.link;
    const bool narrow = !kSource && link.flit_cycles > 1;
    const bool copies = kGrouped && !kSource && packet.is_copy && before == packet.hops.data();
    const bool joins = kGrouped && packet.joins && &hop == &packet.hops.back();
    const bool ejects = !kSource && link.endpoint != kNone;
    const bool taken_at_once = ejects && !held_at(link.endpoint, packet.delivery.packet.message_class).held;
    bool contends = !kSource && link.owners > 1 && flit == 0 && !narrow;
    std::uint64_t taken = kSource ? 0 : before->link->in.taken(now);
    if (copies) { // the input is read for all copies at once
        taken &= ~forks_[packet.fork].slots.taken(now);
    }
    taken |= narrow ? 0 : link.out.taken(now); // the flits below take later and later cycles: it stays true
    std::uint64_t slots = 0;
    std::uint64_t earliest = std::max(hop.earliest, now);
    do {
        std::uint64_t cycle = std::max(earliest, credit_time(channel));
        if (!kSource) {
            cycle = std::max(cycle, times(*before->channel, before->base + flit).comes);
        } else if (kGrouped && packet.is_sum) {
            cycle = std::max(cycle, sum_time(packet, flit));
        }
        cycle = narrow ? std::max(cycle, link.narrow_free) : cycle;
        std::uint64_t ahead = cycle - now;
        if (ahead >= SlotCalendar::kWindow) { // also without a credit
            break;
        }
        std::uint64_t free = ~taken >> ahead;
        if (free == 0) {
            break;
        }
        if (contends) {
            contends = false;
            const std::uint64_t lost = cycle + static_cast<unsigned>(__builtin_ctzll(free));
            if (input_prefers_another(hop, lost)) {
                link.out.take(lost);
                free &= free - 1;
                if (free == 0) {
                    break;
                }
            }
        }
        ahead += static_cast<unsigned>(__builtin_ctzll(free));
        if (ahead > kAhead && earliest > now + 1) {
            break;
        }
        const std::uint64_t slot = now + ahead;
        slots |= std::uint64_t{1} << ahead;
        earliest = slot + 1;
        if (narrow) {
            link.narrow_free = slot + link.flit_cycles;
        }
        if (copies) {
            take_copy(packet, flit, slot);
        } else if (!kSource) {
            left_buffer(id, *before->channel, slot);
        }
        const std::uint64_t comes = slot + link.delay;
        if (joins) {
            add(packet, flit, comes);
        } else {
            times(channel, channel.sent++).comes = comes;
        }
        if (taken_at_once) {
            times(channel, channel.places++).room = comes + link.credit_delay;
        }
        ++flit;
    } while (flit < known);
    if (flit == hop.sent) {
        return;
    }
    if (!narrow) {
        link.out.take_all(slots);
    }
    if (!kSource) {
        before->link->in.take_all(slots);
    }
    link.flits += flit - hop.sent;
    if (!kSource && hop.sent == 0) {
        link.contention += now + static_cast<unsigned>(__builtin_ctzll(slots)) - (packet.asked + allocation_cycles_);
    }
    if (log_ != nullptr) {
        log_slots(hop, slots);
    }
    if (hop.sent == 0 && !ejects && !joins && channel.count == 1) { // its head comes to the front
        packet.ready = times(channel, hop.base).comes + pipeline_.route_cycles;
    }
    hop.sent = flit;
    hop.earliest = earliest;
    if (flit == packet.flits) {
        tail_sent<kGrouped, kSource>(id, packet, hop);
    }
}

template <bool kGrouped>
[[gnu::always_inline]] inline void PacketLevelNetwork::send_all(std::uint32_t id, Packet& packet) {
    Hop* const source = packet.hops.data();
    Hop* const end = source + packet.first;
    for (Hop* hop = source + packet.hops.size(); hop != end;) {
        --hop;
        if (hop == source) {
            send_flits<kGrouped, true>(id, packet, *hop);
            return;
        }
        send_flits<kGrouped, false>(id, packet, *hop);
    }
}

// When more can be done, as far as it depends on the packet alone; for a credit it is woken.
inline std::uint64_t PacketLevelNetwork::next_event(const Packet& packet) const {
    std::uint64_t next = packet.ready;
    for (std::size_t k = packet.first; k < packet.hops.size(); ++k) {
        const Hop& hop = packet.hops[k];
        if (hop.sent >= (k == 0 ? packet.at_source : packet.hops[k - 1].sent)) {
            continue;
        }
        std::uint64_t cycle = std::max(hop.earliest, now_ + 2) - 1; // not before that of the last flit
        if (k != 0) {
            const Hop& before = packet.hops[k - 1];
            cycle = std::max(cycle, times(*before.channel, before.base + hop.sent).comes);
        } else if (packet.is_sum) {
            cycle = std::max(cycle, sum_time(packet, hop.sent));
        }
        const std::uint64_t credit = credit_time(*hop.channel);
        if (credit != kNever) {
            next = std::min(next, std::max(cycle, credit));
        }
    }
    return next;
}

// Everything that a packet can do now, from its head to its tail: what leaves a buffer makes room for what follows.
[[gnu::always_inline]] inline void PacketLevelNetwork::serve(std::uint32_t id) {
    packets_[id].due = kNever;
    if (packets_[id].ready <= now_) {
        ask_for_channel(id);
    }
    Packet& packet = packets_[id];
    if (packet.group == kNone) {
        send_all<false>(id, packet);
    } else {
        send_grouped(id, packet);
    }
    wake(id, next_event(packet));
}

void PacketLevelNetwork::send_grouped(std::uint32_t id, Packet& packet) {
    send_all<true>(id, packet);
    if (packet.feeds != kNone) {
        feed_copies(id);
    }
}

void PacketLevelNetwork::wake_next(std::uint32_t id) {
    wake(id, next_event(packets_[id]));
}

void PacketLevelNetwork::advance(std::uint64_t cycle) {
    events_.drain(cycle, [this](std::uint64_t now, EventRing::Value value) {
        now_ = now;
        const std::uint32_t id = value / kinds;
        if (value % kinds == for_packet) {
            if (packets_[id].due == now) { // else it has been brought forward
                serve(id);
            }
        } else if (value % kinds == for_arrival) {
            arrive(id);
        } else if (links_[id].due == now) {
            links_[id].due = kNever;
            serve_link(links_[id]);
        }
    });
    now_ = cycle;
    events_.come_to(cycle);
}

} // namespace systolica
