// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// The DRAM parts that come with Systolica, against the values of other tools and the times of the standards.
#include <cmath>
#include <map>
#include <sstream>

#include "base/data_files.h"
#include "base/strict_yaml.h"
#include "machine/dram/energy.h"
#include "platforms/dram_part_reader.h"
#include "tests/platforms/platform_files.h"

namespace systolica {
namespace {

DramPart bundled(const std::string& name) {
    Problems found;
    DramPart part = read_dram_part(resolve_file(name, "platforms/parts", "part"), found);
    EXPECT_TRUE(found.empty()) << found.text();
    return part;
}

// By the names of the keys in a file; written out here, so that a key that the reader puts into another field shows.
std::map<std::string, double> values(const DramPart& part) {
    return {{"data_rate_mtps", part.data_rate_mtps},
            {"width_bits", part.width_bits},
            {"burst_length", part.burst_length},
            {"bank_groups", part.bank_groups},
            {"banks", part.banks},
            {"rows", static_cast<double>(part.rows)},
            {"page_bytes", part.page_bytes},
            {"beats_per_clock", part.beats_per_clock},
            {"rl", part.rl},
            {"wl", part.wl},
            {"rcd", part.rcd},
            {"rp_pb", part.rp_pb},
            {"rp_ab", part.rp_ab},
            {"ras", part.ras},
            {"rrd", part.rrd},
            {"faw", part.faw},
            {"ccd", part.ccd},
            {"ccd_l", part.ccd_l},
            {"ccdmw", part.ccdmw},
            {"wr", part.wr},
            {"wtr", part.wtr},
            {"wtr_l", part.wtr_l},
            {"rtp", part.rtp},
            {"dqsck", part.dqsck},
            {"wpre", part.wpre},
            {"wck_post", part.wck_post},
            {"ppd", part.ppd},
            {"rank_gap", part.rank_gap},
            {"rfc_ab", part.rfc_ab},
            {"rfc_pb", part.rfc_pb},
            {"refi", static_cast<double>(part.refi)},
            {"pbr_to_pbr", part.pbr_to_pbr},
            {"pbr_to_act", part.pbr_to_act},
            {"cke", part.cke},
            {"xp", part.xp},
            {"sr", part.sr},
            {"xsr", part.xsr}};
}

TEST(DramParts, AreNamedLikeTheirFiles) {
    const std::vector<std::string> names = bundled_names("platforms/parts");
    EXPECT_EQ(names.size(), 6u * 5 + 1 + 4); // LPDDR4 by speed and density, LPDDR4X, LPDDR5
    for (const std::string& name : names) {
        EXPECT_EQ(bundled(name).name, name);
    }
}

TEST(DramParts, HaveTheValuesOfDramSysAndRamulator) {
    std::ifstream golden(SYSTOLICA_TEST_DIR "/golden/dram/part_values.csv");
    std::string line, part, key, value;
    std::getline(golden, line);
    std::map<std::string, std::map<std::string, double>> parts;
    int checked = 0;
    while (std::getline(golden, line)) {
        std::istringstream in(line);
        std::getline(in, part, ',');
        std::getline(in, key, ',');
        std::getline(in, value);
        if (parts.count(part) == 0) {
            parts[part] = values(bundled(part));
        }
        EXPECT_EQ(parts.at(part).at(key), std::stod(value)) << part << " " << key;
        ++checked;
    }
    EXPECT_EQ(checked, 387);
}

struct Rounding {
    double clock_ns;

