// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// The platforms and parts that come with Systolica.
#include "base/data_files.h"
#include "platforms/dram_part_reader.h"
#include "tests/platforms/platform_files.h"

namespace systolica {
namespace {

using Bundled = PlatformFiles;

TEST_F(Bundled, EveryPlatformReadsWithoutProblemsAndIsNamedLikeItsFile) {
    const std::vector<std::string> names = bundled_names("platforms");
    for (const char* expected : {"edge_npu", "scalesim", "server_npu", "single_tile"}) {
        EXPECT_EQ(std::count(names.begin(), names.end(), expected), 1) << expected;
    }
    for (const std::string& name : names) {
        ASSERT_EQ(problems(name), std::vector<std::string>{});
        const Platform platform = read_platform(name);
        EXPECT_EQ(platform.name, name);
        EXPECT_EQ(platform.chip.noc.tile_routers.size(), platform.chip.tiles);
        EXPECT_EQ(platform.chip.noc.memory_routers.size(), platform.chip.dram.channels);
    }
}

TEST_F(Bundled, EdgeNpuIsThePlatformOfTheReference) {
    const ChipConfig chip = read_platform("edge_npu").chip;
    EXPECT_EQ(chip.clock_mhz, 800);
    EXPECT_EQ(chip.pes(), 4u * 32 * 32);
    EXPECT_EQ(chip.tile.pe_array.dataflow, Dataflow::ws);
    EXPECT_TRUE(chip.tile.pe_array.fold_overlap && chip.tile.pe_array.clip_folds);
    EXPECT_EQ(chip.tile.pad(Pad::ofmap).capacity_bytes, 256u * 1024);
    EXPECT_EQ(chip.tile.pad(Pad::vector).capacity_bytes, 128u * 1024);
    EXPECT_EQ(chip.tile.pad(Pad::vector).bytes_per_cycle(), 4u * 32);
    EXPECT_EQ(chip.tile.dma.outstanding, 16u);
    EXPECT_EQ(chip.dram.interleave_bytes, 256u);
    EXPECT_DOUBLE_EQ(chip.dram.peak_bytes_per_s(), 2 * 3200e6 * 2); // two channels of 16 bits
}

// What the array needs of a group in a cycle when it streams at full rate (docs/platforms.md).
struct Demand {
    std::uint64_t ifmap, filter, ofmap;
};

Demand array_demand(const ChipConfig& chip, Dataflow dataflow) {
    const std::uint64_t rows = chip.tile.pe_array.rows;
    const std::uint64_t cols = chip.tile.pe_array.cols;
    const Precision& bits = chip.precision;
    const std::uint64_t sums = 2 * cols * bits.accumulator_bytes(); // read and written
    switch (dataflow) {
    case Dataflow::os:
        return {rows * bits.activation_bytes(), cols * bits.weight_bytes(), cols * bits.accumulator_bytes()};
    case Dataflow::ws:
        return {rows * bits.activation_bytes(), cols * bits.weight_bytes(), sums};
    case Dataflow::is:
        return {cols * bits.activation_bytes(), rows * bits.weight_bytes(), sums};
    case Dataflow::simdit:
        return {rows * bits.activation_bytes(), rows * cols * bits.weight_bytes(), sums};
    }
    return {};
}

void expect_ports_serve(const ChipConfig& chip) {
    const std::uint64_t link = chip.noc.flit_bytes; // the DMA moves at most a flit a cycle
    const std::uint64_t lanes = chip.tile.vector_unit.lanes;
    for (const Dataflow dataflow : {Dataflow::os, Dataflow::ws, Dataflow::is}) {
        const Demand demand = array_demand(chip, dataflow);
        const std::uint64_t results = lanes * chip.precision.activation_bytes();
        EXPECT_GE(chip.tile.pad(Pad::ifmap).bytes_per_cycle(), demand.ifmap + results + link);
        EXPECT_GE(chip.tile.pad(Pad::filter).bytes_per_cycle(), demand.filter + link);
        EXPECT_GE(chip.tile.pad(Pad::ofmap).bytes_per_cycle(),
                  demand.ofmap + lanes * chip.precision.accumulator_bytes());
        EXPECT_GE(chip.tile.pad(Pad::vector).bytes_per_cycle(), 2 * results + 2 * link);
    }
}

TEST_F(Bundled, ServerNpuIsNotBoundByScratchpadPortsInAnyDataflow) {
    const ChipConfig chip = read_platform("server_npu").chip;
    expect_ports_serve(chip);
    EXPECT_EQ(chip.pes(), 16u * 128 * 128);
    EXPECT_DOUBLE_EQ(chip.dram.peak_bytes_per_s(), 32 * 4266e6 * 2);
    for (unsigned router = 0; router < 16; ++router) {
        EXPECT_EQ(std::count(chip.noc.memory_routers.begin(), chip.noc.memory_routers.end(), router), 2);
    }
}

TEST_F(Bundled, ScalesimNeverStallsOnAnyLegalArray) {
    for (const char* size : {"8", "128", "1024", "4096"}) {
        const std::string rows = std::string("tile.pe_array.rows=") + size;
        const std::string cols = std::string("tile.pe_array.cols=") + size;
        const ChipConfig chip = read_platform("scalesim", {rows, cols}).chip;
        EXPECT_EQ(chip.dram.model, DramModel::ideal);
        EXPECT_EQ(chip.dram.ideal_bytes_per_s, 0);
        EXPECT_FALSE(chip.tile.pe_array.fold_overlap || chip.tile.pe_array.clip_folds);
        expect_ports_serve(chip);
        for (const ScratchpadConfig& pad : chip.tile.scratchpad) {
            EXPECT_EQ(pad.capacity_bytes, 1024ull * 1024 * 1024);
        }
    }
}

TEST_F(Bundled, ScalesimTakesEachScratchpadSizeOfTheGoldenRows) {
    for (const char* kib : {"1", "32", "64", "256", "512", "1024"}) {
        std::vector<std::string> sets{"precision.accumulator_bits=8"};
        for (const char* pad : {"ifmap", "filter", "ofmap"}) {
            sets.push_back(std::string("tile.scratchpad.") + pad + ".capacity_kib=" + kib);
        }
        EXPECT_EQ(problems("scalesim", sets), std::vector<std::string>{});
    }
}

TEST_F(Bundled, SystemsAreThoseOfTheReference) {
    const SystemConfig quad = read_platform("quad_edge").system;
    EXPECT_EQ(quad.chips, 4u);
    EXPECT_EQ(quad.topology, ChipTopology::ring);
    for (const auto& [name, side] : {std::pair{"pod_16", 4u}, {"pod_64", 8u}}) {
        const SystemConfig pod = read_platform(name).system;
        EXPECT_EQ(pod.chips, side * side);
        EXPECT_EQ(pod.topology, ChipTopology::torus);
        EXPECT_EQ(chip_grid(pod).columns, side);
        EXPECT_EQ(pod.link.lanes, 1u);
    }
    EXPECT_EQ(read_platform("quad_edge").chip.pes(), read_platform("edge_npu").chip.pes());
    EXPECT_EQ(read_platform("pod_64").chip.pes(), read_platform("server_npu").chip.pes());
}

class PartFiles : public PlatformFiles {
protected:
    // The problems of lpddr4-3200 with one text replaced.
    std::vector<std::string> with(const std::string& text, const std::string& replacement) {
        std::string part = read_all();
        part.replace(part.find(text), text.size(), replacement);
        write("part.yaml", part);
        return problems(write("p.yaml", "chip: {dram: {part: part.yaml, interleave_bytes: 32}}\n"));
    }
    std::string at(const std::string& place_and_message) const { return path("part.yaml") + place_and_message; }

private:
    static std::string read_all() {
        std::ifstream in(resolve_file("lpddr4-3200", "platforms/parts", "part"));
        return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
    }
};

TEST_F(PartFiles, InterleaveBelowABurstIsRefused) {
    // BL 32 x 16 bits: bursts of 64 bytes, 16 clocks.
    const std::vector<std::string> found = with("burst_length: 16      # beats", "burst_length: 16\nccd: 8");
    ASSERT_EQ(found.size(), 1u); // ccd twice
    EXPECT_EQ(with("width_bits: 16", "width_bits: 32"),
              std::vector<std::string>{path("p.yaml") +
                                       ":1:50: chip.dram.interleave_bytes: expected interleave_bytes of at "
                                       "least one burst of the part, 64 bytes, got 32"});
}

} // namespace
} // namespace systolica
