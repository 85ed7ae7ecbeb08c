// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "models/dram/energy_report.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace systolica {
namespace {

DramCounters thousand_reads() {
    DramCounters counters;
    counters.read_commands = 1000;
    return counters;
}

TEST(EnergyReport, PartWithoutCurrentTableIsLabelled) {
    Statistics statistics;
    report_dram_energy(DramPart{}, thousand_reads(), statistics);
    const nlohmann::json energy = nlohmann::json::parse(statistics.json().dump()).at("energy");
    EXPECT_EQ(energy.size(), 1u);
    EXPECT_EQ(energy.at("note").at("value"), "part has no current table");
}

// 1.8 V * 4 mA + 1.1 V * 5 mA for the core, 0.6 V * 6 mA for I/O, for 8 clocks of 0.625 ns.
TEST(EnergyReport, CoreAndIoHaveTheirPartsInNanojoule) {
    DramPart part;
    part.currents.emplace();
    part.currents->vddq = 0.6;
    part.currents->idd4r = {4, 5, 6};
    Statistics statistics;
    report_dram_energy(part, thousand_reads(), statistics);
    const nlohmann::json energy = nlohmann::json::parse(statistics.json().dump()).at("energy");
    const double core = (1.8 * 4 + 1.1 * 5) * 8 * 0.625;
    const double io = 0.6 * 6 * 8 * 0.625;
    EXPECT_NEAR(energy.at("core").at("read").at("value").get<double>(), core, 1e-9);
    EXPECT_NEAR(energy.at("io").at("read").at("value").get<double>(), io, 1e-9);
    EXPECT_NEAR(energy.at("total").at("value").get<double>(), core + io, 1e-9);
    EXPECT_EQ(energy.at("core").at("read").at("unit"), "nj");
    for (const char* other :
         {"activate", "write", "refresh", "active_standby", "precharge_standby", "power_down", "self_refresh"}) {
        EXPECT_EQ(energy.at("core").at(other).at("value"), 0) << other;
        EXPECT_EQ(energy.at("io").at(other).at("value"), 0) << other;
    }
}

} // namespace
} // namespace systolica
