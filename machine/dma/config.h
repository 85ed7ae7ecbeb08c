// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// What describes the DMA engine of a tile.
#pragma once

namespace systolica {

struct DmaConfig {
    unsigned max_burst_bytes = 256;
    unsigned outstanding = 16; // payloads in flight, for loads and for stores each
};

} // namespace systolica
