// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// The comparison platform against SCALE-Sim, row by row: array cycles and SRAM words exactly, DRAM words within bounds.

#include "acceptance_topology.h"

#include <gtest/gtest.h>

#include <map>
#include <tuple>

namespace systolica {
namespace {

constexpr std::size_t kGoldenRows = 1467;

TEST(AcceptanceScaleSim, TheGoldenFilesHoldEveryRow) {
    EXPECT_EQ(golden_rows().size(), kGoldenRows);
}

// The formulas of these tests are those of SCALE-Sim, so that they may stand for it on other shapes.
TEST(AcceptanceScaleSim, TheClosedFormsGiveTheGoldenResults) {
    for (const GoldenRow& row : golden_rows()) {
        EXPECT_EQ(row.shape.m(), row.m) << row.net << " " << row.layer;
        EXPECT_EQ(row.shape.n(), row.n) << row.net << " " << row.layer;
        EXPECT_EQ(row.shape.k(), row.k) << row.net << " " << row.layer;
        EXPECT_EQ(expected_counts(row.array, row.m, row.n, row.k), row.counts) << row.net << " " << row.layer;
    }
}

std::vector<TopologyRow> shapes_of(const std::vector<GoldenRow>& rows) {
    std::vector<TopologyRow> shapes;
    for (const GoldenRow& row : rows) {
        shapes.push_back(row.shape);
    }
    return shapes;
}

// One run for all rows that share a platform.
RunFiles run_table(const std::vector<GoldenRow>& rows, const std::string& sets) {
    const TemporaryFolder folder;
    folder.write("rows.csv", convolution_table(shapes_of(rows)));
    return run_files("scalesim '" + folder.file("rows.csv") + "'" + sets);
}

class AcceptanceScaleSimRows : public testing::TestWithParam<const char*> {};

TEST_P(AcceptanceScaleSimRows, CyclesAndSramWordsAreExact) {
    std::map<std::string, std::vector<GoldenRow>> groups; // by platform
    std::size_t checked = 0;
    for (const GoldenRow& row : golden_rows()) {
        if (row.array.dataflow == GetParam()) {
            groups[row.array.sets()].push_back(row);
        }
    }
    for (const auto& [sets, rows] : groups) {
        const RunFiles run = run_table(rows, sets);
        ASSERT_EQ(run.layers.rows(), rows.size()) << sets;
        for (std::size_t i = 0; i < rows.size(); ++i) {
            EXPECT_EQ(counted(run.layers, i), rows[i].counts) << rows[i].net << " " << rows[i].layer << sets;
            // Nothing waits between rows: only the first waits for its first bytes, and the last for its stores.
            if (i > 0 && i + 1 < rows.size()) {
                EXPECT_EQ(run.layers.number(i, "cycles"), rows[i].counts.cycles) << rows[i].net << " " << rows[i].layer;
            }
            EXPECT_EQ(run.layers.text(i, "name"), "l" + std::to_string(i));
            ++checked;
        }
    }
    EXPECT_GT(checked, 300u);
}

// With SCALE-Sim's buffers and 8-bit partial sums that stay on chip: at least what is really touched, at most 5 % more
// than the tool reads. Its is-rows keep partial sums beyond their buffer, so only those count whose sums fit the active
// half. Results go to memory once; the tool's ws and is write partial sums, so only os can be compared.
TEST_P(AcceptanceScaleSimRows, DramReadsAreBetweenWhatIsTouchedAndFivePercentMore) {
    std::map<std::string, std::vector<GoldenRow>> groups;
    std::size_t bounded = 0;
    for (const GoldenRow& row : golden_rows()) {
        if (row.array.dataflow == GetParam()) {
            groups[row.array.sets() + " --set precision.accumulator_bits=8" +
                   " --set tile.scratchpad.ifmap.capacity_kib=" + std::to_string(row.ifmap_kib) +
                   " --set tile.scratchpad.filter.capacity_kib=" + std::to_string(row.filter_kib) +
                   " --set tile.scratchpad.ofmap.capacity_kib=" + std::to_string(row.ofmap_kib)]
                .push_back(row);
        }
    }
    for (const auto& [sets, rows] : groups) {
        const RunFiles run = run_table(rows, sets);
        ASSERT_EQ(run.layers.rows(), rows.size()) << sets;
        for (std::size_t i = 0; i < rows.size(); ++i) {
            const GoldenRow& row = rows[i];
            const std::string what = row.net + " " + row.layer + sets;
            const std::uint64_t reads = run.layers.number(i, "dram_read_bytes");
            EXPECT_GE(reads, row.shape.ifmap_touched() + row.k * row.n) << what;
            if (row.array.dataflow != "is" || row.m * row.n <= row.ofmap_kib * 1024 / 2) {
                EXPECT_LE(static_cast<double>(reads), 1.05 * static_cast<double>(row.dram_reads)) << what;
                ++bounded;
            }
            if (row.array.dataflow == "os") {
                EXPECT_EQ(run.layers.number(i, "dram_write_bytes"), row.m * row.n) << what;
            }
        }
    }
    EXPECT_GT(bounded, 150u);
}

INSTANTIATE_TEST_SUITE_P(Dataflows, AcceptanceScaleSimRows, testing::Values("os", "ws", "is"),
                         [](const testing::TestParamInfo<const char*>& entry) { return std::string(entry.param); });

} // namespace
} // namespace systolica
