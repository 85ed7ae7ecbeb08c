// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// `scale --analytical-only` against the table of the paper's equations in tests/golden/scale_out.
#include "acceptance_run.h"
#include "golden_scale_out.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>

namespace systolica {
namespace {

struct Best {
    std::uint64_t cycles = ~0ULL, worst = 0;
    std::vector<std::uint64_t> shape; // partitions, then array
};

// By (layer, dataflow, kind): of all rows, wherever they stand.
std::map<std::vector<std::string>, Best> best_rows(const CsvTable& table) {
    std::map<std::vector<std::string>, Best> all;
    for (std::size_t row = 0; row < table.rows(); ++row) {
        Best& best = all[{table.text(row, "layer"), table.text(row, "dataflow"), table.text(row, "kind")}];
        const std::uint64_t cycles = table.number(row, "analytical_cycles");
        const std::vector<std::uint64_t> shape{table.number(row, "partitions_r"), table.number(row, "partitions_c"),
                                               table.number(row, "array_rows"), table.number(row, "array_cols")};
        if (cycles < best.cycles || (cycles == best.cycles && shape < best.shape)) {
            best.cycles = cycles;
            best.shape = shape;
        }
        best.worst = std::max(best.worst, cycles);
    }
    return all;
}

TEST(ScaleCommand, EveryRowOfThePaperExactly) {
    const CsvTable golden(golden_text("paper_scaleup_scaleout.csv"));
    ASSERT_EQ(golden.rows(), 153u);
    std::map<std::string, std::string> tables; // by budget: the layers of its rows
    const auto name = [&](std::size_t row) {   // a name may stand for two shapes
        return golden.text(row, "layer") + "_" + golden.text(row, "M");
    };
    for (std::size_t row = 0; row < golden.rows(); ++row) {
        std::string& table = tables[golden.text(row, "macs")];
        const std::string line =
            name(row) + "," + golden.text(row, "M") + "," + golden.text(row, "N") + "," + golden.text(row, "K") + "\n";
        table = table.empty() ? "name,M,N,K\n" : table;
        table += table.find(line) == std::string::npos ? line : "";
    }
    const Program program;
    std::size_t checked = 0;
    for (const auto& [macs, table] : tables) {
        program.folder().write("layers.csv", table);
        const Outcome outcome = program.run("scale scalesim layers.csv --analytical-only --csv --macs " + macs);
        ASSERT_EQ(outcome.code, 0) << outcome.err;
        const auto best = best_rows(CsvTable(outcome.out));
        for (std::size_t row = 0; row < golden.rows(); ++row) {
            if (golden.text(row, "macs") != macs) {
                continue;
            }
            const Best& up = best.at({name(row), golden.text(row, "dataflow"), "scale_up"});
            const Best& out = best.at({name(row), golden.text(row, "dataflow"), "scale_out"});
            EXPECT_EQ(up.cycles, golden.number(row, "best_scaleup_cycles"));
            EXPECT_EQ(up.worst, golden.number(row, "worst_scaleup_cycles"));
            EXPECT_EQ(up.shape,
                      (std::vector<std::uint64_t>{1, 1, golden.number(row, "up_R"), golden.number(row, "up_C")}));
            EXPECT_EQ(out.cycles, golden.number(row, "best_scaleout_cycles"));
            EXPECT_EQ(out.shape,
                      (std::vector<std::uint64_t>{golden.number(row, "out_P_R"), golden.number(row, "out_P_C"),
                                                  golden.number(row, "out_R"), golden.number(row, "out_C")}));
            ++checked;
        }
    }
    EXPECT_EQ(checked, golden.rows());
}

TEST(ScaleCommand, TheFastestOfAKindStandsFirstAndChipsHoldTheirTiles) {
    const Program program;
    program.folder().write("layers.csv", "name,M,N,K\nl,320,3072,4096\n");
    const Outcome outcome = program.run("scale edge_npu layers.csv --analytical-only --csv --macs 4096 --dataflow ws");
    ASSERT_EQ(outcome.code, 0) << outcome.err;
    const CsvTable table(outcome.out);
    std::map<std::string, std::uint64_t> last;
    for (std::size_t row = 0; row < table.rows(); ++row) {
        EXPECT_EQ(table.text(row, "dataflow"), "ws");
        const std::uint64_t cycles = table.number(row, "analytical_cycles");
        EXPECT_GE(cycles, last[table.text(row, "kind")]);
        last[table.text(row, "kind")] = cycles;
        const std::uint64_t partitions = table.number(row, "partitions_r") * table.number(row, "partitions_c");
        EXPECT_EQ(table.text(row, "kind"), partitions == 1 ? "scale_up" : "scale_out");
        EXPECT_EQ(table.number(row, "chips"), partitions <= 4 ? 1 : partitions / 4); // four tiles a chip
        EXPECT_EQ(table.text(row, "simulated_cycles"), "");
    }
    EXPECT_EQ(last.size(), 2u);
}

// A depth-wise layer is a product for each channel, one after another.
TEST(ScaleCommand, GroupsFollowEachOther) {
    const Program program;
    program.folder().write("dw.yaml", "name: dw\ninput: {channels: 5, height: 8, width: 8}\noperators:\n"
                                      "  - {name: c, op: conv, kernel: 3, out_channels: 5, groups: 5}\n");
    const Outcome outcome = program.run("scale edge_npu dw.yaml --analytical-only --csv --macs 64 --dataflow os");
    ASSERT_EQ(outcome.code, 0) << outcome.err;
    const CsvTable table(outcome.out);
    ASSERT_EQ(table.rows(), 1u);
    // 36 pixels, 1 filter, 9 taps on 8 x 8 units: 5 folds of 2 * 8 + 8 + 9 - 2 cycles, 5 channels.
    EXPECT_EQ(table.number(0, "analytical_cycles"), 5u * 5 * (2 * 8 + 8 + 9 - 2));
}

struct Simulated {
    std::uint64_t partitions = 0, cycles = 0, bytes = 0;
};

// What all layers of a network take on each number of partitions that was simulated.
std::map<std::uint64_t, Simulated> simulated(const std::string& arguments) {
    const Program program;
    const Outcome outcome = program.run("scale edge_npu " + arguments + " --csv");
    EXPECT_EQ(outcome.code, 0) << outcome.err;
    const CsvTable table(outcome.out);
    std::map<std::uint64_t, Simulated> all;
    for (std::size_t row = 0; row < table.rows(); ++row) {
        if (table.text(row, "simulated_cycles").empty()) {
            continue;
        }
        const std::uint64_t partitions = table.number(row, "partitions_r") * table.number(row, "partitions_c");
        all[partitions].partitions = partitions;
        all[partitions].cycles += table.number(row, "simulated_cycles");
        all[partitions].bytes += table.number(row, "dram_bytes");
    }
    return all;
}

std::uint64_t sweet_spot(const std::string& arguments) {
    Simulated best;
    for (const auto& [partitions, point] : simulated(arguments)) {
        best = best.cycles == 0 || point.cycles < best.cycles ? point : best;
    }
    return best.partitions;
}

// A product of 128 x 128 x 128 on 1,024 units: an array of 32 x 32, or 2 to 16 smaller ones.
TEST(ScaleCommand, TheFrontIsSimulatedOncePerNumberOfPartitions) {
    const Program program;
    program.folder().write("layers.csv", "name,M,N,K\nl,128,128,128\n");
    const Outcome outcome = program.run("scale edge_npu layers.csv --macs 1024 --csv --all --bandwidth 8");
    ASSERT_EQ(outcome.code, 0) << outcome.err;
    const CsvTable table(outcome.out);
    std::map<std::uint64_t, std::uint64_t> best, analytical; // by partitions: of all, of those simulated
    for (std::size_t row = 0; row < table.rows(); ++row) {
        EXPECT_EQ(table.text(row, "dataflow"), "ws"); // the platform's
        const std::uint64_t partitions = table.number(row, "partitions_r") * table.number(row, "partitions_c");
        const std::uint64_t cycles = table.number(row, "analytical_cycles");
        best[partitions] = best.count(partitions) == 0 ? cycles : std::min(best[partitions], cycles);
        if (!table.text(row, "simulated_cycles").empty()) {
            EXPECT_TRUE(analytical.emplace(partitions, cycles).second);
            const std::uint64_t bytes = table.number(row, "dram_bytes");
            EXPECT_GE(bytes, 3u * 128 * 128); // each matrix at least once
            // 8 GB/s at 800 MHz: ten bytes a cycle.
            EXPECT_GE(table.number(row, "simulated_cycles"), bytes / 10);
        }
    }
    EXPECT_EQ(analytical, best);
    EXPECT_EQ(best.size(), 5u);
}

TEST(ScaleCommand, TheSweetSpotOfResNet50MovesWithTheBandwidth) {
    const std::uint64_t narrow = sweet_spot("resnet50 --macs 16384 --bandwidth 16");
    const std::uint64_t wide = sweet_spot("resnet50 --macs 16384 --bandwidth 256");
    EXPECT_LT(narrow, wide);
}

TEST(ScaleCommand, OneSettingAtATimeIsShownWithItsSweetSpot) {
    const Program program;
    const Outcome outcome = program.run("scale edge_npu lenet --macs 256 --dataflow os --bandwidth 20");
    ASSERT_EQ(outcome.code, 0) << outcome.err;
    EXPECT_NE(outcome.out.find("simulated closed loop, os, partitions as tiles of one chip:"), std::string::npos);
    EXPECT_NE(outcome.out.find("sweet spot: "), std::string::npos);
    const Outcome refused = program.run("scale quad_edge lenet --macs 256");
    EXPECT_EQ(refused.code, 3);
    EXPECT_NE(refused.err.find("system.chips: expected 1 for the closed-loop study (or --analytical-only), got '4'\n"),
              std::string::npos)
        << refused.err;
}

TEST(ScaleCommand, MistakesAreOneLine) {
    const std::vector<std::pair<std::string, std::string>> cases{
        {"--analytical-only", "--macs: expected a power of two from 64 to 1073741824, got nothing"},
        {"--analytical-only --macs 100", "--macs: expected a power of two from 64 to 1073741824, got '100'"},
        {"--analytical-only --macs 32", "--macs: expected a power of two from 64 to 1073741824, got '32'"},
        {"--macs 64 --analytical-only --bandwidth 4", "--bandwidth: expected without --analytical-only, got with it"},
        {"--macs 64 --bandwidth 0", "--bandwidth: expected a number above 0 and up to 1e+06, got '0'"},
        {"--macs 64 --dataflow rs", "--dataflow: expected all or os or ws or is, got 'rs' (did you mean 'os'?)"},
    };
    const Program program;
    for (const auto& [options, expected] : cases) {
        const Outcome outcome = program.run("scale edge_npu lenet " + options);
        EXPECT_EQ(outcome.code, 2) << options;
        EXPECT_EQ(outcome.err, "systolica: scale: " + expected + "\n");
        EXPECT_EQ(outcome.out, "");
    }
}

} // namespace
} // namespace systolica
