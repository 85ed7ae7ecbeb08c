// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// The scratchpads of the tiles as memory: the upper half of a chip's address space. A load from such an address reads
// another tile's pad (or its own) over the network, a store writes one. DRAM lies in the lower half.
//   63     1
//   55..52 pad (machine/scratchpad/config.h)
//   51..32 tile
//   31..0  byte in the pad
#pragma once

#include <cstdint>

#include "machine/scratchpad/config.h"

namespace systolica {

struct TileAddress {
    std::uint32_t tile = 0;
    Pad pad = Pad::ifmap;
    std::uint32_t byte = 0;
};

constexpr std::uint64_t kTileSpace = std::uint64_t{1} << 63;

constexpr bool in_tile_space(std::uint64_t address) {
    return (address & kTileSpace) != 0;
}

constexpr std::uint64_t encode(const TileAddress& at) {
    return kTileSpace | static_cast<std::uint64_t>(at.pad) << 52 | std::uint64_t{at.tile} << 32 | at.byte;
}

// Only of an address in tile space. The pad may be none that exists: kPads or more.
constexpr TileAddress tile_address(std::uint64_t address) {
    return {static_cast<std::uint32_t>(address >> 32 & 0xFFFFF), static_cast<Pad>(address >> 52 & 0xF),
            static_cast<std::uint32_t>(address)};
}

} // namespace systolica
