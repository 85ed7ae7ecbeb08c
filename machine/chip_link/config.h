// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// What describes a system of chips: how many, what links join them, how fast these are.
#pragma once

#include <array>
#include <cmath>
#include <cstdint>
#include <vector>

namespace systolica {

// ring: chip i and i + 1, the last with the first; mesh and torus: chip row * columns + column with its neighbours;
// full: a link between any two; fabric (in YAML: switch): one port a chip, the switch joins any two; custom: a list.
enum class ChipTopology : std::uint8_t { ring, mesh, torus, full, fabric, custom };

struct ChipLinkConfig {
    double bytes_per_s = 25e9; // of one lane in one direction
    double latency_ns = 500;   // from a byte on the link to the byte at the other end
    std::uint64_t credits = 0; // flits that the receiver has room for; 0: as many as the round trip needs
    unsigned lanes = 1;        // bytes of a message spread over them
    unsigned flit_bytes = 256; // what a credit stands for
    double bit_error_rate = 0; // flits that arrive wrong are sent again
    std::uint64_t seed = 0;    // of errors

    // Errors of a link of their own.
    ChipLinkConfig of_link(std::uint64_t number) const {
        ChipLinkConfig link = *this;
        link.seed = seed * 0x10001 + number;
        return link;
    }
    ChipLinkConfig without_errors() const {
        ChipLinkConfig link = *this;
        link.bit_error_rate = 0;
        return link;
    }

    std::uint64_t direction_bytes_per_s() const {
        return static_cast<std::uint64_t>(std::llround(bytes_per_s)) * lanes;
    }
    std::uint64_t latency_ps() const { return static_cast<std::uint64_t>(std::llround(latency_ns * 1000)); }
};

// Where a chip exchanges gradients with others (models/exchange): it holds whole chunks in a buffer of its own.
struct LinkPortConfig {
    unsigned router = 0; // of the chip's network, at which it has an entrance
    std::uint64_t buffer_bytes = 4 << 20;
    std::uint64_t chunk_bytes = 1 << 20;
};

struct SystemConfig {
    std::uint64_t chips = 1;
    ChipTopology topology = ChipTopology::ring;
    std::uint64_t columns = 0, rows = 0; // mesh, torus; 0: what the other leaves, or as square as the chips allow
    ChipLinkConfig link;
    LinkPortConfig port;
    std::uint64_t bucket_bytes = 4 << 20;            // gradients are exchanged in buckets of about so many
    std::vector<std::array<std::uint64_t, 2>> links; // custom: pairs of chips, each a link in both directions
};

struct ChipGrid {
    std::uint64_t columns = 1, rows = 1;
};

// The grid of a mesh or torus; for other topologies the squarest one with at least as many columns as rows.
ChipGrid chip_grid(const SystemConfig& system);

constexpr double kMostFlitErrors = 0.5; // of all flits sent
constexpr std::uint64_t kMostChips = 1024;
constexpr std::uint64_t kMostFullChips = 256; // topology full: links grow with the square

} // namespace systolica
