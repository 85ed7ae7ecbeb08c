// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "platforms/key_rows.h"

#include "platforms/key_builders.h"

namespace systolica::keys {

namespace {

#define SYSTOLICA_FIELD(member)                                                                                        \
    [](auto& platform) -> auto& {                                                                                      \
        return platform.chip.member;                                                                                   \
    }

// 0 stands for a value that was not given.
Key unless_zero(Key key, const std::string& standard) {
    key.standard = standard;
    return key;
}

void add_shape(std::vector<Key>& table) {
    table.push_back(choice<FabricKind>("chip.noc.topology",
                                       {{"mesh", FabricKind::mesh},
                                        {"torus", FabricKind::torus},
                                        {"ring", FabricKind::ring},
                                        {"crossbar", FabricKind::crossbar},
                                        {"concentrated_mesh", FabricKind::concentrated_mesh},
                                        {"tree", FabricKind::tree},
                                        {"custom", FabricKind::custom}},
                                       "Shape of the network", SYSTOLICA_FIELD(noc.topology)));
    table.push_back(whole("chip.noc.columns", "routers", 1, 1024,
                          "Columns of the grid; a ring and a custom network have columns * rows routers",
                          SYSTOLICA_FIELD(noc.columns)));
    table.push_back(whole("chip.noc.rows", "routers", 1, 1024, "Rows of the grid", SYSTOLICA_FIELD(noc.rows)));
    table.push_back(whole("chip.noc.concentration", "tiles", 1, 1024,
                          "Tiles at each router of a concentrated mesh, or at each leaf of a tree",
                          SYSTOLICA_FIELD(noc.concentration)));
    table.push_back(
        whole("chip.noc.arity", "routers", 2, 64, "Tree: children of a router", SYSTOLICA_FIELD(noc.arity)));
    table.push_back(whole("chip.noc.levels", "levels", 1, 12, "Tree: levels of routers", SYSTOLICA_FIELD(noc.levels)));
}

void add_routers(std::vector<Key>& table) {
    table.push_back(choice<NocLevel>("chip.noc.level", {{"packet", NocLevel::packet}, {"flit", NocLevel::flit}},
                                     "Detail of the model: an event a packet and router, or every flit",
                                     SYSTOLICA_FIELD(noc.level)));
    table.push_back(unless_zero(choice<FabricRoutingKind>("chip.noc.routing",
                                                          {{"xy", FabricRoutingKind::xy},
                                                           {"yx", FabricRoutingKind::yx},
                                                           {"o1turn", FabricRoutingKind::o1turn},
                                                           {"west_first", FabricRoutingKind::west_first},
                                                           {"table", FabricRoutingKind::table}},
                                                          "Path of a packet (noc.md)", SYSTOLICA_FIELD(noc.routing)),
                                "xy; table without a grid"));
    table.push_back(whole("chip.noc.router_cycles", "cycles", 1, 64, "Head flit through one router and its link",
                          SYSTOLICA_FIELD(noc.router_cycles)));
    table.push_back(whole("chip.noc.combine_cycles", "cycles", 1, 64, "Added where packets of a reduction are combined",
                          SYSTOLICA_FIELD(noc.combine_cycles)));
    table.push_back(boolean("chip.noc.multicast", "Routers copy packets to several tiles and add those of a reduction",
                            SYSTOLICA_FIELD(noc.multicast)));
    table.push_back(unless_zero(whole("chip.noc.virtual_channels", "channels", 1, 64,
                                      "Virtual channels of a link, shared out between requests and responses",
                                      SYSTOLICA_FIELD(noc.virtual_channels)),
                                "4"));
    table.push_back(unless_zero(whole("chip.noc.buffer_flits", "flits", 1, 4096, "Buffer of a virtual channel",
                                      SYSTOLICA_FIELD(noc.buffer_flits)),
                                "8"));
}

void add_links(std::vector<Key>& table) {
    table.push_back(power_of_two("chip.noc.flit_bytes", "B", 1, 4096, "Moved over a link in one cycle",
                                 SYSTOLICA_FIELD(noc.flit_bytes)));
    table.push_back(unless_zero(whole("chip.noc.link.width_bytes", "B", 1, 4096,
                                      "Width of every link; a narrow one takes several cycles for a flit",
                                      SYSTOLICA_FIELD(noc.link_width_bytes)),
                                "flit_bytes"));
    table.push_back(whole("chip.noc.link.latency_cycles", "cycles", 1, 64, "Time on every link",
                          SYSTOLICA_FIELD(noc.link_latency_cycles)));
    Key links = row("chip.noc.links", KeyType::links,
                    "Links of a custom network, or those of another one that differ: {from: router, to: router, "
                    "width_bytes: flit_bytes, latency_cycles: 1, one_way: false}");
    links.most = 4095;
    links.standard = "none";
    links.store = [](Platform& platform, const KeyValue& value) {
        platform.chip.noc.links = std::get<std::vector<NocLink>>(value);
    };
    links.load = [](const Platform& platform) -> KeyValue { return platform.chip.noc.links; };
    table.push_back(std::move(links));
}

} // namespace

void add_noc_keys(std::vector<Key>& table) {
    table.push_back(whole("chip.tiles", "tiles", 1, 1024, "Tiles of the chip", SYSTOLICA_FIELD(tiles)));
    add_shape(table);
    add_routers(table);
    add_links(table);
    table.push_back(routers("chip.noc.attach.tiles", "one after another", "Router of each tile (noc.md)",
                            SYSTOLICA_FIELD(noc.tile_routers)));
    table.push_back(routers("chip.noc.attach.dram", "spread evenly", "Router of each DRAM channel (noc.md)",
                            SYSTOLICA_FIELD(noc.memory_routers)));
}

} // namespace systolica::keys
