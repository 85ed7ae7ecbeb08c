// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// The routing of a network and the random numbers that pick one of its variants for each packet: what both levels start
// packets and trees with.
#pragma once

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
        : topology_(topology), routing_(make_routing(topology, kind)), random_(seed) {}

    const FabricRouting& routing() const { return *routing_; }

    RouteState start(const FabricPacket& packet) {
        return routing_->start(topology_.router_of(packet.source), topology_.router_of(packet.destination), variant());
    }
    PacketTree multicast(unsigned source, const std::vector<unsigned>& destinations) {
        return PacketTree::multicast(topology_, *routing_, source, destinations, variant());
    }
    PacketTree reduction(const std::vector<unsigned>& sources, unsigned destination) {
        return PacketTree::reduction(topology_, *routing_, sources, destination, variant());
    }

private:
    unsigned variant() {
        const unsigned variants = routing_->variants();
        return variants == 1 ? 0 : static_cast<unsigned>(random_() % variants);
    }

    const FabricTopology& topology_;
    const std::unique_ptr<FabricRouting> routing_;
    std::mt19937_64 random_;
};

} // namespace systolica
