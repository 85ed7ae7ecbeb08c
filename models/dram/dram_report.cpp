// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "models/dram/dram_report.h"

namespace systolica {

void report_dram(const DramCounters& counters, Statistics& statistics) {
    const std::uint64_t commands = counters.read_commands + counters.write_commands;
    statistics.set("reads", counters.reads, "requests");
    statistics.set("writes", counters.writes, "requests");
    statistics.set("read_bytes", counters.read_bytes, "bytes");
    statistics.set("write_bytes", counters.write_bytes, "bytes");
    statistics.set("bus_bytes", counters.bus_bytes, "bytes");
    statistics.set("read_commands", counters.read_commands, "commands");
    statistics.set("write_commands", counters.write_commands, "commands");
    statistics.set("row_hits", counters.row_hits, "commands");
    statistics.set("activates", counters.activates, "commands");
    statistics.set("precharges", counters.precharges, "commands");
    statistics.set("refreshes", counters.refreshes, "commands");
    const auto mean = [](std::uint64_t sum, std::uint64_t count) {
        return count == 0 ? 0.0 : static_cast<double>(sum) / static_cast<double>(count);
    };
    // 1 - ACT/(RD+WR); an ACT whose row a refresh closed before use counts against it.
    statistics.set("row_hit_rate", commands == 0 ? 0.0 : 1.0 - mean(counters.activates, commands), "1");
    statistics.set("mean_read_latency", mean(counters.read_latency_ck, counters.reads), "ck");
    statistics.set("mean_write_latency", mean(counters.write_latency_ck, counters.writes), "ck");
}

} // namespace systolica
