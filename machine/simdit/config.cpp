// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "machine/simdit/config.h"

#include "base/integer.h"

#include <algorithm>

namespace systolica {

unsigned weight_interface_bits(const SimditConfig& config) {
    return std::min(config.rows * config.weight_bits, config.weight_bits_per_cycle);
}

std::vector<SimditShortage> simdit_shortages(const SimditConfig& config) {
    const std::uint64_t rows = config.rows;
    const std::uint64_t cols = config.cols;
    const std::uint64_t vector_bits = std::uint64_t{config.lanes} * config.accumulator_bits;
    struct Need {
        const char* buffer;
        std::uint64_t has_bytes;
        std::uint64_t least_bits;
    };
    const Need needs[] = {
        {"weight", config.weight_buffer_bytes, 2 * rows * cols * config.weight_bits},
        {"ifmap", config.ifmap_buffer_bytes, 2 * rows * config.activation_bits},
        {"ofmap", config.ofmap_buffer_bytes, 2 * cols * config.accumulator_bits},
        {"bias", config.bias_buffer_bytes, 2 * cols * config.bias_bits},
        {"vector1", config.vector1_buffer_bytes, 2 * vector_bits}, // batch-norm statistics: data and a temporary vector
        {"vector2", config.vector2_buffer_bytes, 4 * vector_bits}, // batch-norm: data or four parameters of a channel
    };
    std::vector<SimditShortage> shortages;
    for (const Need& need : needs) {
        const std::uint64_t least_bytes = ceil_div(need.least_bits, 8);
        if (need.has_bytes < least_bytes) {
            shortages.push_back({need.buffer, least_bytes, need.has_bytes});
        }
    }
    return shortages;
}

} // namespace systolica
