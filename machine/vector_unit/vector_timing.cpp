// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "machine/vector_unit/vector_timing.h"

#include <cmath>

namespace systolica {

std::array<VectorCost, kVectorKernels> vector_costs(VectorCostTable table) {
    using K = VectorKernel;
    constexpr double kDivide = 9;
    constexpr double kExponential = 3; // and logarithm
    const double wait = table == VectorCostTable::simdit ? 2 : 0;
    std::array<VectorCost, kVectorKernels> costs{};
    // `chain` operations on an element need each the result of the one before.
    const auto set = [&](VectorKernel kernel, double per_tap, double per_element, double chain = 1) {
        costs[static_cast<std::size_t>(kernel)] = {per_tap, per_element + wait * (chain - 1)};
    };
    set(K::relu, 0, 1);
    set(K::relu6, 0, 2, 2);
    set(K::add, 0, 1);
    // SimDIT subtracts, multiplies twice and adds, here the constants are folded.
    set(K::batch_norm, 0, table == VectorCostTable::simdit ? 4 : 2, table == VectorCostTable::simdit ? 4 : 2);
    set(K::max_pool, 1, 0);
    set(K::avg_pool, 1, kDivide);
    set(K::global_avg_pool, 1, kDivide);
    set(K::softmax, 0, kExponential + 1 + kDivide); // three passes
    set(K::copy, 0, 1);
    set(K::leaky_relu, 0, 2, 2);
    set(K::sigmoid, 0, 2 + kExponential + kDivide, 4);
    set(K::tanh, 0, 3 + kExponential + kDivide, 5);
    set(K::silu, 0, 3 + kExponential + kDivide, 5);
    set(K::gelu, 0, 11 + kExponential + kDivide, 13); // tanh form
    set(K::hard_sigmoid, 0, 4, 4);
    set(K::hard_swish, 0, 5, 5);
    set(K::sub, 0, 1);
    set(K::mul, 0, 1);
    set(K::div, 0, kDivide);
    set(K::pow, 0, 1 + 2 * kExponential, 3); // exp(y log x)
    set(K::reduce_mean, 1, kDivide);
    set(K::reduce_sum, 1, 0);
    set(K::resize_bilinear, 2, 0);
    set(K::layer_norm, 0, 7, 7);
    set(K::lrn, 1, 3 + kDivide, 4);
    constexpr double kRoot = 11;
    set(K::norm_statistics, 0, 3, 3);
    set(K::norm_apply, 0, 4, 4);
    set(K::norm_gradient_sums, 0, 5, 5);
    set(K::norm_gradient, 0, 5, 5);
    set(K::relu_gradient, 0, 1);
    set(K::relu6_gradient, 0, 2, 2);
    set(K::leaky_relu_gradient, 0, 2, 2);
    set(K::sigmoid_gradient, 0, 3, 3);
    set(K::tanh_gradient, 0, 3, 3);
    set(K::silu_gradient, 0, 7 + kExponential + kDivide, 9);
    set(K::gelu_gradient, 0, 19 + kExponential + kDivide, 21);
    set(K::hard_sigmoid_gradient, 0, 3, 3);
    set(K::hard_swish_gradient, 0, 5, 5);
    set(K::max_pool_gradient, 1, 0);
    set(K::avg_pool_gradient, 1, 0);
    set(K::resize_gradient, 1, 0);
    set(K::softmax_gradient, 0, 4, 4);
    set(K::cross_entropy, 0, 3 + kExponential + kDivide, 5);
    set(K::cross_entropy_gradient, 0, 2, 2);
    set(K::dropout, 0, 2, 2);
    set(K::layer_norm_gradient, 0, 13, 13);
    set(K::lrn_gradient, 1, 4 + kDivide, 5);
    set(K::sgd, 0, 2, 2);
    set(K::momentum, 0, 4, 4);
    set(K::momentum_wd, 0, 6, 6);
    set(K::adam, 0, 10 + kRoot + kDivide, 12);
    set(K::program, 1, 0);
    set(K::log, 0, kExponential);
    return costs;
}

std::array<VectorCost, kVectorKernels> default_vector_costs() {
    return vector_costs(VectorCostTable::standard);
}

const char* vector_kernel_name(VectorKernel kernel) {
    static constexpr std::array<const char*, kVectorKernels> kNames{"none",
                                                                    "relu",
                                                                    "relu6",
                                                                    "add",
                                                                    "batch_norm",
                                                                    "max_pool",
                                                                    "avg_pool",
                                                                    "global_avg_pool",
                                                                    "softmax",
                                                                    "copy",
                                                                    "leaky_relu",
                                                                    "sigmoid",
                                                                    "tanh",
                                                                    "silu",
                                                                    "gelu",
                                                                    "hard_sigmoid",
                                                                    "hard_swish",
                                                                    "sub",
                                                                    "mul",
                                                                    "div",
                                                                    "pow",
                                                                    "reduce_mean",
                                                                    "reduce_sum",
                                                                    "resize_bilinear",
                                                                    "layer_norm",
                                                                    "lrn",
                                                                    "norm_statistics",
                                                                    "norm_apply",
                                                                    "norm_gradient_sums",
                                                                    "norm_gradient",
                                                                    "relu_gradient",
                                                                    "relu6_gradient",
                                                                    "leaky_relu_gradient",
                                                                    "sigmoid_gradient",
                                                                    "tanh_gradient",
                                                                    "silu_gradient",
                                                                    "gelu_gradient",
                                                                    "hard_sigmoid_gradient",
                                                                    "hard_swish_gradient",
                                                                    "max_pool_gradient",
                                                                    "avg_pool_gradient",
                                                                    "resize_gradient",
                                                                    "softmax_gradient",
                                                                    "cross_entropy",
                                                                    "cross_entropy_gradient",
                                                                    "dropout",
                                                                    "layer_norm_gradient",
                                                                    "lrn_gradient",
                                                                    "sgd",
                                                                    "momentum",
                                                                    "momentum_wd",
                                                                    "adam",
                                                                    "program",
                                                                    "log"};
    return kNames[static_cast<std::size_t>(kernel)];
}

std::uint64_t vector_stage_cycles(const VectorUnitConfig& unit, VectorKernel kernel, std::uint64_t taps,
                                  std::uint64_t elements) {
    const VectorCost& cost = unit.costs[static_cast<std::size_t>(kernel)];
    const std::uint64_t vectors = (elements + unit.lanes - 1) / unit.lanes;
    const double cycles = (cost.per_tap * static_cast<double>(taps) + cost.per_element) * static_cast<double>(vectors);
    return static_cast<std::uint64_t>(std::ceil(cycles));
}

std::uint64_t vector_cycles(const VectorUnitConfig& unit, const VectorArguments& work) {
    std::uint64_t cycles = 0;
    for (const VectorStage& stage : work.stages) {
        if (stage.kernel == VectorKernel::none) {
            break;
        }
        cycles += vector_stage_cycles(unit, stage.kernel, stage.taps, work.elements);
    }
    return cycles == 0 ? 0 : cycles + unit.startup_cycles;
}

} // namespace systolica
