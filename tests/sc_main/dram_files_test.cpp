// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// What `systolica dram --out` writes, and the traces of the reference folder where that is at hand.

#include "acceptance_run.h"
#include "program.h"

#include "machine/dram/command_checker.h"
#include "machine/dram/command_trace.h"

#include <nlohmann/json.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <cmath>
#include <filesystem>
#include <map>
#include <random>

namespace systolica {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kOneChannel = "base: edge_npu\nname: one\nchip: {dram: {part: lpddr4-3200, channels: 1}}\n";

// Some of everything: hits, conflicts, reads and writes of all sizes, pauses longer than a refresh interval.
std::string mixed_trace() {
    std::mt19937_64 random(17);
    std::string text;
    std::uint64_t clock = 0;
    for (int i = 0; i < 4000; ++i) {
        clock += random() % 500 == 0 ? random() % 50'000 : random() % 60;
        const std::uint64_t bytes = random() % 4 == 0 ? 1 + random() % 4096 : 32;
        const std::uint64_t address = random() % 2 == 0 ? random() % (1 << 29) : random() % (1 << 16);
        std::ostringstream line;
        line << (random() % 3 == 0 ? "W 0x" : "R 0x") << std::hex << address << std::dec << " " << bytes << " @"
             << clock;
        text += line.str() + "\n";
    }
    return text;
}

class DramFiles : public ::testing::Test {
protected:
    void replay(const std::string& options, const std::string& folder = "r") {
        program.folder().write("one.yaml", kOneChannel);
        program.folder().write("t.trace", mixed_trace());
        const Outcome outcome = program.run("dram one.yaml t.trace --out " + folder + " -q --no-progress " + options);
        ASSERT_EQ(outcome.code, 0) << outcome.err;
        ASSERT_EQ(outcome.err, "");
        summary = Json::parse(program.folder().read("r/summary.json"));
    }
    std::uint64_t number(const char* key) const { return summary.at(key).get<std::uint64_t>(); }

