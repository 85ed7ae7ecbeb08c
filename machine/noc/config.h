// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// What describes the network of a chip. Routers are numbered row * columns + column.
#pragma once

#include <vector>

namespace systolica {

struct NocConfig {
    unsigned columns = 1;
    unsigned rows = 1;
    unsigned flit_bytes = 32;             // moved over a link in one cycle
    unsigned router_cycles = 3;           // head flit, one router and its link
    std::vector<unsigned> tile_routers;   // where each tile sits
    std::vector<unsigned> memory_routers; // where each DRAM channel sits
};

} // namespace systolica
