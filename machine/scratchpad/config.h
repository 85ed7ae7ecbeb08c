// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// What describes one group of scratchpad banks.
#pragma once

#include <array>
#include <cstdint>

namespace systolica {

// The four groups of a tile. ifmap and filter feed the array, ofmap holds accumulators, vector is the vector unit's
// (one half operands, one half results).
enum class Pad : std::uint8_t { ifmap, filter, ofmap, vector };

constexpr std::size_t kPads = 4;

constexpr const char* pad_name(Pad pad) {
    constexpr std::array<const char*, kPads> names{"ifmap", "filter", "ofmap", "vector"};
    return names[static_cast<std::size_t>(pad)];
}

// Addresses interleave over the banks every port_bytes, so a group moves up to banks * port_bytes a cycle.
struct ScratchpadConfig {
    std::uint64_t capacity_bytes = 256 * 1024;
    unsigned banks = 8;
    unsigned port_bytes = 32; // moved by one bank in one cycle

    std::uint64_t bytes_per_cycle() const { return std::uint64_t{banks} * port_bytes; }
};

} // namespace systolica
