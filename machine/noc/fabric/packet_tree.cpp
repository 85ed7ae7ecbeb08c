// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "machine/noc/fabric/packet_tree.h"

#include <algorithm>
#include <cassert>

namespace systolica {

PacketTree PacketTree::multicast(const FabricTopology& topology, const FabricRouting& routing, unsigned source,
                                 const std::vector<unsigned>& destinations, unsigned variant) {
    PacketTree tree;
    const unsigned from = topology.router_of(source);
    tree.nodes_.push_back({from, 1, 1, {}});
    for (unsigned place = 0; place < destinations.size(); ++place) {
        const unsigned target = topology.router_of(destinations[place]);
        RouteState state = routing.start(from, target, variant);
        unsigned at = 0;
        while (tree.nodes_[at].router != target) {
            const RouteChoice choice = *routing.next(tree.nodes_[at].router, target, state).begin();
            at = tree.over(at, choice, topology.link(choice.link).to);
            state = choice.state;
        }
        tree.nodes_[at].on.push_back({FabricTopology::kNone, destinations[place], 0, place});
    }
    return tree;
}

// The node behind a link, a new one unless another destination lies behind it too.
unsigned PacketTree::over(unsigned node, const RouteChoice& choice, unsigned router) {
    for (TreeStep& step : nodes_[node].on) {
        if (step.link == choice.link) {
            step.vc_class = std::max(step.vc_class, choice.vc_class);
            return step.to;
        }
    }
    const unsigned id = nodes();
    nodes_[node].on.push_back({choice.link, 0, choice.vc_class, id});
    const unsigned routers = nodes_[node].routers + 1;
    nodes_.push_back({router, routers, 1, {}});
    return id;
}

PacketTree PacketTree::reduction(const FabricTopology& topology, const FabricRouting& routing,
                                 const std::vector<unsigned>& sources, unsigned destination, unsigned variant) {
    constexpr unsigned kUnknown = ~0U;
    PacketTree tree;
    const unsigned target = topology.router_of(destination);
    std::vector<unsigned> behind; // by node, where it leads: kUnknown before the first route has gone on
    for (const unsigned source : sources) {
        unsigned router = topology.router_of(source);
        RouteState state = routing.start(router, target, variant);
        unsigned before = kUnknown;
        for (unsigned routers = 1;; ++routers) {
            TreeStep step{FabricTopology::kNone, destination, 0, 0};
            if (router != target) {
                const RouteChoice choice = *routing.next(router, target, state).begin();
                step = {choice.link, 0, choice.vc_class, 0};
                state = choice.state;
            }
            const unsigned node = tree.towards(router, step);
            behind.resize(tree.nodes(), kUnknown);
            tree.nodes_[node].routers = std::max(tree.nodes_[node].routers, routers);
            if (before == kUnknown) {
                tree.first_nodes_.push_back(node);
                ++tree.nodes_[node].parts;
            } else if (behind[before] == kUnknown) {
                behind[before] = node;
                tree.nodes_[before].on.front().to = node;
                ++tree.nodes_[node].parts;
            }
            assert(before == kUnknown || behind[before] == node); // routes that have met stay together
            if (router == target) {
                break;
            }
            before = node;
            router = topology.link(step.link).to;
        }
    }
    return tree;
}

// The node of a reduction with that step on; a new one has no parts yet.
unsigned PacketTree::towards(unsigned router, const TreeStep& step) {
    for (unsigned id = 0; id < nodes(); ++id) {
        TreeStep& there = nodes_[id].on.front();
        if (nodes_[id].router == router && there.link == step.link) {
            there.vc_class = std::max(there.vc_class, step.vc_class);
            return id;
        }
    }
    nodes_.push_back({router, 1, 0, {step}});
    return nodes() - 1;
}

bool PacketTree::forks() const {
    return std::any_of(nodes_.begin(), nodes_.end(), [](const TreeNode& node) { return node.on.size() > 1; });
}

} // namespace systolica
