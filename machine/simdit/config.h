// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// The accelerator that SimDIT models (arXiv:2306.16767): a systolic array with four double-buffered scratchpads and a
// SIMD array with two single-buffered ones, each group of buffers with a DRAM interface of its own that has a fixed
// width, no latency and no banks. Array and SIMD array never work at the same time. What its rules are, and where a
// run differs from SimDIT's closed form: docs/simdit.md.
#pragma once

#include <cstdint>
#include <vector>

namespace systolica {

struct SimditConfig {
    unsigned rows = 64;  // input channels
    unsigned cols = 64;  // output channels
    unsigned lanes = 64; // of the SIMD array; SimDIT's template has as many as columns

    unsigned weight_bits = 8;
    unsigned activation_bits = 8;
    unsigned bias_bits = 32;
    unsigned accumulator_bits = 32; // partial sums, results of the array, everything the SIMD array reads

    // Whole capacities: of the first four a tile gets half.
    std::uint64_t weight_buffer_bytes = 0;
    std::uint64_t ifmap_buffer_bytes = 0;
    std::uint64_t ofmap_buffer_bytes = 0;
    std::uint64_t bias_buffer_bytes = 0;
    std::uint64_t vector1_buffer_bytes = 0; // of the SIMD array
    std::uint64_t vector2_buffer_bytes = 0;
    std::uint64_t immediate_buffer_bytes = 128;    // no rule of timing reads this one
    std::uint64_t instruction_buffer_bytes = 1024; // nor this one

    // DRAM interfaces. Bias shares that of the weights, which is never wider than a row of the array; partial sums and
    // results share one in both directions, and so do the SIMD array's loads and stores.
    unsigned weight_bits_per_cycle = 256;
    unsigned ifmap_bits_per_cycle = 256;
    unsigned ofmap_bits_per_cycle = 256;
    unsigned vector_bits_per_cycle = 256;

    // SIMD array: an operation takes a cycle for each vector of `lanes` elements, but for these.
    unsigned div_cycles = 9;
    unsigned exp_cycles = 3;
    unsigned inv_sqrt_cycles = 13;
    unsigned cond_move_cycles = 1;
    unsigned read_after_write_cycles = 2; // idle before an operation that reads what the one before it wrote
    unsigned pipeline_stages = 6;
    unsigned instruction_bits = 32;

    // Fusion, where the SIMD array takes a tile's result from the output buffer: whether the array still waits for the
    // loads of its next tile. SimDIT takes all waiting away there, more than its interfaces can deliver
    // (docs/simdit.md); false counts like that.
    bool fused_tiles_wait = true;

    // Training: false leaves convolutions' biases out, as SimDIT's programs do; they are loaded, but do not learn.
    bool convolution_bias_gradients = true;
};

// Width that weights and bias really get.
unsigned weight_interface_bits(const SimditConfig& config);

// Cycles until the first vector is through the SIMD array's pipeline, once a tile.
constexpr unsigned simdit_fill_cycles(unsigned pipeline_stages, unsigned lanes) {
    return pipeline_stages - 1 + lanes - 1;
}

// A scratchpad too small for the least tile: a pass over the array, a vector of the SIMD array.
struct SimditShortage {
    const char* buffer; // weight, ifmap, ofmap, bias, vector1, vector2
    std::uint64_t least_bytes;
    std::uint64_t has_bytes;
};

// Empty: every operation has a tiling. Widths, bits and counts must not be zero.
std::vector<SimditShortage> simdit_shortages(const SimditConfig& config);

} // namespace systolica
