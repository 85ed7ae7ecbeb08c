// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "machine/vector_unit/vector_timing.h"

#include <cmath>

namespace systolica {

std::array<VectorCost, kVectorKernels> default_vector_costs() {
    constexpr double kDivide = 9;
    constexpr double kExponential = 3;
    std::array<VectorCost, kVectorKernels> costs{};
    const auto set = [&](VectorKernel kernel, double per_tap, double per_element) {
        costs[static_cast<std::size_t>(kernel)] = {per_tap, per_element};
    };
    set(VectorKernel::relu, 0, 1);
    set(VectorKernel::relu6, 0, 2);
    set(VectorKernel::add, 0, 1);
    set(VectorKernel::batch_norm, 0, 2);
    set(VectorKernel::max_pool, 1, 0);
    set(VectorKernel::avg_pool, 1, kDivide);
    set(VectorKernel::global_avg_pool, 1, kDivide);
    set(VectorKernel::softmax, 0, kExponential + 1 + kDivide);
    set(VectorKernel::copy, 0, 1);
    return costs;
}

const char* vector_kernel_name(VectorKernel kernel) {
    static constexpr std::array<const char*, kVectorKernels> kNames{
        "none", "relu", "relu6", "add", "batch_norm", "max_pool", "avg_pool", "global_avg_pool", "softmax", "copy"};
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
