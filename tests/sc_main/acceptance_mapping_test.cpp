// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// How good the mappings are: ResNet-50 on the default platform, against what no mapping can avoid.

#include "acceptance_run.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace systolica {
namespace {

constexpr double kPes = 4 * 32 * 32;
constexpr double kPeakBytesPerCycle = 2 * 2 * 3.2e9 / 800e6; // two channels of 16 bits, 3200 MT/s; 800 MHz

bool element_wise(const std::string& op) {
    return op == "relu" || op == "relu6" || op == "add" || op == "batch_norm";
}

// Sum over layers of the larger of the MACs at full rate and the bytes at peak bandwidth; a layer is a row with the
// element-wise rows behind it, whose work it hides. Pools count their bytes only.
double ideal_cycles(const CsvTable& rows) {
    double total = 0;
    double macs = 0;
    double bytes = 0;
    const auto close = [&] {
        total += std::max(macs / kPes, bytes / kPeakBytesPerCycle);
        macs = bytes = 0;
    };
    for (std::size_t i = 0; i < rows.rows(); ++i) {
        if (!element_wise(rows.text(i, "op"))) {
            close();
        }
        macs += static_cast<double>(rows.number(i, "macs"));
        bytes += static_cast<double>(rows.number(i, "dram_read_bytes") + rows.number(i, "dram_write_bytes"));
    }
    close();
    return total;
}

// The looser reading: every row for itself, with the compute cycles that it really took.
double achievable_cycles(const CsvTable& rows) {
    double total = 0;
    for (std::size_t i = 0; i < rows.rows(); ++i) {
        const auto bytes = static_cast<double>(rows.number(i, "dram_read_bytes") + rows.number(i, "dram_write_bytes"));
        total += std::max(static_cast<double>(rows.number(i, "compute_cycles")), bytes / kPeakBytesPerCycle);
    }
    return total;
}

// Compulsory when every layer goes through DRAM: 52.9 MB for int8 ResNet-50.
TEST(AcceptanceMapping, ResNet50MovesAtMostHalfMoreThanItMust) {
    EXPECT_LE(static_cast<double>(run_files("edge_npu resnet50").dram_bytes()), 1.5 * 52.9e6);
}

TEST(AcceptanceMapping, ResNet50TakesAtMostThirtyPercentMoreThanItsLayersBounds) {
    const RunFiles run = run_files("edge_npu resnet50");
    const auto cycles = static_cast<double>(run.cycles());
    EXPECT_LE(cycles, 1.3 * ideal_cycles(run.layers));
    EXPECT_LE(cycles, 1.3 * achievable_cycles(run.layers));
}

TEST(AcceptanceMapping, SixteenImagesTakeAtMostSixteenTimesOneAndLittleMemory) {
    const RunFiles one = run_files("edge_npu resnet50");
    const RunFiles sixteen = run_files("edge_npu resnet50 --batch 16");
    EXPECT_LE(sixteen.cycles(), 16 * one.cycles());
    EXPECT_EQ(sixteen.summary["macs"].get<std::uint64_t>(), 16 * 4'089'184'256);
    EXPECT_LE(one.host["peak_rss_mb"].get<double>(), 200);
    EXPECT_LE(sixteen.host["peak_rss_mb"].get<double>(), 200);
}

} // namespace
} // namespace systolica
