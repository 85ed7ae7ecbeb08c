// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "platforms/dram_figures.h"

namespace systolica {

namespace {

double ratio(double part, double whole) {
    return whole > 0 ? part / whole : 0;
}

double number(std::uint64_t value) {
    return static_cast<double>(value);
}

} // namespace

DramFigures::DramFigures(const DramConfig& config, const DramReplayResult& result) {
    const DramTrafficTotals& totals = result.totals;
    const DramCounters& counters = result.counters;
    const double columns = number(counters.read_commands + counters.write_commands);
    clock_mhz = number(config.part.clock_khz()) / 1e3;
    time_s = number(totals.end) / (clock_mhz * 1e6);
    gb_per_s = ratio(number(totals.read_bytes + totals.write_bytes) / 1e9, time_s);
    peak_gb_per_s = config.peak_bytes_per_s() / 1e9;
    utilization = ratio(number(counters.bus_bytes) / 1e9, time_s * peak_gb_per_s);
    row_hit_rate = columns > 0 ? 1 - number(counters.activates) / columns : 0;
    read_from_due = ratio(number(totals.read_from_due), number(totals.read_latency.count()));
    const double waited = totals.read_latency.mean() * number(totals.read_latency.count()) +
                          totals.write_latency.mean() * number(totals.write_latency.count());
    in_flight = ratio(waited, number(totals.end)); // Little's law
    refreshes = counters.refreshes + counters.bank_refreshes;
    energy = dram_energy(config.part, counters);
}

} // namespace systolica
