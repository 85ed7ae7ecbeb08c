// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// Packets passed through a network of any shape at once, ahead of time (loosely timed): on each link of its route a
// packet takes the first gap between the packets passed before that holds all its flits. A lone packet takes as long as
// at the other levels. What is lost: the order in which heads stand before a link, buffers, virtual channels, and the
// choice of an adaptive routing, which always takes its first way.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "machine/gap_book.h"
#include "machine/noc/fabric/config.h"
#include "machine/noc/fabric/fabric_network.h"
#include "machine/noc/fabric/routing.h"
#include "machine/noc/fabric/topology.h"

namespace systolica {

class PassedPackets {
public:
    explicit PassedPackets(const FabricConfig& config); // without problems (problems.h)

    // No later packet is created before `cycle`.
    void come_to(std::uint64_t cycle) { now_ = cycle; }

    // Created at `cycle`; returns the cycle in which the tail arrives.
    std::uint64_t pass(std::uint64_t cycle, unsigned from, unsigned to, unsigned flits);

    std::uint64_t packets() const { return packets_; }
    std::uint64_t packet_hops() const { return hops_; }
    std::uint64_t link_flits(unsigned link) const { return links_[link].flits; }
    void log_links(std::vector<FabricLinkUse>* log) { log_ = log; }

private:
    struct Link {
        GapBook book;
        std::uint64_t flits = 0;
    };

    std::uint64_t take(Link& link, std::uint64_t head, unsigned flits, unsigned flit_cycles);

    const FabricTopology topology_;
    const std::unique_ptr<FabricRouting> routing_;
    const unsigned router_cycles_;
    std::vector<Link> links_; // of the topology, then from and to each endpoint
    std::vector<FabricLinkUse>* log_ = nullptr;
    std::uint64_t now_ = 0;
    std::uint64_t packets_ = 0;
    std::uint64_t hops_ = 0;
};

} // namespace systolica
