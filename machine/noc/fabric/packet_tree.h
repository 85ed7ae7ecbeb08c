// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// The routes between one endpoint and several, joined where they share links. A multicast leaves its source once and is
// copied where routes part; packets of a reduction are added where routes to its destination meet. All routes are those
// that single packets take (the first choice of an adaptive routing, one variant for all), so that what waits for what
// is known from them (channel_dependency.h).
//
// On a torus or ring a shared link may be on one route that crosses the dateline and on one that does not; the tree
// takes the virtual channels of the crossing one. A copy that leaves this dimension earlier goes on to its endpoint or
// to the next dimension, which never waits for an earlier one, so no circle is closed.
#pragma once

#include <vector>

#include "machine/noc/fabric/routing.h"
#include "machine/noc/fabric/topology.h"

namespace systolica {

struct TreeStep {                          // on from a node, over a link or to an endpoint
    unsigned link = FabricTopology::kNone; // none: to the endpoint
    unsigned endpoint = 0;
    unsigned vc_class = 0;
    unsigned to = 0; // node behind the link; of an endpoint its place among the destinations
};

struct TreeNode { // a router on the way
    unsigned router = 0;
    unsigned routers = 1; // from the source to here, with this; the most, where routes meet
    unsigned parts = 1;   // packets that are added here
    std::vector<TreeStep> on;
};

class PacketTree {
public:
    // To every destination. Node 0 is the source's router; where a node has several steps on, a packet is copied.
    static PacketTree multicast(const FabricTopology& topology, const FabricRouting& routing, unsigned source,
                                const std::vector<unsigned>& destinations, unsigned variant);

    // From every source to the destination. A node has one step on; where it has several parts, packets are added.
    static PacketTree reduction(const FabricTopology& topology, const FabricRouting& routing,
                                const std::vector<unsigned>& sources, unsigned destination, unsigned variant);

    const TreeNode& node(unsigned id) const { return nodes_[id]; }
    unsigned nodes() const { return static_cast<unsigned>(nodes_.size()); }
    bool forks() const; // anywhere
    unsigned first_node(std::size_t source) const { return first_nodes_[source]; }

    // Is what goes this way added to others behind it?
    bool joins(const TreeStep& step) const { return step.link != FabricTopology::kNone && nodes_[step.to].parts > 1; }

private:
    unsigned over(unsigned node, const RouteChoice& choice, unsigned router);
    unsigned towards(unsigned router, const TreeStep& step);

    std::vector<TreeNode> nodes_;
    std::vector<unsigned> first_nodes_; // of the sources of a reduction
};

} // namespace systolica
