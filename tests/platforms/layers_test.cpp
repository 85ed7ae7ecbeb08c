// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// How a file, its bases, its part and `--set` come together.
#include "platforms/key_table.h"
#include "tests/platforms/platform_files.h"

namespace systolica {
namespace {

using Lines = std::vector<std::string>;
using Layers = PlatformFiles;

TEST_F(Layers, FileOverridesOnlyWhatItNamesOfItsBase) {
    write("below.yaml", "name: below\nclock_mhz: 500\ntile: {pe_array: {rows: 8, cols: 16}}\n");
    const std::string file = write("above.yaml", "base: below.yaml\ntile: {pe_array: {rows: 4}}\n");
    const Platform platform = read_platform(file);
    EXPECT_EQ(platform.name, "above"); // of the file: a base does not pass its name on
    EXPECT_EQ(platform.chip.clock_mhz, 500);
    EXPECT_EQ(platform.chip.tile.pe_array.rows, 4u);
    EXPECT_EQ(platform.chip.tile.pe_array.cols, 16u);
    EXPECT_EQ(platform.origin_of("tile.pe_array.rows"), file + ":2:25");
    EXPECT_EQ(platform.origin_of("clock_mhz"), path("below.yaml") + ":2:12");
}

TEST_F(Layers, BaseIsFoundBesideItsFileAndMayBeBundled) {
    write("lower/most.yaml", "base: edge_npu\nclock_mhz: 100\n");
    write("lower/mid.yaml", "base: most.yaml\n");
    const Platform platform = read_platform(write("top.yaml", "base: lower/mid.yaml\n"));
    EXPECT_EQ(platform.chip.clock_mhz, 100);
    EXPECT_EQ(platform.chip.tiles, 4u); // of edge_npu
}

TEST_F(Layers, CycleOfBasesIsRefusedNamingTheChain) {
    const std::string a = write("a.yaml", "base: b.yaml\n");
    const std::string b = write("b.yaml", "name: b\nbase: ./a.yaml\n");
    EXPECT_EQ(problems(a),
              Lines{b + ":2:7: base: expected a chain of bases that ends, got " + a + " -> " + b + " -> " + a});
}

TEST_F(Layers, ProblemsOfBaseFileAndSetsAreAllReported) {
    const std::string base = write("base.yaml", "clock_mhz: fast\n");
    const std::string file = write("file.yaml", "base: base.yaml\ntile: {dma: {outstanding: 0}}\n");
    EXPECT_EQ(problems(file, {"chip.tiles=no", "mapping.split=chanels"}),
              (Lines{base + ":1:12: clock_mhz: expected a number from 1 to 10000, got 'fast'",
                     file + ":2:27: tile.dma.outstanding: expected a whole number from 1 to 1024, got '0'",
                     "--set chip.tiles=no: chip.tiles: expected a whole number from 1 to 1024, got 'no'",
                     "--set mapping.split=chanels: mapping.split: expected one of auto, channels, rows, batch, "
                     "pipeline, got 'chanels' (did you mean 'channels'?)"}));
}

TEST_F(Layers, LaterSetWinsAndMapsMerge) {
    const std::string file = write("p.yaml", "tile: {dma: {max_burst_bytes: 64, outstanding: 2}}\n");
    const Platform platform = read_platform(file, {"tile.dma.outstanding=3", "tile.dma={outstanding: 5}", "name=x"});
    EXPECT_EQ(platform.chip.tile.dma.outstanding, 5u);
    EXPECT_EQ(platform.chip.tile.dma.max_burst_bytes, 64u);
    EXPECT_EQ(platform.name, "x");
    EXPECT_EQ(platform.origin_of("tile.dma.outstanding"), "--set tile.dma={outstanding: 5}");
}

TEST_F(Layers, RulesBetweenValuesAreCheckedAfterAllSets) {
    // Each of these alone would not fit the other default.
    const Platform platform = read_platform("single_tile", {"chip.tiles=8", "chip.noc.columns=4", "chip.noc.rows=2"});
    EXPECT_EQ(platform.chip.noc.tile_routers, (std::vector<unsigned>{0, 1, 2, 3, 4, 5, 6, 7}));
    EXPECT_EQ(problems("single_tile", {"chip.tiles=8"}),
              Lines{"--set chip.tiles=8: chip.tiles: expected a router for each tile (or chip.noc.attach.tiles), got 8 "
                    "tiles on a mesh of 1 x 1"});
}

TEST_F(Layers, DramChannelsSpreadEvenlyByDefault) {
    // floor(channel * routers / channels)
    EXPECT_EQ(read_platform("edge_npu").chip.noc.memory_routers, (std::vector<unsigned>{0, 2}));
    EXPECT_EQ(read_platform("edge_npu", {"chip.dram.channels=3"}).chip.noc.memory_routers,
              (std::vector<unsigned>{0, 1, 2}));
    EXPECT_EQ(read_platform("edge_npu", {"chip.dram.channels=8"}).chip.noc.memory_routers,
              (std::vector<unsigned>{0, 0, 1, 1, 2, 2, 3, 3}));
    EXPECT_EQ(read_platform("edge_npu", {"chip.noc.columns=5"}).chip.noc.memory_routers, (std::vector<unsigned>{0, 5}));
}

TEST_F(Layers, AttachmentMayPutSeveralTilesAtARouter) {
    const std::string file = write("p.yaml", "chip:\n  tiles: 2\n  noc: {attach: {tiles: [0, 0]}}\n");
    EXPECT_EQ(read_platform(file).chip.noc.tile_routers, (std::vector<unsigned>{0, 0}));
    EXPECT_EQ(problems(file, {"chip.tiles=3"}),
              Lines{"--set chip.tiles=3: chip.tiles: expected a router for each of chip.tiles = 3, got a list of 2"});
}

TEST_F(Layers, BareNumberOfAKernelIsItsCostPerElement) {
    const std::string file = write("p.yaml", "tile: {vector_unit: {costs: {relu: 3, max_pool: {per_tap: 2}}}}\n");
    const auto& costs = read_platform(file, {"tile.vector_unit.costs.max_pool=0.5"}).chip.tile.vector_unit.costs;
    const auto standard = default_vector_costs();
    const auto relu = static_cast<std::size_t>(VectorKernel::relu);
    const auto max_pool = static_cast<std::size_t>(VectorKernel::max_pool);
    EXPECT_EQ(costs[relu].per_element, 3);
    EXPECT_EQ(costs[relu].per_tap, standard[relu].per_tap);
    EXPECT_EQ(costs[max_pool].per_tap, 2);
    EXPECT_EQ(costs[max_pool].per_element, 0.5);
}

TEST_F(Layers, ACostTableBringsAllCostsButThoseGivenWithItOrAfterIt) {
    const std::string base = write("base.yaml", "tile: {vector_unit: {costs: {gelu: 2, relu: 4}}}\n");
    const std::string file = write("p.yaml", "base: base.yaml\ntile: {vector_unit: {costs: {relu: 3, max_pool: "
                                             "{per_element: 8}}, cost_table: simdit}}\n");
    const auto costs = read_platform(file, {"tile.vector_unit.costs.add=6"}).chip.tile.vector_unit.costs;
    const auto of = [&](VectorKernel kernel) { return costs[static_cast<std::size_t>(kernel)]; };
    EXPECT_EQ(of(VectorKernel::relu).per_element, 3);
    EXPECT_EQ(of(VectorKernel::max_pool).per_element, 8);
    EXPECT_EQ(of(VectorKernel::max_pool).per_tap, 1);
    EXPECT_EQ(of(VectorKernel::add).per_element, 6);
    EXPECT_EQ(of(VectorKernel::batch_norm).per_element, 10); // SimDIT: 1 + 3 + 3 + 3
    EXPECT_EQ(of(VectorKernel::gelu).per_element, 11 + 3 + 9 + 2 * 12);
    const auto replaced = read_platform(file, {"tile.vector_unit.cost_table=standard"}).chip.tile.vector_unit.costs;
    EXPECT_EQ(replaced[static_cast<std::size_t>(VectorKernel::relu)].per_element, 1);
}

TEST_F(Layers, ModelChangedByALaterLayerDropsKeysOfTheIdealOne) {
    const std::string ideal = write("p.yaml", "chip: {dram: {model: ideal, bandwidth_gb_per_s: 10}}\n");
    EXPECT_EQ(problems(ideal, {"chip.dram.model=controller"}), Lines{});
    EXPECT_EQ(problems(ideal, {"chip.dram.model=controller", "chip.dram.latency_ns=5"}),
              Lines{"--set chip.dram.latency_ns=5: chip.dram.latency_ns: expected this key only with chip.dram.model: "
                    "ideal, got it with model: controller"});
}

TEST_F(Layers, PartMayBeAFileBesideThePlatform) {
    std::ifstream bundled(std::string(SYSTOLICA_SOURCE_DIR) + "/platforms/parts/lpddr4-3200.yaml");
    std::string text((std::istreambuf_iterator<char>(bundled)), std::istreambuf_iterator<char>());
    text.replace(text.find("rl: 28"), 6, "rl: 99");
    write("parts/slow.yaml", text);
    const std::string file = write("p.yaml", "chip: {dram: {part: parts/slow.yaml}}\n");
    EXPECT_EQ(read_platform(file).chip.dram.part.rl, 99u);
    EXPECT_EQ(problems(write("q.yaml", "chip: {dram: {part: lpdr4-3200}}\n")),
              Lines{path("q.yaml") + ":1:21: chip.dram.part: expected a part file or the name of a bundled one, got "
                                     "'lpdr4-3200' (did you mean 'lpddr4-3200'?)"});
}

TEST_F(Layers, MalformedSetsAreRefused) {
    const std::string file = write("p.yaml", "name: p\n");
    const auto first = [&](const std::string& set) { return problems(file, {set}).at(0); };
    EXPECT_EQ(first("tile.dma"), "--set tile.dma: expected KEY=VALUE, got 'tile.dma'");
    EXPECT_EQ(first("=3"), "--set =3: expected KEY=VALUE, got '=3'");
    EXPECT_EQ(first("name="), "--set name=: name: expected text, got nothing");
    EXPECT_EQ(first("chip.noc.attach.dram=[1, 2"),
              "--set chip.noc.attach.dram=[1, 2: chip.noc.attach.dram: expected a YAML value, got '[1, 2'");
    EXPECT_EQ(first("tile..dma=1"), "--set tile..dma=1: tile.: expected a known key, got ''");
    EXPECT_EQ(first("tile.dma=1"),
              "--set tile.dma=1: tile.dma: expected a map (max_burst_bytes, outstanding), got '1'");
    EXPECT_EQ(first("lanes=64"), "--set lanes=64: lanes: expected a known key, got 'lanes' (did you mean "
                                 "'tile.vector_unit.lanes' or 'system.link.lanes'?)");
    EXPECT_EQ(first("base=x"), "--set base=x: base: expected a key other than base, got 'base' (give the base as the "
                               "platform itself)");
    EXPECT_EQ(first(std::string(100000, '.') + "=1").substr(0, 8), "--set ..");
}

TEST_F(Layers, UnknownPlatformSuggestsTheNearestName) {
    EXPECT_EQ(problems("edge_mpu"),
              Lines{"edge_mpu: expected a platform file or a bundled platform name, got 'edge_mpu' "
                    "(did you mean 'edge_npu'?)"});
}

} // namespace
} // namespace systolica
