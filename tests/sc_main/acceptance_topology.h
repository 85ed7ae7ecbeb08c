// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// Rows of a SCALE-Sim topology table, what the array should do with them (closed forms of the systolic array, written
// here a second time), and the golden results of SCALE-Sim itself.
#pragma once

#include "acceptance_run.h"

#include <cstdint>
#include <string>
#include <vector>

namespace systolica {

struct TopologyRow {
    std::uint64_t ifmap_h = 1, ifmap_w = 1, filter_h = 1, filter_w = 1, channels = 1, filters = 1, stride = 1;

    std::uint64_t out_h() const { return (ifmap_h - filter_h + stride + stride - 1) / stride; }
    std::uint64_t out_w() const { return (ifmap_w - filter_w + stride + stride - 1) / stride; }
    std::uint64_t m() const { return out_h() * out_w(); }
    std::uint64_t n() const { return filters; }
    std::uint64_t k() const { return filter_h * filter_w * channels; }

    // Elements of the input under any window, counted position by position.
    std::uint64_t ifmap_touched() const;
};

// Layer names are l0, l1, ..
std::string convolution_table(const std::vector<TopologyRow>& rows);

struct ArrayChoice {
    std::string dataflow; // os, ws, is
    std::uint64_t rows = 1, cols = 1;
    bool fold_overlap = false, clip_folds = false;

    std::string sets() const; // --set options
};

struct ArrayCounts {
    std::uint64_t cycles = 0, ifmap_reads = 0, filter_reads = 0, ofmap_writes = 0;

    bool operator==(const ArrayCounts& other) const {
        return cycles == other.cycles && ifmap_reads == other.ifmap_reads && filter_reads == other.filter_reads &&
               ofmap_writes == other.ofmap_writes;
    }
};

std::ostream& operator<<(std::ostream& out, const ArrayCounts& counts);

// Fold by fold; all folds over the rows of the array before the next over its columns.
ArrayCounts expected_counts(const ArrayChoice& array, std::uint64_t m, std::uint64_t n, std::uint64_t k);

// A row of layers.csv.
ArrayCounts counted(const CsvTable& layers, std::size_t row);

struct GoldenRow {
    std::string net, layer;
    TopologyRow shape;
    ArrayChoice array;
    std::uint64_t m = 0, n = 0, k = 0;
    std::uint64_t ifmap_kib = 0, filter_kib = 0, ofmap_kib = 0;
    ArrayCounts counts; // corrected: cycles, not the index of the last; ofmap writes of os without the tool's error
    std::uint64_t dram_reads = 0;
};

// All rows of tests/golden/scalesim/.
std::vector<GoldenRow> golden_rows();

} // namespace systolica
