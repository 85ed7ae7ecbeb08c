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
    copy,            // what only moves data: concat, transpose, slice, pad, embedding, resize_nearest
    leaky_relu,
    sigmoid,
    tanh,
    silu,
    gelu,
    hard_sigmoid,
    hard_swish,
    sub,
    mul,
    div,
    pow,
    reduce_mean,     // per tap one accumulation, and one division per output
    reduce_sum,      // per tap one accumulation
    resize_bilinear, // per tap (four corners) one multiplication and one addition
    layer_norm,      // with constants; what is done once a row is left out
    lrn,             // per tap (channels of the window) one accumulation
    norm_statistics, // batch-norm in training: square, two sums; what is done once a channel is left out
    norm_apply,      // subtract, multiply, scale, shift
    norm_gradient_sums,
    norm_gradient,
    relu_gradient,
    relu6_gradient,
    leaky_relu_gradient,
    sigmoid_gradient,
    tanh_gradient,
    silu_gradient,
    gelu_gradient,
    hard_sigmoid_gradient,
    hard_swish_gradient,
    max_pool_gradient, // per element of the input and window that covers it: compare the index, accumulate
    avg_pool_gradient, // per element of the input and window that covers it one accumulation; also of means and sums
    resize_gradient,   // per output that an input element went into
    softmax_gradient,
    cross_entropy, // softmax with its loss
    cross_entropy_gradient,
    dropout,
    layer_norm_gradient,
    lrn_gradient,
    sgd,
    momentum,
    momentum_wd, // with weight decay
    adam,
    program, // a sequence of primitive operations: `taps` cycles a vector, as the command says (mapping/simdit)
    log,     // of the gradient of an exponent
    count
};

constexpr std::size_t kVectorKernels = static_cast<std::size_t>(VectorKernel::count);

// Cycles for one vector of `lanes` elements.
struct VectorCost {
    double per_tap = 0;     // for each window tap (1 for kernels without a window)
    double per_element = 0; // once for each output element
};

// Where costs come from that a platform does not give one by one.
enum class VectorCostTable : std::uint8_t { standard, simdit };

struct VectorUnitConfig {
    unsigned lanes = 32;
    unsigned startup_cycles = 5; // pipeline fill, once a command
    VectorCostTable cost_table = VectorCostTable::standard;
    std::array<VectorCost, kVectorKernels> costs{};
};

// Built-in costs: the operations of workloads/operator_table.cpp, one a lane and cycle; division 9, exponential and
// logarithm 3 (fixed-point latencies of the SimDIT hardware template). `simdit`: besides, an operation that needs the
// result of the one before it waits 2 cycles, as there; kernels that SimDIT has not follow the same rule.
std::array<VectorCost, kVectorKernels> vector_costs(VectorCostTable table);
std::array<VectorCost, kVectorKernels> default_vector_costs();

const char* vector_kernel_name(VectorKernel kernel); // as in tile.vector_unit.costs

} // namespace systolica
