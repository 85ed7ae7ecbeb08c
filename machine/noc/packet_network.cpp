// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "machine/noc/packet_network.h"

#include <algorithm>

namespace systolica {

namespace {

constexpr unsigned kInjectionCycles = 1; // the injection link
constexpr unsigned kArrivalCycles = 1;   // from the last link into the endpoint

} // namespace

PacketNetwork::PacketNetwork(const NocConfig& config, Traffic traffic) : topology_(config), links_(topology_.links()) {
    for (LinkId link = 0; link < topology_.links(); ++link) {
        links_[link].cycles = link < topology_.endpoints() ? kInjectionCycles : config.router_cycles;
    }
    find_links_fed_alone(traffic);
}

void PacketNetwork::find_links_fed_alone(Traffic traffic) {
    constexpr LinkId kNobody = ~LinkId{0};
    std::vector<LinkId> feeder(links_.size(), kNobody);
    std::vector<bool> several(links_.size(), false);
    for (unsigned from = 0; from < topology_.endpoints(); ++from) {
        for (unsigned to = 0; to < topology_.endpoints(); ++to) {
            const bool same_kind = (from < topology_.tiles()) == (to < topology_.tiles());
            if (traffic == Traffic::tiles_with_memories && same_kind) {
                continue;
            }
            const Route route = topology_.route(from, to);
            for (const LinkId* link = route.first + 1; link != route.last; ++link) {
                several[*link] = several[*link] || (feeder[*link] != kNobody && feeder[*link] != link[-1]);
                feeder[*link] = link[-1];
            }
        }
    }
    for (std::size_t link = 0; link < links_.size(); ++link) {
        links_[link].alone_fed = feeder[link] != kNobody && !several[link];
    }
}

std::uint64_t PacketNetwork::inject(std::uint32_t id, std::uint64_t cycle, unsigned from, unsigned to, unsigned flits) {
    if (id >= flights_.size()) {
        flights_.resize(std::size_t{id} + 1);
    }
    const Route route = topology_.route(from, to);
    flights_[id] = {route.first, route.last, flits, from};
    count(route);
    book(id, cycle);
    return links_[*route.first].free;
}

std::uint64_t PacketNetwork::pass(std::uint64_t cycle, unsigned from, unsigned to, unsigned flits) {
    const Route route = topology_.route(from, to);
    count(route);
    std::uint64_t head = cycle;
    for (const LinkId* link = route.first; link != route.last; ++link) {
        head = take_gap(*link, head, flits);
    }
    return head + kArrivalCycles + flits - 1;
}

// Books the next link, and those behind it that nobody else feeds; then waits for the head or the tail to get there.
void PacketNetwork::book(std::uint32_t id, std::uint64_t head) {
    Flight& flight = flights_[id];
    do {
        head = take(*flight.next, head, flight.flits, id);
        if (++flight.next == flight.last) {
            queue_.push(head + kArrivalCycles + flight.flits - 1, flight.from, 2 * id);
            return;
        }
    } while (links_[*flight.next].alone_fed);
    queue_.push(head, flight.from, 2 * id);
}

// Returns the cycle in which the head stands behind the link.
std::uint64_t PacketNetwork::take(LinkId link, std::uint64_t head, std::uint32_t flits, std::uint32_t packet) {
    Link& l = links_[link];
    const std::uint64_t start = std::max(head, l.free);
    l.free = start + flits;
    note(link, head, start, flits, packet);
    return start + l.cycles;
}

std::uint64_t PacketNetwork::take_gap(LinkId link, std::uint64_t head, std::uint32_t flits) {
    Link& l = links_[link];
    l.ahead.forget(now_);
    if (l.free > l.passed) { // has taken injected packets since
        l.injected = l.free;
    }
    const std::uint64_t start = l.ahead.book(std::max(head, l.injected), flits);
    l.passed = std::max(l.passed, start + flits);
    l.free = std::max(l.free, l.passed);
    note(link, head, start, flits, kPassed);
    return start + l.cycles;
}

void PacketNetwork::note(LinkId link, std::uint64_t head, std::uint64_t start, std::uint32_t flits,
                         std::uint32_t packet) {
    Link& l = links_[link];
    l.use.busy_cycles += flits;
    ++l.use.packets;
    if (log_ != nullptr) { // the link itself is the last of the router's cycles
        log_->push_back({link, packet, start + l.cycles - 1, start + l.cycles - 1 + flits, head});
    }
}

void PacketNetwork::count(const Route& route) {
    ++packets_;
    hops_ += route.hops();
}

} // namespace systolica