    Program program;
    Json summary;
};

DramCommand command_of(const std::string& name) {
    for (unsigned c = 0; c <= static_cast<unsigned>(DramCommand::wck_sync); ++c) {
        if (name == command_mnemonic(static_cast<DramCommand>(c))) {
            return static_cast<DramCommand>(c);
        }
    }
    ADD_FAILURE() << "unknown command " << name;
    return DramCommand::activate;
}

// commands.csv as it reads, with the command in row `spoiled` one clock early.
std::uint64_t violations_of(const std::string& csv, Ck end, std::map<std::string, std::uint64_t>& counts,
                            std::uint64_t spoiled = ~std::uint64_t{0}) {
    DramConfig config; // LPDDR4-3200, one channel
    DramCommandChecker checker(config);
    std::istringstream lines(csv);
    std::string line;
    std::getline(lines, line);
    EXPECT_EQ(line + "\n", DramCommandTrace::header());
    Ck last = 0;
    for (std::uint64_t number = 0; std::getline(lines, line); ++number) {
        std::vector<std::string> cells;
        std::istringstream text(line + ",end"); // an empty last cell counts too
        for (std::string cell; std::getline(text, cell, ',');) {
            cells.push_back(cell);
        }
        EXPECT_EQ(cells.size(), 9u) << line;
        const Ck at = std::stoull(cells[0]);
        EXPECT_GE(at, last) << "out of order: " << line;
        EXPECT_EQ(std::stoull(cells[1]), at * 625) << line;
        last = at;
        const auto value = [&](std::size_t cell) { return cells[cell].empty() ? 0 : std::stoull(cells[cell]); };
        checker.command({at - (number == spoiled ? 1 : 0), command_of(cells[3]), static_cast<unsigned>(value(4)),
                         static_cast<unsigned>(value(5)), value(6), static_cast<unsigned>(value(7))});
        ++counts[cells[3]];
    }
    checker.finish(end);
    return checker.violations();
}

TEST_F(DramFiles, TheCommandsReplayedThroughTheCheckerAreTheSameRun) {
    replay("--commands");
    std::map<std::string, std::uint64_t> counts;
    const std::string csv = program.folder().read("r/commands.csv");
    EXPECT_EQ(violations_of(csv, number("total_cycles"), counts), 0u);
    EXPECT_EQ(counts["ACT"], number("activates"));
    EXPECT_EQ(counts["PRE"] + counts["PREA"], number("precharges"));
    EXPECT_EQ(counts["REFab"], number("refreshes"));
    EXPECT_EQ((counts["RD"] + counts["WR"] + counts["MWR"]) * 32, number("bus_bytes"));
    EXPECT_EQ(program.folder().entries(), 3u); // platform, trace, result: nothing is left beside it
    // The first command is an ACT and the second its RD or WR, tRCD later at the earliest.
    EXPECT_GT(violations_of(csv, number("total_cycles"), counts, 1), 0u) << "the checker of this test is blind";
}

TEST_F(DramFiles, WindowsAddUpToTheTotals) {
    replay("--window 777");
    const CsvTable windows(program.folder().read("r/windows.csv"));
    EXPECT_EQ(windows.sum("reads"), number("reads"));
    EXPECT_EQ(windows.sum("writes"), number("writes"));
    EXPECT_EQ(windows.sum("read_bytes"), number("read_bytes"));
    EXPECT_EQ(windows.sum("write_bytes"), number("write_bytes"));
    EXPECT_EQ(windows.sum("activates"), number("activates"));
    EXPECT_EQ(windows.sum("refreshes"), number("refreshes"));
    EXPECT_EQ(windows.sum("columns") * 32, number("bus_bytes"));
    double data_clocks = 0;
    std::uint64_t last_end = 0;
    for (std::size_t row = 0; row < windows.rows(); ++row) {
        const std::uint64_t begin = windows.number(row, "start_clock");
        const std::uint64_t end = windows.number(row, "end_clock");
        EXPECT_GE(begin, last_end);
        EXPECT_TRUE(end - begin == 777 || row + 1 == windows.rows());
        const double share = std::stod(windows.text(row, "utilization"));
        EXPECT_LE(share, 1.0);
        const double clocks = static_cast<double>(end - begin);
        data_clocks += share * clocks;
        const auto bytes = static_cast<double>(windows.number(row, "read_bytes") + windows.number(row, "write_bytes"));
        EXPECT_NEAR(std::stod(windows.text(row, "bandwidth_gb_per_s")), bytes / (clocks * 0.625), 1e-6);
        last_end = end;
    }
    EXPECT_EQ(last_end, number("total_cycles"));
    EXPECT_NEAR(data_clocks, static_cast<double>(windows.sum("columns") * 8), 1.0); // BL/2 each
}

TEST_F(DramFiles, BanksAndHistogramsAddUpToTheTotals) {
    replay("");
    const Json stats = Json::parse(program.folder().read("r/stats.json"));
    std::map<std::string, std::uint64_t> sums;
    unsigned banks = 0;
    for (const auto& [name, node] : stats.at("dram0").items()) {
        if (name.rfind("bank", 0) == 0 && name.size() == 6) {
            ++banks;
            for (const char* key : {"reads", "writes", "activates", "row_hits"}) {
                sums[key] += node.at(key).at("value").get<std::uint64_t>();
            }
        }
    }
    EXPECT_EQ(banks, 8u);
    EXPECT_EQ(sums["activates"], number("activates"));
    EXPECT_EQ((sums["reads"] + sums["writes"]) * 32, number("bus_bytes"));
    EXPECT_EQ(sums["row_hits"], stats.at("dram0").at("row_hits").at("value").get<std::uint64_t>());
    std::uint64_t reads = 0;
    for (const auto& [name, bin] : stats.at("player").at("read_latency_ck").items()) {
        reads += bin.at("value").get<std::uint64_t>();
    }
    EXPECT_EQ(reads, number("reads"));
}

TEST_F(DramFiles, TwoRunsWriteTheSameBytes) {
    replay("--commands");
    std::map<std::string, std::string> first;
    for (const char* name : {"stats.json", "windows.csv", "commands.csv"}) {
        first[name] = program.folder().read(std::string("r/") + name);
    }
    Json before = summary;
    replay("--commands"); // onto the former result
    for (const auto& [name, text] : first) {
        EXPECT_EQ(program.folder().read("r/" + name), text) << name;
    }
    before.erase("host");
    summary.erase("host");
    EXPECT_EQ(summary.dump(), before.dump());
}

TEST_F(DramFiles, ASlashAfterTheFolderIsNoDifference) {
    replay("--commands", "r/");
    EXPECT_GT(program.folder().read("r/commands.csv").size(), 0u);
    EXPECT_EQ(program.folder().entries(), 3u);
}

// Half a second's worth of work at least: interrupted in its middle, what ends with the simulation is closed and
// what comes after it is not there.
TEST_F(DramFiles, AnInterruptLeavesNoResultAndClosesTheWaves) {
    program.folder().write("one.yaml", kOneChannel);
    program.folder().write("t.trace", mixed_trace());
    const Outcome outcome =
        program.run("dram one.yaml t.trace --repeat 1000000 --out r --commands --vcd w.vcd --trace-to "
                    "1us --no-progress",
                    "timeout --preserve-status -s INT 1");
    EXPECT_EQ(outcome.code, 4);
    EXPECT_EQ(outcome.out, "");
    EXPECT_EQ(outcome.err.rfind("systolica: interrupted: ", 0), 0u) << outcome.err;
    EXPECT_GT(program.folder().read("w.vcd").size(), 0u);
    EXPECT_EQ(program.folder().entries(), 3u); // platform, trace, waves
}

// Ten minutes of memory without a request are 160 million refreshes; nobody has to wait for their end.
TEST_F(DramFiles, AnInterruptComesThroughInIdleTimeToo) {
    program.folder().write("one.yaml", kOneChannel);
    program.folder().write("t.trace", "R 0x0 @1000000000000\n");
    const auto begin = std::chrono::steady_clock::now();
    const Outcome outcome =
        program.run("dram one.yaml t.trace --no-progress", "timeout --preserve-status -s INT -k 9 0.5");
    EXPECT_EQ(outcome.code, 4);
    EXPECT_EQ(outcome.err, "systolica: interrupted: 0 of 1 requests were complete\n");
    EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(9));
}

