// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// Cycles of an operation on SimDIT's machine and bytes over its interfaces, summed over the steps of its schedule.
// Operations follow one another without overlap, so that a network takes the sum of its operations.
#pragma once

#include "machine/simdit/product_schedule.h"
#include "machine/simdit/vector_schedule.h"

namespace systolica {

struct SimditCost {
    std::uint64_t compute_cycles = 0;

    // Neither array works; by the interface that is waited for last.
    std::uint64_t weight_stall_cycles = 0;
    std::uint64_t ifmap_stall_cycles = 0;
    std::uint64_t ofmap_stall_cycles = 0;
    std::uint64_t vector_stall_cycles = 0;

    // Over the DRAM interfaces; a fraction of a tile moves that fraction of its bytes.
    std::uint64_t weight_bytes = 0; // bias included
    std::uint64_t ifmap_bytes = 0;
    std::uint64_t ofmap_load_bytes = 0; // partial sums
    std::uint64_t ofmap_store_bytes = 0;
    std::uint64_t vector_load_bytes = 0;
    std::uint64_t vector_store_bytes = 0;

    std::uint64_t stall_cycles() const {
        return weight_stall_cycles + ifmap_stall_cycles + ofmap_stall_cycles + vector_stall_cycles;
    }
    std::uint64_t cycles() const { return compute_cycles + stall_cycles(); }
    std::uint64_t load_bytes() const { return weight_bytes + ifmap_bytes + ofmap_load_bytes + vector_load_bytes; }
    std::uint64_t store_bytes() const { return ofmap_store_bytes + vector_store_bytes; }

    SimditCost& operator+=(const SimditCost& other);
    SimditCost times(std::uint64_t count) const;
};

// A transfer over an interface of constant width.
std::uint64_t simdit_transfer_cycles(std::uint64_t bytes, unsigned bits_per_cycle);

// Of a step, all its repetitions included.
SimditCost simdit_cost(const SimditConfig& config, const SimditProductStep& step);
SimditCost simdit_cost(const SimditConfig& config, const SimditVectorStep& step);

// Of an operation; `config` has no shortage.
SimditCost simdit_cost(const SimditConfig& config, const SimditWork& work);

} // namespace systolica
