// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// What describes the DMA engine of a tile.
#pragma once

namespace systolica {

struct DmaConfig {
    unsigned max_burst_bytes = 256;
    unsigned outstanding = 16; // payloads in flight, for loads and for stores each
    // Memory has an interface for each scratchpad (DramModel::private_ports): no port is shared, so that requests need
    // no turns, and data pass through the scratchpad's ports while they are on the interface.
    bool private_ports = false;
};

} // namespace systolica
