// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// Scratchpad elements that a matrix product moves, by dataflow. The array keeps one operand (ws: filter, is: ifmap) or
// the sums (os) in its elements; the others stream through once a fold. Checked against SCALE-Sim v3. simdit keeps
// nothing: every cycle reads inputs for all rows and weights for all elements.
#pragma once

#include <cstdint>

#include "machine/pe_array/config.h"

namespace systolica {

struct SramCounts {
    std::uint64_t ifmap_reads = 0;
    std::uint64_t filter_reads = 0;
    std::uint64_t ofmap_writes = 0;
    std::uint64_t ofmap_reads = 0; // partial sums that are added to

    SramCounts& operator+=(const SramCounts& other) {
        ifmap_reads += other.ifmap_reads;
        filter_reads += other.filter_reads;
        ofmap_writes += other.ofmap_writes;
        ofmap_reads += other.ofmap_reads;
        return *this;
    }
};

// `groups` products of m x k by k x n. `accumulate`: the first fold, too, adds to sums in the ofmap pad.
SramCounts sram_counts(const PeArrayConfig& array, std::uint64_t m, std::uint64_t n, std::uint64_t k,
                       std::uint64_t groups, bool accumulate);

} // namespace systolica
