// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// The routing of a network and the random numbers that pick one of its variants for each packet: what both levels start
// packets and trees with.
#pragma once

#include <cstdint>
#include <memory>
#include <random>
#include <vector>

#include "machine/noc/fabric/fabric_network.h"
#include "machine/noc/fabric/packet_tree.h"
#include "machine/noc/fabric/routing.h"
#include "machine/noc/fabric/topology.h"

namespace systolica {

class RoutePicker {
public:
    // The topology must outlive the picker.
    RoutePicker(const FabricTopology& topology, FabricRoutingKind kind, unsigned seed)
        : topology_(topology),
          routing_(make_routing(topology, kind)),
          variants_(routing_->variants()),
          starts_(variants_ == 1 ? std::size_t{topology.routers()} * topology.routers() : 0, kUnknown),
          random_(seed) {}

    const FabricRouting& routing() const { return *routing_; }

    RouteState start(const FabricPacket& packet) {
        const unsigned from = topology_.router_of(packet.source);
        const unsigned to = topology_.router_of(packet.destination);
        if (variants_ != 1) {
            return routing_->start(from, to, variant());
        }
        std::int16_t& known = starts_[std::size_t{from} * topology_.routers() + to];
        if (known < 0) {
            known = routing_->start(from, to, 0);
        }
        return static_cast<RouteState>(known);
    }
    PacketTree multicast(unsigned source, const std::vector<unsigned>& destinations) {
        return PacketTree::multicast(topology_, *routing_, source, destinations, variant());
    }
    PacketTree reduction(const std::vector<unsigned>& sources, unsigned destination) {
        return PacketTree::reduction(topology_, *routing_, sources, destination, variant());
    }

private:
    static constexpr std::int16_t kUnknown = -1;

    unsigned variant() { return variants_ == 1 ? 0 : static_cast<unsigned>(random_() % variants_); }

    const FabricTopology& topology_;
    const std::unique_ptr<FabricRouting> routing_;
    const unsigned variants_;
    std::vector<std::int16_t> starts_; // by routers, as far as asked for, where there is one variant only
    std::mt19937_64 random_;
};

} // namespace systolica
