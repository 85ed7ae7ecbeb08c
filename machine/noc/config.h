// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// What describes the network of a chip. Routers of a grid are numbered row * columns + column, those of a tree from the
// root downwards, level by level.
#pragma once

#include <vector>

#include "machine/noc/fabric/config.h"

namespace systolica {

enum class NocLevel { packet, flit };

struct NocLink { // between two routers
    unsigned from = 0;
    unsigned to = 0;
    unsigned width_bytes = 0; // 0: a flit
    unsigned latency_cycles = 1;
    bool one_way = false; // else there is another one back
};

inline bool operator==(const NocLink& a, const NocLink& b) {
    return a.from == b.from && a.to == b.to && a.width_bytes == b.width_bytes && a.latency_cycles == b.latency_cycles &&
           a.one_way == b.one_way;
}

struct NocConfig {
    FabricKind topology = FabricKind::mesh;
    NocLevel level = NocLevel::packet;
    unsigned columns = 1; // a ring and a custom network have columns * rows routers, too
    unsigned rows = 1;
    unsigned arity = 2;         // tree
    unsigned levels = 2;        // tree
    unsigned concentration = 4; // concentrated mesh: tiles at each router; tree: at each leaf
    unsigned flit_bytes = 32;   // moved over a link in one cycle
    FabricRoutingKind routing = FabricRoutingKind::xy;
    unsigned router_cycles = 3;           // head flit, one router and its link
    bool multicast = true;                // routers can copy packets, and add those of a reduction
    unsigned combine_cycles = 1;          // of a router that adds packets of a reduction
    unsigned virtual_channels = 0;        // 0: not given
    unsigned buffer_flits = 0;            // 0: not given
    unsigned link_width_bytes = 0;        // of every link; 0: a flit
    unsigned link_latency_cycles = 1;     // of every link
    std::vector<NocLink> links;           // custom: all links; others: links that differ from the rest
    std::vector<unsigned> tile_routers;   // where each tile sits
    std::vector<unsigned> memory_routers; // where each DRAM channel sits
};

} // namespace systolica
