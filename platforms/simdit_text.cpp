// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "platforms/simdit_text.h"

#include <sstream>

#include "machine/simdit/chip_config.h"

namespace systolica {

std::string private_memory_text(const ChipConfig& chip) {
    const std::array<unsigned, kPads> bits = private_bits_per_cycle(chip);
    std::ostringstream text;
    text.precision(2);
    text << std::fixed << "private interfaces, " << peak_memory_bytes_per_s(chip) / 1e9 << " GB/s in all:";
    for (std::size_t i = 0; i < kPads; ++i) {
        text << (i == 0 ? " " : ", ") << pad_name(static_cast<Pad>(i)) << " " << bits[i];
    }
    text << " bits a cycle";
    return text.str();
}

std::string simdit_text(const ChipConfig& chip) {
    const SimditConfig config = simdit_config(chip);
    std::ostringstream text;
    text << "biases of " << config.bias_bits << " bits, " << config.bias_buffer_bytes / 1024 << " KiB; vector buffers "
         << config.vector1_buffer_bytes / 1024 << " and " << config.vector2_buffer_bytes / 1024 << " KiB; cycles: div "
         << config.div_cycles << ", exp " << config.exp_cycles << ", inv_sqrt " << config.inv_sqrt_cycles
         << ", cond_move " << config.cond_move_cycles << ", read after write " << config.read_after_write_cycles << "; "
         << config.pipeline_stages << " stages; fused tiles " << (config.fused_tiles_wait ? "wait" : "do not wait")
         << "; biases of convolutions " << (config.convolution_bias_gradients ? "learn" : "do not learn");
    return text.str();
}

} // namespace systolica
