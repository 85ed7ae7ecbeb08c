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
    statistics.set("bank_refreshes", counters.bank_refreshes, "commands");
    statistics.set("auto_precharges", counters.auto_precharges, "commands");
    statistics.set("masked_writes", counters.masked_writes, "commands");
    statistics.set("check_commands", counters.check_commands, "commands");
    statistics.set("wck_syncs", counters.wck_syncs, "commands");
    statistics.set("power_downs", counters.power_downs, "entries");
    statistics.set("self_refreshes", counters.self_refreshes, "entries");
    Statistics& time = statistics.child("rank_time"); // adds up to the clocks of all ranks
    time.set("active", counters.active_ck, "ck");
    time.set("precharged", counters.precharged_ck, "ck");
    time.set("active_power_down", counters.active_power_down_ck, "ck");
    time.set("power_down", counters.power_down_ck, "ck");
    time.set("self_refresh", counters.self_refresh_ck, "ck");
    const auto mean = [](std::uint64_t sum, std::uint64_t count) {
        return count == 0 ? 0.0 : static_cast<double>(sum) / static_cast<double>(count);
    };
    // 1 - ACT/(RD+WR); an ACT whose row a refresh closed before use counts against it.
    statistics.set("row_hit_rate", commands == 0 ? 0.0 : 1.0 - mean(counters.activates, commands), "1");
    statistics.set("mean_read_latency", mean(counters.read_latency_ck, counters.reads), "ck");
    statistics.set("mean_write_latency", mean(counters.write_latency_ck, counters.writes), "ck");
}

void report_dram_bank(const DramBankCounters& counters, Statistics& statistics) {
    statistics.set("activates", counters.activates, "commands");
    statistics.set("precharges", counters.precharges, "commands");
    statistics.set("reads", counters.reads, "commands");
    statistics.set("writes", counters.writes, "commands");
    statistics.set("refreshes", counters.refreshes, "commands");
    statistics.set("row_open", counters.open_clocks, "ck");
}

} // namespace systolica
