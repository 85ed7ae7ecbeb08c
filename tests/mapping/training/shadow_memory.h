// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// The memory of an iteration of training, where each cell knows the operation that stored it. Told of every load and
// store of a run, it checks that each load finds what the operation must read, from its issue to its retirement, that
// nothing is stored twice, and that no older result is stored over a newer one. Tensors share memory over time, so a
// store that comes too early or a load that comes too late meets the mark of another operation.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "../interpreter.h"
#include "data_flow.h"

namespace systolica {

class ShadowMemory {
public:
    // Cells of one byte see everything; in cells of a page (tensors begin at one) stores are not counted.
    ShadowMemory(const TrainingGraph& graph, const Plan& plan, std::uint64_t cell_bytes);

    void watch(Interpreter& interpreter); // before it runs

    // Cells of one byte only: addresses that loads of `row` found to be of `writer`; bytes of a stretch of memory that
    // `row` stored, each counted once.
    std::set<std::uint64_t> found(std::uint32_t row, int writer) const;
    std::vector<std::uint64_t> loads(std::uint32_t row, int writer) const; // the same, as often as they were loaded
    std::uint64_t stored(std::uint32_t row, std::uint64_t base, std::uint64_t bytes) const;

    bool failed() const { return failed_; }

private:
    static constexpr int kNothing = -2;

    struct Cell {
        int writer = kNothing; // row; kFromOutside
        int in_flight = 0;     // stores that have issued and not yet retired
    };

    void claim(std::uint64_t base, std::uint64_t bytes);
    bool touches_table(std::uint32_t row) const;
    void load(unsigned tile, const Command& command, bool retires);
    void store(unsigned tile, const Command& command, bool retires);
    void complain(unsigned tile, const Command& command, std::uint64_t cell, const char* what);
    std::string name(int row) const;

    const TrainingGraph& graph_;
    const Plan& plan_;
    const std::uint64_t cell_bytes_;
    const DataFlow flow_;
    std::vector<Cell> cells_;
    std::vector<int> level_; // by row: rows of groups that work for the same operation have the same one, rising
    using Addresses = std::vector<std::uint64_t>; // perhaps repeated
    std::map<std::pair<std::uint32_t, int>, Addresses> loaded_;
    std::map<std::uint32_t, Addresses> stored_;
    bool failed_ = false;
};

// By row: the position of its groups in the order of execution. Rows that execute together, and all groups of an
// operation, have one position.
std::vector<int> levels_of(const Plan& plan);

} // namespace systolica
