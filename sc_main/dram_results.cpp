// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "sc_main/dram_results.h"

#include "base/csv_writer.h"
#include "platforms/dram_figures.h"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace systolica {

using Json = nlohmann::ordered_json;

namespace {

Json latencies(const LatencyHistogram& histogram) {
    return Json{{"p50", histogram.percentile(0.5)}, {"p99", histogram.percentile(0.99)}, {"max", histogram.most()}};
}

Json energy_parts(const DramEnergyParts& energy) {
    return Json{{"activate", energy.activate},
                {"read", energy.read},
                {"write", energy.write},
                {"refresh", energy.refresh},
                {"active_standby", energy.active_standby},
                {"precharge_standby", energy.precharge_standby},
                {"power_down", energy.power_down},
                {"self_refresh", energy.self_refresh},
                {"total", energy.total()}};
}

Json queue_json(const DramConfig& config, const DramFigures& figures, const DramTrafficTotals& totals) {
    return Json{{"read", config.read_queue},           {"write", config.write_queue},
                {"unified", config.unified_queue},     {"per_bank", config.per_bank_queue},
                {"mean_in_flight", figures.in_flight}, {"blocked_ck", totals.blocked}};
}

} // namespace

Json dram_summary_json(const DramReplayNames& names, const DramConfig& config, const DramReplayResult& result,
                       const HostUsage& host) {
    const DramTrafficTotals& totals = result.totals;
    const DramCounters& counters = result.counters;
    const DramFigures figures(config, result);
    Json out;
    out["platform"] = names.platform;
    out["trace"] = names.trace;
    out["timing"] = names.lt ? "lt" : "at";
    out["requests"] = totals.requests;
    out["reads"] = totals.read_latency.count();
    out["writes"] = totals.write_latency.count();
    out["clock_mhz"] = figures.clock_mhz;
    out["total_cycles"] = totals.end;
    out["time_s"] = figures.time_s;
    out["avg_read_latency_ck"] = totals.read_latency.mean();
    out["avg_write_latency_ck"] = totals.write_latency.mean();
    out["avg_read_latency_from_due_ck"] = figures.read_from_due;
    out["read_latency_ck"] = latencies(totals.read_latency);
    out["write_latency_ck"] = latencies(totals.write_latency);
    out["bandwidth_gb_per_s"] = figures.gb_per_s;
    out["peak_gb_per_s"] = figures.peak_gb_per_s;
    out["utilization"] = figures.utilization;
    out["read_bytes"] = totals.read_bytes;
    out["write_bytes"] = totals.write_bytes;
    out["bus_bytes"] = counters.bus_bytes;
    out["row_hit_rate"] = figures.row_hit_rate;
    out["activates"] = counters.activates;
    out["precharges"] = counters.precharges;
    out["refreshes"] = figures.refreshes;
    out["queue"] = queue_json(config, figures, totals);
    if (figures.energy) {
        out["energy"] = Json{{"unit", "nJ"},
                             {"core", energy_parts(figures.energy->core)},
                             {"io", energy_parts(figures.energy->io)},
                             {"total", figures.energy->total()}};
    }
    out["timing_violations"] = result.timing_violations ? Json(*result.timing_violations) : Json();
    out["host"] = host.simulation_json();
    return out;
}

std::string dram_windows_csv(const DramConfig& config, const DramReplayResult& result) {
    CsvWriter csv;
    for (const char* title : {"start_clock", "end_clock", "reads", "writes", "read_bytes", "write_bytes",
                              "bandwidth_gb_per_s", "utilization", "mean_read_latency_ck", "max_read_latency_ck",
                              "columns", "row_hits", "activates", "refreshes"}) {
        csv.text(title);
    }
    csv.end_row();
    const Ck length = result.history->window_clocks();
    const double clocks_per_ns = static_cast<double>(config.part.clock_khz()) / 1e6;
    for (const auto& [number, window] : result.history->windows()) {
        const Ck begin = number * length;
        const Ck end = std::min(begin + length, std::max(result.totals.end, begin + 1)); // the last one is shorter
        const auto clocks = static_cast<double>(end - begin);
        const auto bytes = static_cast<double>(window.read_bytes + window.write_bytes);
        const double latency =
            window.reads == 0 ? 0 : static_cast<double>(window.read_latency) / static_cast<double>(window.reads);
        csv.number(begin).number(end).number(window.reads).number(window.writes);
        csv.number(window.read_bytes).number(window.write_bytes);
        csv.number(bytes / clocks * clocks_per_ns, 6);
        csv.number(static_cast<double>(window.data_clocks) / clocks / config.channels, 6);
        csv.number(latency, 3).number(window.most_read_latency);
        csv.number(window.columns).number(window.row_hits).number(window.activates).number(window.refreshes);
        csv.end_row();
    }
    return csv.str();
}

} // namespace systolica
