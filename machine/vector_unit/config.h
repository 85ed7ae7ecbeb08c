// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// What describes a vector unit, and the kernels it runs: everything that is not a matrix product.
#pragma once

#include <array>
#include <cstdint>

namespace systolica {

enum class VectorKernel : std::uint8_t {
    none,
    relu,
    relu6,
    add,
    batch_norm,      // stand-alone inference batch-norm: multiply and add with folded constants
    max_pool,        // per output, window taps
    avg_pool,        // per output, window taps, and one division
    global_avg_pool, // per input element one accumulation, and one division per output
    softmax,         // per element: exponential, sum, division
    copy,            // concat, flatten that moves data
    count
};

constexpr std::size_t kVectorKernels = static_cast<std::size_t>(VectorKernel::count);

// Cycles for one vector of `lanes` elements.
struct VectorCost {
    double per_tap = 0;     // for each window tap (1 for kernels without a window)
    double per_element = 0; // once for each output element
};

struct VectorUnitConfig {
    unsigned lanes = 32;
    unsigned startup_cycles = 5; // pipeline fill, once a command
    std::array<VectorCost, kVectorKernels> costs{};
};

// The built-in cost table: one operation a lane and cycle; division 9, exponential 3 (fixed-point latencies of the
// SimDIT hardware template).
std::array<VectorCost, kVectorKernels> default_vector_costs();

const char* vector_kernel_name(VectorKernel kernel); // as in tile.vector_unit.costs

} // namespace systolica
