// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// Platforms of dataflow simdit: the bundled design points against SimDIT's tables, what follows from other keys, and
// what is refused.
#include "machine/simdit/chip_config.h"
#include "tests/machine/simdit/reference.h"
#include "tests/platforms/platform_files.h"

namespace systolica {
namespace {

using SimditPlatforms = PlatformFiles;

const char* const kPlain = "tile: {pe_array: {dataflow: simdit}}\nchip: {dram: {model: private}}\n";

std::string lower(std::string text) {
    for (char& c : text) {
        c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    }
    return text;
}

TEST_F(SimditPlatforms, EveryDesignPointOfTheTablesIsBundled) {
    const auto machines = simdit_reference::machines();
    ASSERT_EQ(machines.size(), 10u);
    for (const auto& [id, expected] : machines) {
        const std::string name = "simdit_" + lower(id.first) + "_" + id.second;
        SCOPED_TRACE(name);
        const Platform platform = read_platform(name);
        const SimditConfig config = simdit_config(platform.chip);
        EXPECT_EQ(config.rows, expected.rows);
        EXPECT_EQ(config.cols, expected.cols);
        EXPECT_EQ(config.lanes, expected.lanes);
        EXPECT_EQ(config.weight_bits, expected.weight_bits);
        EXPECT_EQ(config.activation_bits, expected.activation_bits);
        EXPECT_EQ(config.bias_bits, expected.bias_bits);
        EXPECT_EQ(config.accumulator_bits, expected.accumulator_bits);
        EXPECT_EQ(config.weight_buffer_bytes, expected.weight_buffer_bytes);
        EXPECT_EQ(config.ifmap_buffer_bytes, expected.ifmap_buffer_bytes);
        EXPECT_EQ(config.ofmap_buffer_bytes, expected.ofmap_buffer_bytes);
        EXPECT_EQ(config.bias_buffer_bytes, expected.bias_buffer_bytes);
        EXPECT_EQ(config.vector1_buffer_bytes, expected.vector1_buffer_bytes);
        EXPECT_EQ(config.vector2_buffer_bytes, expected.vector2_buffer_bytes);
        EXPECT_EQ(config.immediate_buffer_bytes, expected.immediate_buffer_bytes);
        EXPECT_EQ(config.instruction_buffer_bytes, expected.instruction_buffer_bytes);
        EXPECT_EQ(config.weight_bits_per_cycle, expected.weight_bits_per_cycle);
        EXPECT_EQ(config.ifmap_bits_per_cycle, expected.ifmap_bits_per_cycle);
        EXPECT_EQ(config.ofmap_bits_per_cycle, expected.ofmap_bits_per_cycle);
        EXPECT_EQ(config.vector_bits_per_cycle, expected.vector_bits_per_cycle);
        EXPECT_EQ(config.div_cycles, expected.div_cycles);
        EXPECT_EQ(config.exp_cycles, expected.exp_cycles);
        EXPECT_EQ(config.inv_sqrt_cycles, expected.inv_sqrt_cycles);
        EXPECT_EQ(config.cond_move_cycles, expected.cond_move_cycles);
        EXPECT_FALSE(config.fused_tiles_wait || config.convolution_bias_gradients);
        EXPECT_EQ(platform.training.optimizer, Optimizer::sgd);
        EXPECT_EQ(platform.training.backward_lowering, BackwardLowering::dilated);
        EXPECT_TRUE(platform.training.input_gradient_of_first_layer);
        EXPECT_FALSE(platform.training.loss || platform.mapping.fusion);
        EXPECT_EQ(platform.chip.tile.vector_unit.startup_cycles, 5 + expected.lanes - 1);
    }
}

// A cycle reads rows x cols weights; a stream gets at least half of a group's ports (pad_schedule.h).
TEST_F(SimditPlatforms, ScratchpadPortsAreNeverWaitedFor) {
    for (const auto& [id, machine] : simdit_reference::machines()) {
        const TileConfig tile = read_platform("simdit_" + lower(id.first) + "_" + id.second).chip.tile;
        const std::uint64_t weights = std::uint64_t{machine.rows} * machine.cols * machine.weight_bits / 8;
        EXPECT_GE(tile.pad(Pad::filter).bytes_per_cycle(), 2 * weights);
        EXPECT_GE(tile.pad(Pad::ofmap).bytes_per_cycle(), 2 * 2 * machine.cols * 4);
    }
}

TEST_F(SimditPlatforms, WhatIsNotGivenFollowsFromTheArray) {
    const std::string file = write("p.yaml", std::string(kPlain));
    const Platform platform = read_platform(file, {"tile.pe_array.cols=48"});
    const TileConfig& tile = platform.chip.tile;
    EXPECT_EQ(tile.vector_unit.lanes, 48u);
    EXPECT_EQ(tile.vector_unit.startup_cycles, 5u + 47);
    EXPECT_EQ(tile.pad(Pad::ifmap).bytes_per_cycle(), 1024u * 1024);
    EXPECT_EQ(tile.dma.max_burst_bytes, 4u << 20);
    EXPECT_EQ(platform.mapping.overlap, Overlap::none);
    EXPECT_EQ(simdit_config(platform.chip).bias_buffer_bytes, 48u * 128);
}

TEST_F(SimditPlatforms, WhatIsGivenStaysUnlessALaterLayerMakesItSimdit) {
    const std::string file = write("p.yaml", std::string(kPlain) + "mapping: {overlap: none}\n");
    const std::vector<std::string> sets{"tile.vector_unit.lanes=8", "tile.scratchpad.ifmap.banks=2",
                                        "tile.dma.max_burst_bytes=64"};
    const TileConfig tile = read_platform(file, sets).chip.tile;
    EXPECT_EQ(tile.vector_unit.lanes, 8u);
    EXPECT_EQ(tile.pad(Pad::ifmap).banks, 2u);
    EXPECT_EQ(tile.dma.max_burst_bytes, 64u);
    const Platform turned = read_platform("single_tile", {"tile.pe_array.dataflow=simdit", "chip.dram.model=private"});
    EXPECT_EQ(turned.chip.tile.vector_unit.lanes, 32u); // as many as columns, though edge_npu gives 32 itself
    EXPECT_EQ(turned.chip.tile.pad(Pad::vector).banks, 1024u);
}

struct Refused {
    std::vector<std::string> sets;
    std::string problem; // after "--set KEY=VALUE: "
};

TEST_F(SimditPlatforms, RulesBetweenKeysAreCheckedAtTheLastOneGiven) {
    const std::string file = write("p.yaml", kPlain);
    ASSERT_EQ(problems(file), std::vector<std::string>{});
    const std::vector<Refused> cases{
        {{"chip.dram.model=ideal"},
         "chip.dram.model: expected chip.dram.model: private and tile.pe_array.dataflow: simdit together, got ideal "
         "and "
         "simdit"},
        {{"tile.pe_array.dataflow=ws"},
         "tile.pe_array.dataflow: expected chip.dram.model: private and tile.pe_array.dataflow: simdit together, got "
         "private and ws"},
        {{"chip.tiles=2", "chip.noc.columns=2"}, "chip.tiles: expected 1 with tile.pe_array.dataflow: simdit, got 2"},
        {{"chip.dram.channels=2"}, "chip.dram.channels: expected 1 with tile.pe_array.dataflow: simdit, got 2"},
        {{"mapping.overlap=tile"}, "mapping.overlap: expected none with tile.pe_array.dataflow: simdit, got tile"},
        {{"tile.vector_unit.startup_cycles=5"},
         "tile.vector_unit.startup_cycles: expected this key only with tile.pe_array.dataflow: os or ws or is, got it "
         "with dataflow: simdit"},
        {{"chip.dram.interleave_bytes=512"},
         "chip.dram.interleave_bytes: expected this key only with chip.dram.model: controller or ideal, got it with "
         "model: private"},
        {{"chip.dram.refresh=none"},
         "chip.dram.refresh: expected this key only with chip.dram.model: controller, got it with model: private"},
        {{"simdit.vector1_buffer_kib=256"},
         "simdit.vector1_buffer_kib: expected a first buffer smaller than the 262144 bytes of both, got 262144"},
        // 2 x 512 x 32 weights of a byte
        {{"tile.scratchpad.filter.capacity_kib=8", "tile.pe_array.rows=512"},
         "tile.scratchpad.filter.capacity_kib: expected a weight buffer of at least 32768 bytes, the least tile of "
         "this "
         "array, got 8192"},
        {{"simdit.bias_buffer_kib=1", "tile.pe_array.cols=256", "tile.scratchpad.vector.capacity_kib=1024"},
         "simdit.bias_buffer_kib: expected a bias buffer of at least 2048 bytes, the least tile of this array, got "
         "1024"},
    };
    for (const Refused& one : cases) {
        SCOPED_TRACE(one.sets.front());
        const std::vector<std::string> found = problems(file, one.sets);
        ASSERT_EQ(found.size(), 1u);
        EXPECT_EQ(found.front(), "--set " + one.sets.front() + ": " + one.problem);
    }
}

TEST_F(SimditPlatforms, KeysOfSimditBelongToItAlone) {
    EXPECT_EQ(problems(write("p.yaml", "simdit: {div_cycles: 5}\n")),
              std::vector<std::string>{path("p.yaml") + ":1:22: simdit.div_cycles: expected this key only with "
                                                        "tile.pe_array.dataflow: simdit, got it with dataflow: ws"});
    EXPECT_EQ(problems(write("q.yaml", "chip: {dram: {bits_per_cycle: {weight: 64}}}\n")),
              std::vector<std::string>{path("q.yaml") +
                                       ":1:40: chip.dram.bits_per_cycle.weight: expected this key only with "
                                       "chip.dram.model: private, got it with model: controller"});
    EXPECT_EQ(problems(write("r.yaml", "precision: {activation_bits: 4}\n")),
              std::vector<std::string>{path("r.yaml") + ":1:30: precision.activation_bits: expected 8, 16 or 32 bits "
                                                        "with tile.pe_array.dataflow: ws, got 4"});
    EXPECT_EQ(problems(write("s.yaml", std::string(kPlain) + "precision: {activation_bits: 4, weight_bits: 4}\n")),
              std::vector<std::string>{});
}

} // namespace
} // namespace systolica
