// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// How much network a memory access takes: packet lengths in flits, and the latency of a packet that meets no other.
#pragma once

#include <cstdint>

#include "machine/noc/config.h"

namespace systolica {

// A packet is one header flit and its data; a packet without data (read request, write acknowledgement) is the header.
inline unsigned packet_flits(std::uint64_t data_bytes, unsigned flit_bytes) {
    return 1 + static_cast<unsigned>((data_bytes + flit_bytes - 1) / flit_bytes);
}

// Creation to arrival of the tail: one cycle on the injection link, router_cycles a router, one cycle from the last
// link into the endpoint, and the flits behind the head. The law every row of BookSim2's zero-load latency follows.
inline std::uint64_t zero_load_cycles(const NocConfig& config, unsigned routers, unsigned flits) {
    return 2 + std::uint64_t{config.router_cycles} * routers + (flits - 1);
}

} // namespace systolica
