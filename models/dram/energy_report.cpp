// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "models/dram/energy_report.h"

#include "machine/dram/energy.h"

namespace systolica {

namespace {

void report_parts(const DramEnergyParts& energy, Statistics& statistics) {
    statistics.set("activate", energy.activate, "nj");
    statistics.set("read", energy.read, "nj");
    statistics.set("write", energy.write, "nj");
    statistics.set("refresh", energy.refresh, "nj");
    statistics.set("active_standby", energy.active_standby, "nj");
    statistics.set("precharge_standby", energy.precharge_standby, "nj");
    statistics.set("power_down", energy.power_down, "nj");
    statistics.set("self_refresh", energy.self_refresh, "nj");
    statistics.set("total", energy.total(), "nj");
}

} // namespace

void report_dram_energy(const DramPart& part, const DramCounters& counters, Statistics& statistics) {
    Statistics& node = statistics.child("energy");
    const std::optional<DramEnergy> energy = dram_energy(part, counters);
    if (!energy) {
        node.set("note", "part has no current table", "text");
        return;
    }
    report_parts(energy->core, node.child("core"));
    report_parts(energy->io, node.child("io"));
    node.set("total", energy->total(), "nj");
}

} // namespace systolica