    double up(double ns, int least_ck = 0) const { return std::max<double>(least_ck, std::ceil(ns / clock_ns - 1e-9)); }
    double down(double ns) const { return std::floor(ns / clock_ns + 1e-9); }
};

void expect_values(const DramPart& part, const std::map<std::string, double>& expected) {
    const std::map<std::string, double> found = values(part);
    for (const auto& [key, value] : expected) {
        EXPECT_EQ(found.at(key), value) << key;
    }
}

// JESD209-4: core timings, refresh by density a channel, latencies of set A.
TEST(DramParts, Lpddr4RoundsTheTimesOfJesd2094UpToClocks) {
    struct Speed {
        int rate;
        double clock_ns; // tCK(min)
        int rl, wl;
    };
    struct Density {
        int gbit;
        double rows, rfc_ab_ns, rfc_pb_ns;
    };
    const std::vector<Speed> speeds{{1600, 1.25, 14, 8},   {2133, 0.937, 20, 10}, {2666, 0.75, 24, 12},
                                    {3200, 0.625, 28, 14}, {3733, 0.535, 32, 16}, {4266, 0.468, 36, 18}};
    const std::vector<Density> densities{
        {4, 32768, 180, 90}, {6, 49152, 280, 140}, {8, 65536, 280, 140}, {12, 98304, 380, 190}, {16, 131072, 380, 190}};
    for (const Speed& speed : speeds) {
        for (const Density& density : densities) {
            std::string name = "lpddr4-" + std::to_string(speed.rate);
            name += density.gbit == 8 ? "" : "-" + std::to_string(density.gbit) + "gb";
            SCOPED_TRACE(name);
            const DramPart part = bundled(name);
            const Rounding clocks{speed.clock_ns};
            EXPECT_EQ(part.standard, DramStandard::lpddr4);
            EXPECT_EQ(part.bytes() * 8, static_cast<std::uint64_t>(density.gbit) << 30);
            EXPECT_EQ(part.burst_bytes(), 32u);
            const double rfc_pb = clocks.up(density.rfc_pb_ns);
            expect_values(part, {{"data_rate_mtps", speed.rate},
                                 {"rows", density.rows},
                                 {"banks", 8},
                                 {"page_bytes", 2048},
                                 {"beats_per_clock", 2},
                                 {"rl", speed.rl},
                                 {"wl", speed.wl},
                                 {"rcd", clocks.up(18, 4)},
                                 {"rp_pb", clocks.up(18, 3)},
                                 {"rp_ab", clocks.up(21, 3)},
                                 {"ras", clocks.up(42, 3)},
                                 {"rrd", clocks.up(10, 4)},
                                 {"faw", clocks.up(40)},
                                 {"ccd", 8},
                                 {"ccdmw", 32},
                                 {"wr", clocks.up(18, 6)},
                                 {"wtr", clocks.up(10, 8)},
                                 {"rtp", clocks.up(7.5, 8)},
                                 {"rfc_ab", clocks.up(density.rfc_ab_ns)},
                                 {"rfc_pb", rfc_pb},
                                 {"refi", clocks.down(3904)},
                                 {"pbr_to_pbr", rfc_pb},
                                 {"pbr_to_act", clocks.up(10, 4)},
                                 {"cke", clocks.up(7.5, 4)},
                                 {"xp", clocks.up(7.5, 5)},
                                 {"sr", clocks.up(15, 3)},
                                 {"xsr", clocks.up(density.rfc_ab_ns + 7.5, 2)},
                                 // one bank group
                                 {"bank_groups", 1},
                                 {"ccd_l", 8},
                                 {"wtr_l", clocks.up(10, 8)},
                                 {"wck_post", 0}});
        }
    }
}

TEST(DramParts, Lpddr4xHasTheTimingsOfLpddr4) {
    EXPECT_EQ(values(bundled("lpddr4x-4266")), values(bundled("lpddr4-4266")));
}

// The times that gem5 and Ramulator name for LPDDR5-6400 and LPDDR5-5500; read latency and write latency of 17 and 9
// clocks at 6400 MT/s as times too.
TEST(DramParts, Lpddr5GradesShareTheirTimes) {
    for (const auto& [name, rate] : {std::pair{"lpddr5-5500", 5500}, {"lpddr5-6400", 6400}, {"lpddr5x-8533", 8533}}) {
        SCOPED_TRACE(name);
        const DramPart part = bundled(name);
        const Rounding clocks{8000.0 / rate};
        EXPECT_EQ(part.standard, DramStandard::lpddr5);
        EXPECT_EQ(part.bytes() * 8, std::uint64_t{8} << 30);
        EXPECT_EQ(part.clock_khz(), static_cast<std::uint64_t>(rate) * 1000 / 8);
        EXPECT_EQ(part.burst_bytes(), 32u);
        expect_values(part, {{"data_rate_mtps", rate},
                             {"bank_groups", 4},
                             {"banks", 16},
                             {"rl", clocks.up(21.25)},
                             {"wl", clocks.up(11.25)},
                             {"rcd", clocks.up(18)},
                             {"rp_pb", clocks.up(18)},
                             {"rp_ab", clocks.up(21)},
                             {"ras", clocks.up(42)},
                             {"rrd", clocks.up(5)},
                             {"faw", clocks.up(20)},
                             {"ccd", 2},
                             {"ccd_l", 4},
                             {"wr", clocks.up(34)},
                             {"wtr", clocks.up(6.25, 4)},
                             {"wtr_l", clocks.up(12, 4)},
                             {"rtp", 2 + clocks.up(7.5)},
                             {"rfc_ab", clocks.up(210)},
                             {"rfc_pb", clocks.up(120)},
                             {"refi", clocks.down(3906.25)},
                             {"pbr_to_pbr", clocks.up(90)},
                             {"pbr_to_act", clocks.up(7.5)},
                             {"xp", clocks.up(7, 3)},
                             {"sr", clocks.up(15)},
                             {"xsr", clocks.up(217.5)},
                             {"dqsck", 0},
                             {"wpre", 0}});
    }
}

TEST(DramParts, OnlyThePartWithAPublishedTableHasCurrents) {
    for (const std::string& name : bundled_names("platforms/parts")) {
        EXPECT_EQ(bundled(name).currents.has_value(), name == "lpddr4-3200") << name;
    }
}

// Folded to one rail of 1.1 V, as in the configuration of the reference: mA of IDD0, IDD2N, ...
TEST(DramParts, CurrentsAreThoseOfTheReferenceConfiguration) {
    const DramCurrents idd = bundled("lpddr4-3200").currents.value();
    const auto folded = [](const RailCurrent& current) { return (1.8 * current.vdd1 + 1.1 * current.vdd2) / 1.1; };
    EXPECT_EQ(idd.vdd1, 1.8);
    EXPECT_EQ(idd.vdd2, 1.1);
    EXPECT_EQ(idd.vddq, 1.1);
    EXPECT_NEAR(folded(idd.idd0), 50.727, 5e-4);
    EXPECT_NEAR(folded(idd.idd2p), 4.964, 5e-4);
    EXPECT_NEAR(folded(idd.idd2n), 30.273, 5e-4);
    EXPECT_NEAR(folded(idd.idd3p), 10.964, 5e-4);
    EXPECT_NEAR(folded(idd.idd3n), 33.682, 5e-4);
    EXPECT_NEAR(folded(idd.idd4w), 213.682, 5e-4);
    EXPECT_NEAR(folded(idd.idd4r), 278.682, 5e-4);
    EXPECT_NEAR(folded(idd.idd5ab), 106.364, 5e-4);
    EXPECT_NEAR(folded(idd.idd6), 0.991, 5e-4);
    EXPECT_EQ(idd.idd4r.vddq, 150);
    EXPECT_EQ(idd.idd4w.vddq, 55);
}

TEST(DramParts, EightPerBankRefreshesTakeTheEnergyOfOneOfAllBanks) {
    const DramPart part = bundled("lpddr4-3200");
    DramCounters all, each;
    all.refreshes = 1;
    each.bank_refreshes = 8;
    EXPECT_NEAR(dram_energy(part, each).value().core.refresh, dram_energy(part, all).value().core.refresh, 1e-9);
}

TEST(DramParts, TableOfKeysStandsInTheDocumentation) {
    std::string table = "| key | unit | range | standard | meaning |\n| --- | --- | --- | --- | --- |\n";
    for (const DramPartRow& row : dram_part_rows()) {
        EXPECT_FALSE(row.description.empty()) << row.key;
        table += "| `" + row.key + "` | " + row.unit + " | " + row.range + " | " + row.standards + " | " +
                 row.description + " |\n";
    }
    const std::string docs = read_text_file(std::string(SYSTOLICA_SOURCE_DIR) + "/docs/platforms.md");
    EXPECT_NE(docs.find(table), std::string::npos) << "docs/platforms.md should hold:\n" << table;
}

} // namespace
} // namespace systolica
