// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "machine/noc/fabric/passed_packets.h"

#include <algorithm>

namespace systolica {

namespace {

constexpr unsigned kInjectionCycles = 1; // an endpoint's link
constexpr unsigned kArrivalCycles = 1;   // from the last link into the endpoint

} // namespace

PassedPackets::PassedPackets(const FabricConfig& config)
    : topology_(config.shape),
      routing_(make_routing(topology_, config.routing)),
      router_cycles_(config.router_cycles),
      links_(topology_.links() + 2 * std::size_t{topology_.endpoints()}) {}

std::uint64_t PassedPackets::pass(std::uint64_t cycle, unsigned from, unsigned to, unsigned flits) {
    const unsigned target = topology_.router_of(to);
    unsigned router = topology_.router_of(from);
    const auto variant = static_cast<unsigned>(packets_++ % routing_->variants());
    RouteState state = routing_->start(router, target, variant);
    unsigned slowest = 1; // cycles of a flit
    std::uint64_t head = take(links_[topology_.links() + from], cycle, flits, 1) + kInjectionCycles;
    while (router != target) {
        const RouteChoice choice = *routing_->next(router, target, state).begin();
        const FabricLink& link = topology_.link(choice.link);
        head = take(links_[choice.link], head, flits, link.flit_cycles) + router_cycles_ + link.latency_cycles +
               link.flit_cycles - 2; // router_cycles holds a link of one cycle
        slowest = std::max(slowest, link.flit_cycles);
        state = choice.state;
        router = link.to;
        ++hops_;
    }
    head = take(links_[topology_.links() + topology_.endpoints() + to], head, flits, 1) + router_cycles_;
    return head + kArrivalCycles + std::uint64_t{flits - 1} * slowest;
}

std::uint64_t PassedPackets::take(Link& link, std::uint64_t head, unsigned flits, unsigned flit_cycles) {
    link.flits += flits;
    link.book.forget(now_);
    const std::uint64_t cycles = std::uint64_t{flits} * flit_cycles;
    const std::uint64_t begins = link.book.book(head, cycles);
    if (log_ != nullptr) {
        log_->push_back({static_cast<unsigned>(&link - links_.data()), begins + 1, begins + 1 + cycles});
    }
    return begins;
}

} // namespace systolica
