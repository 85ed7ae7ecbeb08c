// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// What can be built of a number of MAC units: one array (scale-up), or a grid of smaller ones that share a product
// (scale-out), and how long a product takes on each. Source: Samajdar et al., "A systematic methodology for
// characterizing scalability of DNN accelerators using SCALE-Sim", ISPASS 2020: P_R x P_C partitions of R x C units
// each work on ceil(S_R / P_R) x ceil(S_C / P_C) x T, in (2 R + C + T - 2) ceil(S_R / P_R / R) ceil(S_C / P_C / C)
// cycles; the paper uses this fold for every dataflow. All of these are powers of two, R and C at least 8. Memory never
// stalls.
#pragma once

#include <cstdint>
#include <tuple>
#include <vector>

#include "machine/pe_array/fold_timing.h"

namespace systolica {

constexpr std::uint64_t kLeastArraySide = 8;

struct ArrayBudgetShape {
    std::uint64_t partitions_r = 1, partitions_c = 1;
    std::uint64_t rows = 1, cols = 1; // of one partition

    std::uint64_t partitions() const { return partitions_r * partitions_c; }
    bool scale_up() const { return partitions() == 1; }
    bool operator<(const ArrayBudgetShape& other) const {
        return std::tie(partitions_r, partitions_c, rows, cols) <
               std::tie(other.partitions_r, other.partitions_c, other.rows, other.cols);
    }
};

// Every shape with `macs` units in all (a power of two, at least 64), in ascending order.
std::vector<ArrayBudgetShape> array_budget_shapes(std::uint64_t macs);

std::uint64_t array_budget_cycles(const ArrayBudgetShape& shape, const ArrayExtent& product);

} // namespace systolica
