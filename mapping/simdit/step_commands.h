// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// The commands of a step of SimDIT's machine. Memory without banks keeps no data, so addresses name an interface and
// one of its tensors, not a place in it.
#pragma once

#include "machine/commands/command.h"
#include "machine/simdit/product_schedule.h"
#include "machine/simdit/product_tiling.h"
#include "machine/simdit/vector_schedule.h"

namespace systolica {

// Tensors of an interface; each begins in a place of its own, so that transfers never join.
enum class SimditTensor : std::uint8_t {
    first,  // weights, inputs, sums; loads of the smaller side of a pool or of any other operation
    second, // bias; loads of the larger side of a pool
    small_result,
    large_result,
    spilled,
};

class SimditStepCommands {
public:
    SimditStepCommands(const SimditConfig& config, std::uint32_t operation) : config_(config), operation_(operation) {}

    // `blocks` of `bytes` each, one after the other.
    Command load(Pad pad, SimditTensor tensor, std::uint64_t bytes, unsigned blocks = 1) const;
    Command store(Pad pad, SimditTensor tensor, std::uint64_t bytes, unsigned blocks = 1) const;

    // A tile, or the part of one that takes step.compute_cycles.
    Command matrix(const SimditProductTiling& tile, const SimditProductStep& step) const;

    Command vector(const SimditVectorStep& step) const;

    Command end() const; // no work

    // What a step moves; empty transfers are left out.
    std::vector<Command> loads(const SimditProductStep& step) const;
    std::vector<Command> loads(const SimditVectorStep& step) const;
    std::vector<Command> stores(const SimditVectorStep& step) const;

private:
    Command transfer(Opcode opcode, Pad pad, SimditTensor tensor, std::uint64_t bytes, unsigned blocks) const;

    const SimditConfig& config_;
    std::uint32_t operation_;
};

} // namespace systolica
