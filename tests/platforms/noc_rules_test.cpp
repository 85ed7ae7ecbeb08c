// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// Networks of every shape are read, get their default attachments, and are refused where tiles cannot talk.
#include "machine/noc/noc_fabric.h"
#include "platforms/noc_checks.h"
#include "tests/platforms/platform_files.h"

namespace systolica {
namespace {

using Lines = std::vector<std::string>;
using Routers = std::vector<unsigned>;

class NocRules : public PlatformFiles {
protected:
    // The problems of a chip with this network, without the file's name.
    Lines refused(const std::string& tiles_and_noc) const {
        const std::string file = write("p.yaml", "base: edge_npu\nchip: {" + tiles_and_noc + "}\n");
        Lines lines = problems(file);
        for (std::string& line : lines) {
            EXPECT_EQ(line.rfind(file + ":2:", 0), 0u) << line;
            line = line.substr(line.find(": ") + 2);
        }
        return lines;
    }
    Platform read(const std::string& tiles_and_noc) const {
        return read_platform(write("p.yaml", "base: edge_npu\nchip: {" + tiles_and_noc + "}\n"));
    }
};

TEST_F(NocRules, TilesAndMemoriesHavePlacesOnEveryShape) {
    const auto expect = [&](const std::string& text, const Routers& tiles, const Routers& memories) {
        const NocConfig noc = read(text).chip.noc;
        EXPECT_EQ(noc.tile_routers, tiles) << text;
        EXPECT_EQ(noc.memory_routers, memories) << text;
    };
    expect("tiles: 3, noc: {topology: torus, columns: 2, rows: 2}", {0, 1, 2}, {0, 2});
    expect("tiles: 4, noc: {topology: ring, columns: 4, rows: 1}", {0, 1, 2, 3}, {0, 2});
    expect("tiles: 4, noc: {topology: ring}", {0, 1, 2, 3}, {0, 2}); // the 2 x 2 routers of edge_npu
    expect("tiles: 5, noc: {topology: crossbar}", {0, 0, 0, 0, 0}, {0, 0});
    expect("tiles: 5, noc: {topology: concentrated_mesh, concentration: 2, columns: 3, rows: 1}", {0, 0, 1, 1, 2},
           {0, 1}); // floor(1 * 3 / 2)
    // A root, 3 below it, 9 leaves from router 4 on.
    expect("tiles: 5, noc: {topology: tree, arity: 3, levels: 3, concentration: 4}", {4, 4, 4, 4, 5}, {0, 0});
    expect("tiles: 2, noc: {topology: custom, columns: 2, rows: 1, links: [{from: 0, to: 1}]}", {0, 1}, {0, 1});
}

TEST_F(NocRules, WhatIsNotAGridIsRoutedByTablesUnlessToldOtherwise) {
    EXPECT_EQ(read("noc: {topology: torus}").chip.noc.routing, FabricRoutingKind::xy);
    EXPECT_EQ(read("noc: {topology: tree}").chip.noc.routing, FabricRoutingKind::table);
    const std::string custom = "noc: {topology: custom, links: [{from: 0, to: 1}, {from: 1, to: 2}, {from: 3, to: 2}]";
    EXPECT_EQ(read(custom + "}").chip.noc.routing, FabricRoutingKind::table);
    EXPECT_EQ(refused(custom + ", routing: yx}"),
              Lines{"chip.noc.routing: expected table on a custom network, got yx"});
    EXPECT_EQ(refused("noc: {topology: torus, routing: west_first}"),
              Lines{"chip.noc.routing: expected xy, yx, o1turn or table on a torus, got west_first"});
}

TEST_F(NocRules, LinksHaveWidthAndLatencyBothWaysUnlessOneWay) {
    const NocConfig noc = read("tiles: 2, noc: {topology: custom, columns: 3, rows: 1, flit_bytes: 32, "
                               "links: [{from: 0, to: 1, width_bytes: 12}, {from: 1, to: 2, latency_cycles: 5}, "
                               "{from: 2, to: 0, one_way: true}]}")
                              .chip.noc;
    const std::vector<FabricLink> links = noc_fabric(noc, NocEnds::tiles, 1).shape.links;
    ASSERT_EQ(links.size(), 5u);
    EXPECT_EQ(links[1].from, 1u);
    EXPECT_EQ(links[1].to, 0u);
    EXPECT_EQ(links[1].flit_cycles, 3u); // 32 bytes over 12
    EXPECT_EQ(links[2].latency_cycles, 5u);
    EXPECT_EQ(links[2].flit_cycles, 1u);
    EXPECT_EQ(links[4].from, 2u);
}

TEST_F(NocRules, TilesThatCannotTalkAreNamed) {
    EXPECT_EQ(refused("noc: {topology: custom, links: [{from: 0, to: 1}, {from: 2, to: 3}]}"),
              Lines{"chip.noc.links: expected a path from tile0 (r0) to tile2 (r2), got none"});
    EXPECT_EQ(refused("tiles: 2, noc: {topology: custom, links: [{from: 0, to: 1}]}"),
              Lines{"chip.noc.links: expected a path from tile0 (r0) to memory1 (r2), got none"});
    EXPECT_EQ(refused("tiles: 2, noc: {topology: custom, links: [{from: 0, to: 1, one_way: true}], "
                      "attach: {dram: [0, 1]}}"),
              Lines{"chip.noc.links: expected a path from tile1 (r1) to tile0 (r0), got none"});
}

// Around a ring of four, two hops are a shortest way.
TEST_F(NocRules, ADeadlockIsRefusedWithItsCycle) {
    const Lines lines = refused("noc: {topology: torus, columns: 4, rows: 1, virtual_channels: 1}");
    ASSERT_EQ(lines.size(), 1u);
    EXPECT_EQ(lines[0],
              "chip.noc.virtual_channels: expected at least 2 against deadlock, got 1, which deadlocks by r0->r1 vc 0, "
              "r1->r2 vc 0, r2->r3 vc 0, r3->r0 vc 0, r0->r1 vc 0");
}

TEST_F(NocRules, RunsNeedChannelsForRequestsAndForResponses) {
    EXPECT_THROW(require_noc_for_runs(read("noc: {virtual_channels: 1}")), InputError);
    EXPECT_NO_THROW(require_noc_for_runs(read("noc: {virtual_channels: 2}")));
    EXPECT_THROW(require_noc_for_runs(read("noc: {topology: torus, columns: 4, rows: 1, virtual_channels: 3}")),
                 InputError);
    EXPECT_NO_THROW(require_noc_for_runs(read("noc: {topology: torus, columns: 4, rows: 1}")));
}

TEST_F(NocRules, EachMistakeInAListOfLinksIsOneLine) {
    const auto custom = [&](const std::string& links) {
        return refused("tiles: 2, noc: {topology: custom, columns: 3, rows: 1, links: " + links + "}");
    };
    EXPECT_EQ(custom("[{from: 0, to: 1}, {from: 1}, {from: 2, too: 1}]"),
              (Lines{"chip.noc.links[1]: expected from and to, got a map",
                     "chip.noc.links[2].too: expected a known key, got 'too' (did you mean 'to'?)",
                     "chip.noc.links[2]: expected from and to, got a map"}));
    EXPECT_EQ(custom("[{from: 0, to: 1, width_bytes: 0}, 3]"),
              (Lines{"chip.noc.links[0].width_bytes: expected a whole number from 1 to 4096, got '0'",
                     "chip.noc.links[1]: expected a map (from, to, width_bytes, latency_cycles, one_way), got '3'"}));
    EXPECT_EQ(custom("[{from: 0, to: 1}, {from: 3, to: 1}, {from: 1, to: 0}, {from: 2, to: 2}]"),
              (Lines{"chip.noc.links[1].from: expected a router from 0 to 2, got 3",
                     "chip.noc.links[2]: expected each link once, got 1 to 0 as in links[0]",
                     "chip.noc.links[3]: expected two different routers, got 2 to 2"}));
    EXPECT_EQ(custom("0-1"), Lines{"chip.noc.links: expected a list of links, got '0-1'"});
    EXPECT_EQ(refused("noc: {links: [{from: 0, to: 3, latency_cycles: 2}]}"),
              Lines{"chip.noc.links[0]: expected a link of the mesh, got r0->r3"});
}

TEST_F(NocRules, SizesMustFitTheShape) {
    EXPECT_EQ(refused("noc: {topology: ring, concentration: 2}"),
              Lines{"chip.noc.concentration: expected this key only with chip.noc.topology: concentrated_mesh or tree, "
                    "got it with topology: ring"});
    EXPECT_EQ(refused("noc: {topology: tree, arity: 64, levels: 4}"), // 1 + 64 + 4096 are too many already
              Lines{"chip.noc.levels: expected at most 4096 routers, got a tree of 4 levels, 64 children each, 4 tiles "
                    "at a leaf"});
    EXPECT_EQ(refused("tiles: 9, noc: {topology: tree}"),
              Lines{"chip.tiles: expected a router for each tile (or chip.noc.attach.tiles), got 9 tiles on a tree of "
                    "2 levels, 2 children each, 4 tiles at a leaf"});
    EXPECT_EQ(refused("noc: {topology: crossbar, attach: {dram: [0, 1]}}"),
              Lines{"chip.noc.attach.dram: expected router numbers up to 0, got 1"});
}

} // namespace
} // namespace systolica
