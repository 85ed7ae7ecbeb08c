// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "machine/simdit/cost.h"

#include "base/integer.h"

#include <algorithm>

namespace systolica {

namespace {

constexpr std::uint64_t SimditCost::*kFields[] = {
    &SimditCost::compute_cycles,     &SimditCost::weight_stall_cycles, &SimditCost::ifmap_stall_cycles,
    &SimditCost::ofmap_stall_cycles, &SimditCost::vector_stall_cycles, &SimditCost::weight_bytes,
    &SimditCost::ifmap_bytes,        &SimditCost::ofmap_load_bytes,    &SimditCost::ofmap_store_bytes,
    &SimditCost::vector_load_bytes,  &SimditCost::vector_store_bytes,
};

SimditCost cost_of(const SimditConfig& config, const SimditProduct& product) {
    SimditCost sum;
    for (const SimditPart& part : simdit_parts(product)) {
        SimditCost cost;
        for (const SimditProductStep& step : simdit_schedule(config, part.product)) {
            cost += simdit_cost(config, step);
        }
        sum += cost.times(part.times);
    }
    return sum;
}

SimditCost cost_of(const SimditConfig& config, const SimditVector& work) {
    SimditCost sum;
    for (const SimditVectorStep& step : simdit_schedule(config, work)) {
        sum += simdit_cost(config, step);
    }
    return sum;
}

} // namespace

std::uint64_t simdit_transfer_cycles(std::uint64_t bytes, unsigned bits_per_cycle) {
    return ceil_div(bytes * 8, bits_per_cycle);
}

SimditCost& SimditCost::operator+=(const SimditCost& other) {
    for (std::uint64_t SimditCost::*const field : kFields) {
        this->*field += other.*field;
    }
    return *this;
}

SimditCost SimditCost::times(std::uint64_t count) const {
    SimditCost all = *this;
    for (std::uint64_t SimditCost::*const field : kFields) {
        all.*field *= count;
    }
    return all;
}

// Partial sums come and results go over the same interface, one after the other; so do weights and bias.
SimditCost simdit_cost(const SimditConfig& config, const SimditProductStep& step) {
    const unsigned weight_bits = weight_interface_bits(config);
    const std::uint64_t ifmap = simdit_transfer_cycles(step.ifmap_bytes, config.ifmap_bits_per_cycle);
    const std::uint64_t weight =
        simdit_transfer_cycles(step.weight_bytes, weight_bits) + simdit_transfer_cycles(step.bias_bytes, weight_bits);
    const std::uint64_t ofmap = simdit_transfer_cycles(step.psum_load_bytes, config.ofmap_bits_per_cycle) +
                                simdit_transfer_cycles(step.store_bytes, config.ofmap_bits_per_cycle);
    const std::uint64_t longest = std::max({ifmap, weight, ofmap});
    const std::uint64_t busy = step.compute_cycles + step.following_cycles;

    SimditCost cost;
    cost.compute_cycles = step.compute_cycles;
    std::uint64_t& stall = longest == ifmap    ? cost.ifmap_stall_cycles
                           : longest == weight ? cost.weight_stall_cycles
                                               : cost.ofmap_stall_cycles;
    stall = longest > busy ? longest - busy : 0;
    cost.weight_bytes = step.weight_bytes + step.bias_bytes;
    cost.ifmap_bytes = step.ifmap_bytes;
    cost.ofmap_load_bytes = step.psum_load_bytes;
    cost.ofmap_store_bytes = step.store_bytes;
    return cost.times(step.times);
}

SimditCost simdit_cost(const SimditConfig& config, const SimditVectorStep& step) {
    SimditCost cost;
    cost.compute_cycles = step.compute_cycles;
    const auto move = [&](const SimditTransfers& transfers, std::uint64_t& bytes) {
        bytes += transfers.count * transfers.bytes;
        cost.vector_stall_cycles +=
            transfers.count * simdit_transfer_cycles(transfers.bytes, config.vector_bits_per_cycle);
    };
    for (const SimditTransfers& load : step.loads) {
        move(load, cost.vector_load_bytes);
    }
    for (const SimditTransfers& store : step.stores) {
        move(store, cost.vector_store_bytes);
    }
    return cost.times(step.times);
}

SimditCost simdit_cost(const SimditConfig& config, const SimditWork& work) {
    return std::visit([&config](const auto& one) { return cost_of(config, one); }, work);
}

} // namespace systolica