// A file size limit stands for a full disk.
TEST_F(DramFiles, AFullDiskIsOneLineAndLeavesNothing) {
    program.folder().write("one.yaml", kOneChannel);
    program.folder().write("t.trace", mixed_trace());
    const struct {
        const char* destination;
        const char* expected;
    } cases[] = {{"--out r --commands", "systolica: r/commands.csv: cannot be written: File too large\n"},
                 {"--out r", "systolica: r/stats.json: cannot be written: File too large\n"},
                 {"--vcd w.vcd", "systolica: w.vcd: cannot be written: File too large\n"}};
    for (const auto& c : cases) {
        const Outcome outcome = program.run(std::string("dram one.yaml t.trace -q ") + c.destination, "ulimit -f 8;");
        EXPECT_EQ(outcome.code, 1) << c.destination;
        EXPECT_EQ(outcome.out, "");
        EXPECT_EQ(outcome.err, c.expected);
        EXPECT_EQ(program.folder().entries(), 2u) << c.destination; // platform and trace
    }
}

// The traces that other tools were measured with.
TEST(DramReferenceTraces, AreServedWithoutLossAndWithoutViolations) {
    const std::filesystem::path folder = std::filesystem::path(SYSTOLICA_TEST_DIR) / "golden" / "dram" / "traces";
    const Program program;
    program.folder().write("one.yaml", kOneChannel);
    for (const char* name : {"seq_read", "seq_write", "mix50_random", "rand_read", "row_conflict_read",
                             "bank_interleave_read", "tile_fetch_read"}) {
        const std::string trace = (folder / (std::string(name) + ".trace.gz")).string();
        const Outcome outcome = program.run("dram one.yaml '" + trace + "' --json --no-progress");
        ASSERT_EQ(outcome.code, 0) << name << ": " << outcome.err;
        const Json out = Json::parse(outcome.out);
        EXPECT_EQ(out["requests"], 20'000) << name;
        EXPECT_EQ(out["bus_bytes"], 20'000 * 32) << name;
        EXPECT_EQ(out["timing_violations"], 0) << name;
        EXPECT_NEAR(out["refreshes"].get<double>(), std::floor(out["total_cycles"].get<double>() / 6246), 1) << name;
    }
}

} // namespace
} // namespace systolica
