// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "machine/dram/energy.h"

#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

namespace systolica {
namespace {

// DRAMSys v5.5.0, JEDEC_8Gb_LPDDR4-3200_16bit.json: mA at VDD1, VDD2, VDDQ. idd5ab is its idd5, idd5pb is left at
// idd5ab.
DramPart lpddr4_3200() {
    DramPart part;
    DramCurrents idd;
    idd.idd0 = {3.5, 45, 0.75};
    idd.idd2n = {2, 27, 0.75};
    idd.idd3n = {2.25, 30, 0.75};
    idd.idd2p = {1.2, 3, 0.75};
    idd.idd3p = {1.2, 9, 0.75};
    idd.idd4r = {2.25, 275, 150};
    idd.idd4w = {2.25, 210, 55};
    idd.idd5ab = {10, 90, 0.75};
    idd.idd5pb = idd.idd5ab;
    idd.idd6 = {0.3, 0.5, 0.1};
    part.currents = idd;
    return part;
}

DramEnergy energy_of(const DramPart& part, const DramCounters& counters) {
    const std::optional<DramEnergy> energy = dram_energy(part, counters);
    EXPECT_TRUE(energy);
    return energy.value_or(DramEnergy{});
}

// Rows of a table by column name.
using Row = std::map<std::string, std::string>;

std::vector<std::string> cells(const std::string& line) {
    std::vector<std::string> out;
    std::istringstream in(line);
    for (std::string cell; std::getline(in, cell, ',');) {
        out.push_back(cell);
    }
    return out;
}

std::vector<Row> rows_with_energy(const std::string& path) {
    std::ifstream in(path);
    std::vector<Row> rows;
    std::string line;
    std::getline(in, line);
    const std::vector<std::string> names = cells(line);
    while (std::getline(in, line)) {
        const std::vector<std::string> values = cells(line);
        Row row;
        for (std::size_t i = 0; i < std::min(names.size(), values.size()); ++i) {
            row[names[i]] = values[i];
        }
        if (!row["energy_act_nJ"].empty()) {
            rows.push_back(row);
        }
    }
    return rows;
}

std::uint64_t count(const Row& row, const char* column) {
    return std::stoull(row.at(column));
}

// The table gives 0.1 nJ.
void expect_near(double nj, const Row& row, const char* column, double share) {
    const double reference = std::stod(row.at(column));
    EXPECT_NEAR(nj, reference, 0.05 + reference * share) << column;
}

void expect_command_energies(const Row& row) {
    DramCounters counters;
    counters.activates = count(row, "act_cmds");
    counters.read_commands = count(row, "rd_cmds");
    counters.write_commands = count(row, "wr_cmds");
    counters.refreshes = count(row, "ref_all_bank");
    const DramEnergyParts core = energy_of(lpddr4_3200(), counters).core;
    expect_near(core.activate, row, "energy_act_nJ", 1e-4);
    expect_near(core.read, row, "energy_rd_nJ", 1e-4);
    expect_near(core.write, row, "energy_wr_nJ", 1e-4);
    expect_near(core.refresh, row, "energy_ref_nJ", 1e-4);
    EXPECT_EQ(core.background(), 0);
}

double background(std::uint64_t active_ck, std::uint64_t precharged_ck) {
    DramCounters counters;
    counters.active_ck = active_ck;
    counters.precharged_ck = precharged_ck;
    return energy_of(lpddr4_3200(), counters).core.background();
}

// The table does not say how long rows were open.
void expect_background_energy(const Row& row) {
    if (count(row, "writes_never_drained") > 0) {
        return; // DRAMsim3 ran on after total_cycles
    }
    const std::uint64_t clocks = count(row, "total_cycles");
    const double reference = std::stod(row.at("energy_background_nJ"));
    EXPECT_GE(reference, background(0, clocks) - 0.05);
    EXPECT_LE(reference, background(clocks, 0) + 0.05);
    // With an open page and requests for many banks only refresh closes them all, for tRPpb and tRFCab.
    if (row.at("config") != "LPDDR4-3200_closed" && row.at("trace") != "row_conflict_read") {
        const std::uint64_t closed = count(row, "ref_all_bank") * (29 + 448);
        expect_near(background(clocks - closed, closed), row, "energy_background_nJ", 2e-4);
    }
}

void expect_energies(const std::vector<Row>& rows) {
    for (const Row& row : rows) {
        SCOPED_TRACE(row.at("config") + " " + row.at("trace") + " " + row.at("arrival_interval_ck"));
        expect_command_energies(row);
        expect_background_energy(row);
    }
}

TEST(DramEnergy, IsThatOfDramsim3ForEqualCounts) {
    const std::vector<Row> rows = rows_with_energy(SYSTOLICA_TEST_DIR "/golden/dram/energy_dramsim3.csv");
    EXPECT_EQ(rows.size(), 8u);
    expect_energies(rows);
}

TEST(DramEnergy, IsThatOfDramsim3InAllReferenceRows) {
    const std::vector<Row> rows = rows_with_energy(SYSTOLICA_TEST_DIR "/golden/dram/energy_dramsim3_rest.csv");
    EXPECT_GE(rows.size(), 30u);
    expect_energies(rows);
}

TEST(DramEnergy, PartWithoutCurrentTableHasNone) {
    DramCounters counters;
    counters.activates = 1;
    EXPECT_FALSE(dram_energy(DramPart{}, counters));
}

// 2000 MT/s, two beats a clock, 1 V: charge in mA CK is energy in pJ. Core currents are even on one rail and odd on the
// other, so that a mistaken one shows.
class SimplePart : public testing::Test {
protected:
    SimplePart() {
        part.data_rate_mtps = 2000;
        part.ras = 40;
        part.rp_pb = 10;
        part.rfc_ab = 300;
        part.rfc_pb = 100;
        DramCurrents idd;
        idd.vdd1 = idd.vdd2 = idd.vddq = 1;
        idd.idd0 = {20, 41, 5};
        idd.idd2n = {4, 7, 1};
        idd.idd3n = {6, 11, 2};
        idd.idd2p = {2, 1, 0.5};
        idd.idd3p = {4, 3, 1.5};
        idd.idd4r = {100, 201, 52};
        idd.idd4w = {80, 151, 32};
        idd.idd5ab = {60, 121, 3};
        idd.idd5pb = {30, 51, 4};
        idd.idd6 = {0.25, 0.5, 0.125};
        part.currents = idd;
    }

