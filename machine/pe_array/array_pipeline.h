// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// The array as a pipeline of matrix commands: the fold rules of fold_timing.h carried on over command boundaries, so
// that a product cut into commands that follow each other without a gap takes as long as one command. Operations do not
// overlap in the array: the first command of an operation starts when the array is empty.
#pragma once

#include <cstdint>

#include "machine/commands/command.h"
#include "machine/pe_array/config.h"

namespace systolica {

// Cycles of the chip clock.
struct ArraySlot {
    std::uint64_t start = 0;     // first operand (ws, is: first stationary operand) enters
    std::uint64_t entry_end = 0; // last operand has entered: scratchpad reads end
    std::uint64_t end = 0;       // last sum has left the array
    // When the command counts as work of the array. The slots' [working_from, working_to) are disjoint and add up to
    // the fold formula over all commands of an operation: its first fill and last drain are work, and fills and drains
    // that only show because the next operands came late are not (the array waits).
    std::uint64_t working_from = 0;
    std::uint64_t working_to = 0;
};

class ArrayPipeline {
public:
    explicit ArrayPipeline(const PeArrayConfig& array) : array_(array) {}

    // Appends a command that is ready at `arrival`. `stretch_cycles` are added to its stream because the scratchpads
    // cannot deliver in time. Calls come in execution order; ends never go back.
    ArraySlot schedule(std::uint64_t arrival, const MatrixArguments& work, std::uint64_t stretch_cycles = 0);

    // When a command that arrives at `arrival` would start, without appending it.
    std::uint64_t earliest_start(std::uint64_t arrival, const MatrixArguments& work) const;

private:
    PeArrayConfig array_;
    bool used_ = false;
    std::uint64_t last_stream_ = 0; // start of the stream of the last fold so far, stretched
    std::uint64_t last_depth_ = 0;
    std::uint64_t last_end_ = 0;
    std::uint64_t last_working_to_ = 0;
};

} // namespace systolica
