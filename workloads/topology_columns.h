// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// Which column of a topology table holds what, read from its header.
#pragma once

#include <array>

#include "workloads/csv_cells.h"

namespace systolica {

enum class TopologyColumn : std::uint8_t {
    name,
    ifmap_h,
    ifmap_w,
    filter_h,
    filter_w,
    channels,
    filters,
    stride,
    stride_h,
    stride_w,
    m,
    n,
    k,
    count
};

struct TopologyColumns {
    static constexpr int kAbsent = -1;

    bool gemm = false;
    std::array<int, static_cast<std::size_t>(TopologyColumn::count)> position{}; // kAbsent or from 0
    std::vector<std::string> headings;                                           // as written

    bool has(TopologyColumn column) const { return at(column) != kAbsent; }
    int at(TopologyColumn column) const { return position[static_cast<std::size_t>(column)]; }
};

// Adds a problem for every column that is unknown, doubled or missing.
TopologyColumns read_topology_header(const CsvRow& header, Problems& problems);

} // namespace systolica
