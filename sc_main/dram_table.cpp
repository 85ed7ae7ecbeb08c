// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// What `dram` prints for people.
#include "sc_main/dram_results.h"

#include "platforms/dram_figures.h"
#include "sc_main/text_table.h"

#include <ostream>

namespace systolica {

void print_dram_headline(std::ostream& out, const DramReplayNames& names, const DramConfig& config,
                         const DramReplayResult& result) {
    const DramTrafficTotals& totals = result.totals;
    const DramFigures figures(config, result);
    out << names.trace << " on " << names.platform << ": " << grouped(totals.requests) << " requests in "
        << grouped(totals.end) << " clocks at " << fixed(figures.clock_mhz, 0)
        << " MHz = " << fixed(figures.time_s * 1e6, 3) << " us" << (names.lt ? ", loosely timed" : "") << "\n"
        << "bandwidth: " << fixed(figures.gb_per_s, 3) << " GB/s of " << fixed(figures.peak_gb_per_s, 2)
        << " GB/s peak, data pins in use " << percent(figures.utilization, 1) << " %, row hits "
        << percent(figures.row_hit_rate, 1) << " %\n";
    if (result.timing_violations) {
        out << "timing rules: " << grouped(*result.timing_violations) << " violations\n";
    }
}

namespace {

void add_latency(TextTable& table, const char* name, const LatencyHistogram& latency, std::uint64_t bytes) {
    if (latency.count() == 0) {
        return;
    }
    table.row({name, grouped(latency.count()), grouped(bytes), fixed(latency.mean(), 1),
               grouped(latency.percentile(0.5)), grouped(latency.percentile(0.99)), grouped(latency.most())});
}

} // namespace

void print_dram_table(std::ostream& out, const DramConfig& config, const DramReplayResult& result) {
    const DramFigures figures(config, result);
    TextTable latencies;
    latencies.column("latency (clocks)", TextTable::Align::left);
    for (const char* title : {"requests", "bytes", "mean", "p50", "p99", "max"}) {
        latencies.column(title);
    }
    add_latency(latencies, "read", result.totals.read_latency, result.totals.read_bytes);
    add_latency(latencies, "write", result.totals.write_latency, result.totals.write_bytes);
    latencies.print(out);
    out << "commands: " << grouped(result.counters.read_commands) << " RD, " << grouped(result.counters.write_commands)
        << " WR, " << grouped(result.counters.activates) << " ACT, " << grouped(result.counters.precharges) << " PRE, "
        << grouped(figures.refreshes) << " REF\n"
        << "queues: " << fixed(figures.in_flight, 1) << " requests in flight on average; offers waited "
        << fixed(static_cast<double>(result.totals.blocked) / static_cast<double>(result.totals.requests), 1)
        << " clocks on average\n";
    if (figures.energy) {
        out << "energy: " << fixed(figures.energy->core.total() / 1e3, 3) << " uJ core, "
            << fixed(figures.energy->io.total() / 1e3, 3) << " uJ I/O\n";
    }
}

} // namespace systolica
