// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "machine/pe_array/sram_counts.h"

#include "machine/pe_array/fold_timing.h"

namespace systolica {

SramCounts sram_counts(const PeArrayConfig& array, std::uint64_t m, std::uint64_t n, std::uint64_t k,
                       std::uint64_t groups, bool accumulate) {
    const ArrayExtent extent = array_extent(array.dataflow, m, n, k);
    const std::uint64_t row_folds = (extent.rows + array.rows - 1) / array.rows;
    const std::uint64_t col_folds = (extent.cols + array.cols - 1) / array.cols;
    SramCounts counts;
    std::uint64_t written = m * n; // elements
    switch (array.dataflow) {
    case Dataflow::os:
        counts.ifmap_reads = col_folds * m * k;
        counts.filter_reads = row_folds * n * k;
        counts.ofmap_writes = m * n;
        break;
    case Dataflow::ws:
        counts.ifmap_reads = col_folds * m * k;
        counts.filter_reads = k * n;
        counts.ofmap_writes = row_folds * m * n;
        break;
    case Dataflow::is:
        counts.ifmap_reads = m * k;
        counts.filter_reads = col_folds * k * n;
        counts.ofmap_writes = row_folds * m * n;
        break;
    case Dataflow::simdit: // whole rows and columns
        counts.ifmap_reads = col_folds * m * (row_folds * array.rows);
        counts.filter_reads = counts.ifmap_reads * array.cols;
        written = m * col_folds * array.cols;
        counts.ofmap_writes = row_folds * written;
        break;
    }
    // Every write but the first to an element adds to what is there.
    counts.ofmap_reads = counts.ofmap_writes == 0 ? 0 : counts.ofmap_writes - (accumulate ? 0 : written);
    counts.ifmap_reads *= groups;
    counts.filter_reads *= groups;
    counts.ofmap_writes *= groups;
    counts.ofmap_reads *= groups;
    return counts;
}

} // namespace systolica
