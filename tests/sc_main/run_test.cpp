// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "program.h"

#include <nlohmann/json.hpp>

#include <gtest/gtest.h>

#include <vector>

namespace systolica {
namespace {

using Json = nlohmann::ordered_json;

std::string without_host(const std::string& summary) {
    Json json = Json::parse(summary);
    json.erase("host");
    return json.dump();
}

std::vector<std::vector<std::string>> rows_of(const std::string& csv) {
    std::vector<std::vector<std::string>> rows;
    std::istringstream lines(csv);
    for (std::string line; std::getline(lines, line);) {
        rows.emplace_back();
        std::istringstream cells(line);
        for (std::string cell; std::getline(cells, cell, ',');) {
            rows.back().push_back(cell);
        }
    }
    return rows;
}

std::uint64_t cell(const std::vector<std::string>& row, std::size_t column) {
    return std::stoull(row.at(column));
}

TEST(Run, PrintsWhatLimitsItAndATableOfLayers) {
    const Program program;
    const Outcome outcome = program.run("run edge_npu lenet");
    EXPECT_EQ(outcome.code, 0) << outcome.err;
    EXPECT_EQ(outcome.err, "");
    EXPECT_EQ(outcome.out.rfind("lenet (inference, batch 1) on edge_npu: limited by ", 0), 0u) << outcome.out;
    EXPECT_NE(outcome.out.find("conv1"), std::string::npos);
    EXPECT_NE(outcome.out.find("total"), std::string::npos);
}

TEST(Run, QuietIsTheHeadlineAlone) {
    const Outcome outcome = Program().run("run edge_npu lenet -q");
    EXPECT_EQ(outcome.code, 0);
    EXPECT_EQ(outcome.out.find("conv1"), std::string::npos);
    EXPECT_NE(outcome.out.find("limited by"), std::string::npos);
}

// Accounting of docs/reference.md: rows add up to the total, compute and stalls to the row.
TEST(Run, ResultFilesAgreeWithEachOther) {
    const Program program;
    ASSERT_EQ(program.run("run edge_npu resnet18 --out r").code, 0);
    const Json summary = Json::parse(program.folder().read("r/summary.json"));
    const auto rows = rows_of(program.folder().read("r/layers.csv"));
    std::uint64_t cycles = 0;
    std::uint64_t compute = 0;
    std::uint64_t reads = 0;
    for (std::size_t i = 1; i < rows.size(); ++i) {
        EXPECT_EQ(cell(rows[i], 11) + cell(rows[i], 14) + cell(rows[i], 15) + cell(rows[i], 16) + cell(rows[i], 17),
                  cell(rows[i], 10))
            << rows[i][1];
        cycles += cell(rows[i], 10);
        compute += cell(rows[i], 11);
        reads += cell(rows[i], 21);
    }
    EXPECT_EQ(cycles, summary["cycles"].get<std::uint64_t>());
    EXPECT_EQ(compute, summary["compute_cycles"].get<std::uint64_t>());
    EXPECT_EQ(reads, summary["dram"]["read_bytes"].get<std::uint64_t>());
    EXPECT_EQ(summary["macs"], 1'814'073'344u); // of resnet18, reference/workloads/totals
    EXPECT_GT(Json::parse(program.folder().read("r/stats.json")).size(), 0u);
    EXPECT_EQ(program.folder().entries(), 1u);
}

TEST(Run, EverythingOutsideHostIsTheSameAgain) {
    const Program program;
    const Outcome first = program.run("run edge_npu lenet --out a --vcd a.vcd --json");
    const Outcome second = program.run("run edge_npu lenet --out b --vcd b.vcd --json");
    ASSERT_EQ(first.code, 0) << first.err;
    EXPECT_EQ(without_host(first.out), without_host(second.out));
    EXPECT_EQ(without_host(first.out), without_host(program.folder().read("a/summary.json")));
    for (const char* file : {"layers.csv", "stats.json"}) {
        EXPECT_EQ(program.folder().read(std::string("a/") + file), program.folder().read(std::string("b/") + file));
    }
    EXPECT_EQ(program.folder().read("a.vcd"), program.folder().read("b.vcd"));
}

TEST(Run, TracingChangesNoResult) {
    const Program program;
    EXPECT_EQ(without_host(program.run("run edge_npu lenet --json").out),
              without_host(program.run("run edge_npu lenet --json --vcd a.vcd").out));
}

TEST(Run, AWindowAndAScopeMakeASmallerVcd) {
    const Program program;
    ASSERT_EQ(program.run("run edge_npu lenet --vcd all.vcd").code, 0);
    const Outcome windowed = program.run("run edge_npu lenet --vcd part.vcd --trace-scope 'chip0.tile0*' "
                                         "--trace-scope nothing --trace-from 5us --trace-to 6us");
    ASSERT_EQ(windowed.code, 0);
    EXPECT_NE(windowed.out.find("warning: --trace-scope 'nothing' matches no signal"), std::string::npos);
    const std::string all = program.folder().read("all.vcd");
    const std::string part = program.folder().read("part.vcd");
    EXPECT_LT(part.size(), all.size());
    EXPECT_NE(all.find("$scope module tile1"), std::string::npos);
    EXPECT_EQ(part.find("$scope module tile1"), std::string::npos);
    EXPECT_NE(part.find("\n#5000000\n$dumpvars"), std::string::npos);
}

TEST(Run, ATimeLimitEndsWithCode4AndNoResults) {
    const Program program;
    const Outcome outcome = program.run("run edge_npu resnet18 --time-limit 50us --out r --vcd w.vcd");
    EXPECT_EQ(outcome.code, 4);
    EXPECT_EQ(outcome.out, "");
    EXPECT_EQ(outcome.err.rfind("systolica: time limit reached: ", 0), 0u) << outcome.err;
    EXPECT_FALSE(std::filesystem::exists(program.folder() / "r"));
    EXPECT_TRUE(std::filesystem::exists(program.folder() / "w.vcd")); // closed: what happened up to the limit
    EXPECT_EQ(program.folder().entries(), 1u);
}

TEST(Run, AnInterruptClosesTracesAndSaysHowFarItGot) {
    const Program program;
    const Outcome outcome = program.run("run edge_npu resnet50 --batch 32 --out r --vcd w.vcd --trace-to 1us",
                                        "timeout --preserve-status -s INT 1");
    EXPECT_EQ(outcome.code, 4);
    EXPECT_NE(outcome.err.find("systolica: interrupted: "), std::string::npos) << outcome.err;
    EXPECT_FALSE(std::filesystem::exists(program.folder() / "r"));
    EXPECT_TRUE(std::filesystem::exists(program.folder() / "w.vcd"));
    EXPECT_EQ(program.folder().entries(), 1u);
}

TEST(Run, AFormerResultIsReplacedAndNothingElseIs) {
    const Program program;
    std::filesystem::create_directory(program.folder() / "mine");
    program.folder().write("mine/thesis.tex", "work of years");
    const Outcome refused = program.run("run edge_npu lenet --out mine");
    EXPECT_EQ(refused.code, 2);
    EXPECT_EQ(program.folder().read("mine/thesis.tex"), "work of years");
    ASSERT_EQ(program.run("run edge_npu lenet --out r").code, 0);
    ASSERT_EQ(program.run("run edge_npu lenet --batch 2 --out r").code, 0);
    EXPECT_EQ(Json::parse(program.folder().read("r/summary.json"))["batch"], 2);
}

// A file size limit of two blocks stands for a full disk; what the program says fits in it.
TEST(Run, AFullDiskIsOneLineAndLeavesNothing) {
    const Program program;
    const struct {
        const char* destination;
        const char* expected;
    } cases[] = {{"--out r", "systolica: r/layers.csv: cannot be written: File too large\n"},
                 {"--vcd w.vcd", "systolica: w.vcd: cannot be written: File too large\n"}};
    for (const auto& c : cases) {
        const Outcome outcome = program.run(std::string("run edge_npu resnet18 -q ") + c.destination, "ulimit -f 2;");
        EXPECT_EQ(outcome.code, 1);
        EXPECT_EQ(outcome.out, "");
        EXPECT_EQ(outcome.err, c.expected);
        EXPECT_EQ(program.folder().entries(), 0u) << c.destination;
    }
}

TEST(Run, LooseTimingMovesTheSameBytes) {
    const Program program;
    const Json at = Json::parse(program.run("run edge_npu lenet --json").out);
    const Json lt = Json::parse(program.run("run edge_npu lenet --json --timing lt").out);
    EXPECT_EQ(at["dram"]["read_bytes"], lt["dram"]["read_bytes"]);
    EXPECT_EQ(at["dram"]["write_bytes"], lt["dram"]["write_bytes"]);
    EXPECT_EQ(at["macs"], lt["macs"]);
}

TEST(Bench, NamesRunsAndKernelRates) {
    const Outcome outcome = Program().run("bench --json");
    ASSERT_EQ(outcome.code, 0) << outcome.err;
    const Json json = Json::parse(outcome.out);
    ASSERT_EQ(json["runs"].size(), 2u);
    EXPECT_EQ(json["runs"][0]["platform"], "edge_npu");
    EXPECT_EQ(json["runs"][1]["platform"], "scalesim");
    for (const Json& run : json["runs"]) {
        EXPECT_GT(run["cycles_per_s"].get<double>(), 0);
        EXPECT_GT(run["host"]["peak_rss_mb"].get<double>(), 1);
    }
    for (const char* rate : {"method_activations_per_s", "at_transactions_per_s", "b_transport_per_s"}) {
        EXPECT_GT(json["kernel"][rate].get<double>(), 1e4) << rate;
    }
}

} // namespace
} // namespace systolica
