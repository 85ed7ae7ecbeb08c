// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "machine/simdit/chip_config.h"

#include <numeric>

namespace systolica {

namespace {

constexpr std::uint64_t kBiasBytesOfColumn = 128;

} // namespace

SimditConfig simdit_config(const ChipConfig& chip) {
    const TileConfig& tile = chip.tile;
    SimditConfig config = chip.simdit;
    config.rows = tile.pe_array.rows;
    config.cols = tile.pe_array.cols;
    config.lanes = tile.vector_unit.lanes;
    config.weight_bits = chip.precision.weight_bits;
    config.activation_bits = chip.precision.activation_bits;
    config.bias_bits = chip.precision.bias_bits;
    config.accumulator_bits = chip.precision.accumulator_bits;
    config.weight_buffer_bytes = tile.pad(Pad::filter).capacity_bytes;
    config.ifmap_buffer_bytes = tile.pad(Pad::ifmap).capacity_bytes;
    config.ofmap_buffer_bytes = tile.pad(Pad::ofmap).capacity_bytes;
    if (config.bias_buffer_bytes == 0) {
        config.bias_buffer_bytes = config.cols * kBiasBytesOfColumn;
    }
    const std::uint64_t vector_bytes = tile.pad(Pad::vector).capacity_bytes;
    if (config.vector1_buffer_bytes == 0) {
        config.vector1_buffer_bytes = vector_bytes / 2;
    }
    config.vector2_buffer_bytes = vector_bytes - config.vector1_buffer_bytes;
    const auto bits_of = [&chip](Pad pad) { return chip.dram.bits_per_cycle[static_cast<std::size_t>(pad)]; };
    config.weight_bits_per_cycle = bits_of(Pad::filter);
    config.ifmap_bits_per_cycle = bits_of(Pad::ifmap);
    config.ofmap_bits_per_cycle = bits_of(Pad::ofmap);
    config.vector_bits_per_cycle = bits_of(Pad::vector);
    return config;
}

std::array<unsigned, kPads> private_bits_per_cycle(const ChipConfig& chip) {
    std::array<unsigned, kPads> bits = chip.dram.bits_per_cycle;
    bits[static_cast<std::size_t>(Pad::filter)] = weight_interface_bits(simdit_config(chip));
    return bits;
}

double peak_memory_bytes_per_s(const ChipConfig& chip) {
    if (chip.dram.model != DramModel::private_ports) {
        return chip.dram.peak_bytes_per_s();
    }
    const std::array<unsigned, kPads> bits = private_bits_per_cycle(chip);
    return std::accumulate(bits.begin(), bits.end(), 0.0) / 8 * chip.clock_mhz * 1e6;
}

} // namespace systolica
