// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "platforms/run_rows.h"

#include <algorithm>

namespace systolica {

std::string largest_bucket(std::initializer_list<std::pair<const char*, std::uint64_t>> buckets) {
    return std::max_element(buckets.begin(), buckets.end(),
                            [](const auto& a, const auto& b) { return a.second < b.second; })
        ->first;
}

OperationResult row_of(const PlannedOperation& planned, const OperationAccount& counted, std::uint64_t index,
                       std::uint64_t pes) {
    OperationResult row;
    row.index = index;
    row.name = planned.name;
    row.op = planned.op;
    row.pass = planned.pass;
    row.m = planned.m;
    row.n = planned.n;
    row.k = planned.k;
    row.macs = planned.macs;
    row.start_cycle = counted.start;
    row.end_cycle = counted.end;
    row.cycles = counted.cycles;
    row.compute_cycles = counted.spent.compute();
    row.vector_cycles = counted.spent.vector;
    row.stall_load = counted.spent.load;
    row.stall_store = counted.spent.store;
    row.stall_scratchpad = counted.spent.scratchpad;
    row.stall_dependency = counted.spent.dependency;
    row.sram_ifmap_reads = counted.sram_ifmap_reads;
    row.sram_filter_reads = counted.sram_filter_reads;
    row.sram_ofmap_writes = counted.sram_ofmap_writes;
    row.dram_read_bytes = counted.dram_read_bytes;
    row.dram_write_bytes = counted.dram_write_bytes;
    row.exchanged_bytes = counted.exchanged_bytes;
    if (row.cycles > 0) {
        row.utilization = static_cast<double>(row.macs) / (static_cast<double>(row.cycles) * static_cast<double>(pes));
    }
    row.limited_by = largest_bucket({{"compute", counted.spent.matrix},
                                     {"vector", row.vector_cycles},
                                     {"load", row.stall_load},
                                     {"store", row.stall_store},
                                     {"scratchpad", row.stall_scratchpad},
                                     {"dependency", row.stall_dependency}});
    return row;
}

} // namespace systolica
