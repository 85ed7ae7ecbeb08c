// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// What describes a network of routers: its shape, its routing and its routers. Nothing here is checked; the network
// problems of a description are what fabric_problems() says (fabric/problems.h).
#pragma once

#include <algorithm>
#include <string>
#include <vector>

namespace systolica {

enum class FabricKind { mesh, torus, ring, crossbar, concentrated_mesh, tree, custom };
enum class FabricRoutingKind { xy, yx, o1turn, west_first, table };

// One direction of a connection. A flit takes flit_cycles to pass (more than one where the link is narrower than a
// flit; a wider one gains nothing) and the wire latency_cycles.
struct FabricLink {
    unsigned from = 0;
    unsigned to = 0;
    unsigned latency_cycles = 1;
    unsigned flit_cycles = 1;
};

struct FabricShape {
    FabricKind kind = FabricKind::mesh;
    unsigned columns = 1;         // mesh, torus, concentrated mesh; the routers of a ring or of a custom network
    unsigned rows = 1;            // mesh, torus, concentrated mesh
    unsigned arity = 2;           // tree: children of a router
    unsigned levels = 1;          // tree: levels of routers
    unsigned concentration = 1;   // endpoints at each router; of a tree at each leaf; of a crossbar all endpoints
    std::vector<unsigned> attach; // router of each endpoint; empty: as concentration says
    std::vector<std::string> endpoint_names; // for messages; empty: node0, node1, ...
    std::vector<FabricLink> links;           // custom: all links; others: links that differ from link
    FabricLink link;                         // width and latency of every other link
};

// When a head flit may ask for what, counted from its arrival, and how long it is under way after the switch grant.
// router_cycles is the head's time through one router and a link of one cycle. From 3 on it splits as in BookSim2:
// 3 allocates the switch speculatively beside the virtual channel, 4 one after the other with lookahead routing,
// 5 and more compute the route first. 2 and 1 shorten the way from the switch grant to the next router.
struct RouterPipeline {
    unsigned route_cycles = 0;
    bool speculative = true;
    unsigned transfer_cycles = 2; // switch grant to arrival, without the link's latency

    static RouterPipeline of(unsigned router_cycles) {
        return {router_cycles > 4 ? router_cycles - 4 : 0, router_cycles < 4, std::min(router_cycles, 3U) - 1};
    }
};

struct FabricConfig {
    FabricShape shape;
    FabricRoutingKind routing = FabricRoutingKind::xy;
    unsigned virtual_channels = 2;
    unsigned buffer_flits = 8;    // of each virtual channel of a router's input
    unsigned router_cycles = 3;   // head flit, one router and a link of one cycle
    unsigned credit_cycles = 1;   // a router handles a credit that has come
    unsigned combine_cycles = 1;  // a router adds what several inputs bring; at least 1
    unsigned message_classes = 1; // kinds of packets that must not wait for each other (requests, responses)
    unsigned seed = 1;            // of random choices between equal routes
};

} // namespace systolica
