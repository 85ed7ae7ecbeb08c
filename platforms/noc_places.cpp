// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "platforms/noc_places.h"

#include "machine/noc/fabric/problems.h"

namespace systolica {

namespace {

bool has_grid(FabricKind topology) {
    return topology == FabricKind::mesh || topology == FabricKind::torus || topology == FabricKind::ring ||
           topology == FabricKind::concentrated_mesh;
}

std::uint64_t power(std::uint64_t base, unsigned exponent) { // no more than just above kMostNocRouters
    std::uint64_t result = 1;
    for (unsigned i = 0; i < exponent && result <= kMostNocRouters; ++i) {
        result *= base;
    }
    return result;
}

std::uint64_t tree_routers(const NocConfig& noc, unsigned levels) {
    std::uint64_t routers = 0;
    for (unsigned level = 0; level < levels && routers <= kMostNocRouters; ++level) {
        routers += power(noc.arity, level);
    }
    return routers;
}

} // namespace

std::uint64_t noc_router_count(const NocConfig& noc) {
    switch (noc.topology) {
    case FabricKind::crossbar:
        return 1;
    case FabricKind::tree:
        return tree_routers(noc, noc.levels);
    default:
        return std::uint64_t{noc.columns} * noc.rows;
    }
}

std::uint64_t noc_tile_places(const NocConfig& noc, std::uint64_t tiles) {
    switch (noc.topology) {
    case FabricKind::crossbar:
        return tiles;
    case FabricKind::tree:
        return power(noc.arity, noc.levels - 1) * noc.concentration;
    case FabricKind::concentrated_mesh:
        return noc_router_count(noc) * noc.concentration;
    default:
        return noc_router_count(noc);
    }
}

std::string noc_size_text(const NocConfig& noc) {
    const std::string kind = fabric_kind_name(noc.topology);
    switch (noc.topology) {
    case FabricKind::tree:
        return kind + " of " + std::to_string(noc.levels) + " levels, " + std::to_string(noc.arity) +
               " children each, " + std::to_string(noc.concentration) + " tiles at a leaf";
    case FabricKind::concentrated_mesh:
        return kind + " of " + std::to_string(noc.columns) + " x " + std::to_string(noc.rows) + " routers for " +
               std::to_string(noc.concentration) + " tiles each";
    default:
        return kind + " of " + std::to_string(noc.columns) + " x " + std::to_string(noc.rows);
    }
}

void complete_noc(Platform& platform) {
    NocConfig& noc = platform.chip.noc;
    const auto layer = [&platform](const std::string& key) {
        const auto origin = platform.origins.find(key);
        return origin == platform.origins.end() ? 0U : origin->second.layer;
    };
    if (!has_grid(noc.topology) && layer("chip.noc.routing") < layer("chip.noc.topology")) {
        noc.routing = FabricRoutingKind::table;
    }
}

void attach_by_default(Platform& platform) {
    NocConfig& noc = platform.chip.noc;
    const std::uint64_t routers = noc_router_count(noc);
    const bool tree = noc.topology == FabricKind::tree;
    if (noc.tile_routers.empty()) {
        const bool shared = tree || noc.topology == FabricKind::concentrated_mesh;
        const auto first = static_cast<unsigned>(tree ? tree_routers(noc, noc.levels - 1) : 0);
        for (unsigned tile = 0; tile < platform.chip.tiles; ++tile) {
            const unsigned router = first + tile / (shared ? noc.concentration : 1);
            noc.tile_routers.push_back(noc.topology == FabricKind::crossbar ? 0 : router);
        }
    }
    if (noc.memory_routers.empty()) {
        const unsigned channels = platform.chip.dram.channels;
        for (std::uint64_t channel = 0; channel < channels; ++channel) {
            noc.memory_routers.push_back(tree ? 0 : static_cast<unsigned>(channel * routers / channels));
        }
    }
}

} // namespace systolica
