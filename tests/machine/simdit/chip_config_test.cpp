// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "machine/simdit/chip_config.h"

#include <gtest/gtest.h>

namespace systolica {
namespace {

// Every number is another one, so that none can stand for its neighbour.
ChipConfig chip() {
    ChipConfig chip;
    chip.clock_mhz = 500;
    chip.precision.activation_bits = 8;
    chip.precision.weight_bits = 4;
    chip.precision.bias_bits = 16;
    chip.tile.pe_array.rows = 24;
    chip.tile.pe_array.cols = 40;
    chip.tile.vector_unit.lanes = 20;
    const std::uint64_t kib[] = {11, 12, 13, 14}; // by Pad
    const unsigned bits[] = {80, 400, 104, 56};
    for (std::size_t i = 0; i < kPads; ++i) {
        chip.tile.scratchpad[i].capacity_bytes = kib[i] * 1024;
        chip.dram.bits_per_cycle[i] = bits[i];
    }
    chip.dram.model = DramModel::private_ports;
    chip.simdit.div_cycles = 6;
    chip.simdit.fused_tiles_wait = false;
    return chip;
}

TEST(SimditOfChip, TakesWhatTheBlocksSay) {
    const SimditConfig config = simdit_config(chip());
    EXPECT_EQ(config.rows, 24u);
    EXPECT_EQ(config.cols, 40u);
    EXPECT_EQ(config.lanes, 20u);
    EXPECT_EQ(config.activation_bits, 8u);
    EXPECT_EQ(config.weight_bits, 4u);
    EXPECT_EQ(config.accumulator_bits, 32u);
    EXPECT_EQ(config.bias_bits, 16u);
    EXPECT_EQ(config.ifmap_buffer_bytes, 11u * 1024);
    EXPECT_EQ(config.weight_buffer_bytes, 12u * 1024);
    EXPECT_EQ(config.ofmap_buffer_bytes, 13u * 1024);
    EXPECT_EQ(config.vector1_buffer_bytes, 7u * 1024);
    EXPECT_EQ(config.vector2_buffer_bytes, 7u * 1024);
    EXPECT_EQ(config.bias_buffer_bytes, 40u * 128); // SimDIT's designs: 8 KiB for 64 columns
    EXPECT_EQ(config.ifmap_bits_per_cycle, 80u);
    EXPECT_EQ(config.weight_bits_per_cycle, 400u);
    EXPECT_EQ(config.ofmap_bits_per_cycle, 104u);
    EXPECT_EQ(config.vector_bits_per_cycle, 56u);
    EXPECT_EQ(config.div_cycles, 6u);
    EXPECT_FALSE(config.fused_tiles_wait);
}

TEST(SimditOfChip, BuffersThatAreGivenAreTaken) {
    ChipConfig given = chip();
    given.simdit.bias_buffer_bytes = 3072;
    given.simdit.vector1_buffer_bytes = 4096;
    const SimditConfig config = simdit_config(given);
    EXPECT_EQ(config.bias_buffer_bytes, 3072u);
    EXPECT_EQ(config.vector1_buffer_bytes, 4096u);
    EXPECT_EQ(config.vector2_buffer_bytes, 10u * 1024);
}

TEST(SimditOfChip, WeightsNeverGetMoreThanARowOfTheArrayNeeds) {
    const auto bits = private_bits_per_cycle(chip());
    EXPECT_EQ(bits[static_cast<std::size_t>(Pad::filter)], 24u * 4);
    EXPECT_EQ(bits[static_cast<std::size_t>(Pad::ifmap)], 80u);
    EXPECT_DOUBLE_EQ(peak_memory_bytes_per_s(chip()), (80 + 96 + 104 + 56) / 8.0 * 500e6);
}

TEST(SimditOfChip, PeakOfOtherMemoriesIsTheirOwn) {
    ChipConfig ideal = chip();
    ideal.dram.model = DramModel::ideal;
    ideal.dram.ideal_bytes_per_s = 5e9;
    EXPECT_DOUBLE_EQ(peak_memory_bytes_per_s(ideal), 5e9);
    ideal.dram.model = DramModel::controller;
    ideal.dram.channels = 2;
    EXPECT_DOUBLE_EQ(peak_memory_bytes_per_s(ideal), 2 * 3200e6 * 2);
}

} // namespace
} // namespace systolica
