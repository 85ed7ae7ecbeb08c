// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "machine/noc/noc_fabric.h"

#include "machine/noc/fabric/flit_network.h"
#include "machine/noc/fabric/packet_level_network.h"
#include "machine/noc/fabric/topology.h"

namespace systolica {

namespace {

constexpr unsigned kVirtualChannels = 4; // enough for two classes of messages on a torus
constexpr unsigned kBufferFlits = 8;

unsigned flit_cycles(const NocConfig& noc, unsigned width_bytes) {
    return width_bytes == 0 ? 1 : (noc.flit_bytes + width_bytes - 1) / width_bytes;
}

FabricShape shape_of(const NocConfig& noc) {
    FabricShape shape;
    const bool row = noc.topology == FabricKind::ring || noc.topology == FabricKind::custom;
    shape.kind = noc.topology;
    shape.columns = row ? noc.columns * noc.rows : noc.columns;
    shape.rows = row ? 1 : noc.rows;
    shape.arity = noc.arity;
    shape.levels = noc.levels;
    shape.link.latency_cycles = noc.link_latency_cycles;
    shape.link.flit_cycles = flit_cycles(noc, noc.link_width_bytes);
    for (const NocLink& link : noc.links) {
        const unsigned cycles = flit_cycles(noc, link.width_bytes);
        shape.links.push_back({link.from, link.to, link.latency_cycles, cycles});
        if (!link.one_way) {
            shape.links.push_back({link.to, link.from, link.latency_cycles, cycles});
        }
    }
    return shape;
}

} // namespace

unsigned noc_routers(const NocConfig& noc) {
    return fabric_routers(shape_of(noc));
}

FabricConfig noc_fabric(const NocConfig& noc, NocEnds ends, unsigned message_classes) {
    FabricConfig config;
    config.shape = shape_of(noc);
    config.shape.attach = noc.tile_routers;
    for (std::size_t tile = 0; tile < noc.tile_routers.size(); ++tile) {
        config.shape.endpoint_names.push_back("tile" + std::to_string(tile));
    }
    for (std::size_t memory = 0; ends == NocEnds::tiles_and_memories && memory < noc.memory_routers.size(); ++memory) {
        config.shape.attach.push_back(noc.memory_routers[memory]);
        config.shape.endpoint_names.push_back("memory" + std::to_string(memory));
    }
    config.routing = noc.routing;
    config.virtual_channels = noc.virtual_channels == 0 ? kVirtualChannels : noc.virtual_channels;
    config.buffer_flits = noc.buffer_flits == 0 ? kBufferFlits : noc.buffer_flits;
    config.router_cycles = noc.router_cycles;
    config.combine_cycles = noc.combine_cycles;
    config.message_classes = message_classes;
    return config;
}

std::unique_ptr<FabricNetwork> make_fabric_network(NocLevel level, const FabricConfig& config) {
    if (level == NocLevel::flit) {
        return std::make_unique<FlitLevelNetwork>(config);
    }
    return std::make_unique<PacketLevelNetwork>(config);
}

} // namespace systolica