    DramPart part;
    DramCounters counters;
};

TEST_F(SimplePart, ActivateIsARowCycleAboveStandby) {
    counters.activates = 1000;
    // tRC = 50: 61 * 50 - (6 + 11) * 40 - (4 + 7) * 10 = 2260, on VDDQ 5 * 50 - 2 * 40 - 1 * 10 = 160.
    EXPECT_DOUBLE_EQ(energy_of(part, counters).core.activate, 2260);
    EXPECT_DOUBLE_EQ(energy_of(part, counters).io.activate, 160);
}

TEST_F(SimplePart, ColumnsCostTheirBurstAboveActiveStandby) {
    counters.read_commands = 1000;
    counters.write_commands = 2000;
    // BL 16 is 8 clocks: (301 - 17) * 8, (231 - 17) * 8; on VDDQ (52 - 2) * 8, (32 - 2) * 8.
    const DramEnergy energy = energy_of(part, counters);
    EXPECT_DOUBLE_EQ(energy.core.read, 284 * 8);
    EXPECT_DOUBLE_EQ(energy.core.write, 2 * 214 * 8);
    EXPECT_DOUBLE_EQ(energy.io.read, 50 * 8);
    EXPECT_DOUBLE_EQ(energy.io.write, 2 * 30 * 8);
}

TEST_F(SimplePart, BurstOfEightBeatsAClockTakesTwoClocks) {
    part.beats_per_clock = 8; // 250 MHz, 4 ns
    counters.read_commands = 1000;
    EXPECT_DOUBLE_EQ(energy_of(part, counters).core.read, 284 * 2 * 4);
}

TEST_F(SimplePart, RefreshOfAllBanksAndOfOneHaveTheirOwnCurrentAndTime) {
    counters.refreshes = 1000;
    EXPECT_DOUBLE_EQ(energy_of(part, counters).core.refresh, (181 - 17) * 300);
    EXPECT_DOUBLE_EQ(energy_of(part, counters).io.refresh, (3 - 2) * 300);
    counters.refreshes = 0;
    counters.bank_refreshes = 1000;
    EXPECT_DOUBLE_EQ(energy_of(part, counters).core.refresh, (81 - 17) * 100);
    EXPECT_DOUBLE_EQ(energy_of(part, counters).io.refresh, (4 - 2) * 100);
}

TEST_F(SimplePart, BackgroundIsPaidByState) {
    counters.active_ck = 1000;
    counters.precharged_ck = 2000;
    counters.active_power_down_ck = 4000;
    counters.power_down_ck = 8000;
    counters.self_refresh_ck = 16000;
    const DramEnergy energy = energy_of(part, counters);
    EXPECT_DOUBLE_EQ(energy.core.active_standby, 17);
    EXPECT_DOUBLE_EQ(energy.core.precharge_standby, 2 * 11);
    EXPECT_DOUBLE_EQ(energy.core.power_down, 4 * 7 + 8 * 3);
    EXPECT_DOUBLE_EQ(energy.core.self_refresh, 16 * 0.75);
    EXPECT_DOUBLE_EQ(energy.io.background(), 2 + 2 * 1 + (4 * 1.5 + 8 * 0.5) + 16 * 0.125);
}

TEST_F(SimplePart, EachRailHasItsVoltage) {
    part.currents->vdd1 = 2;
    part.currents->vdd2 = 3;
    part.currents->vddq = 5;
    counters.active_ck = 1000;
    EXPECT_DOUBLE_EQ(energy_of(part, counters).core.active_standby, 2 * 6 + 3 * 11);
    EXPECT_DOUBLE_EQ(energy_of(part, counters).io.active_standby, 5 * 2);
}

TEST_F(SimplePart, TotalsHoldEveryPartAndChannelsAddUp) {
    counters.activates = 3;
    counters.read_commands = 5;
    counters.write_commands = 7;
    counters.refreshes = 11;
    counters.bank_refreshes = 13;
    counters.active_ck = 1700;
    counters.precharged_ck = 1900;
    counters.active_power_down_ck = 2300;
    counters.power_down_ck = 2900;
    counters.self_refresh_ck = 3100;
    const DramEnergy one = energy_of(part, counters);
    const DramEnergyParts& core = one.core;
    EXPECT_DOUBLE_EQ(core.total(), core.activate + core.read + core.write + core.refresh + core.active_standby +
                                       core.precharge_standby + core.power_down + core.self_refresh);
    EXPECT_DOUBLE_EQ(one.total(), one.core.total() + one.io.total());
    DramCounters twice = counters;
    twice += counters;
    EXPECT_DOUBLE_EQ(energy_of(part, twice).core.total(), 2 * one.core.total());
    EXPECT_DOUBLE_EQ(energy_of(part, twice).io.total(), 2 * one.io.total());
}

} // namespace
} // namespace systolica
