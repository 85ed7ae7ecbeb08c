// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// `systolica dram` on one channel of LPDDR4-3200 against closed forms of its timing table (JESD209-4): RL 28, WL 14,
// BL/2 8, tRCD 29, tRPpb 29, tRAS 68, tRFCab 448, tREFI 6246 CK of 0.625 ns.

#include "program.h"

#include <nlohmann/json.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

namespace systolica {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kOneChannel =
    "base: edge_npu\nname: one\nchip: {dram: {part: lpddr4-3200, channels: 1, page_policy: open}}\n";
constexpr std::uint64_t kRow = 2048 * 8; // from a row to the next one of the same bank

std::string hex(std::uint64_t address) {
    std::ostringstream text;
    text << "0x" << std::hex << address;
    return text.str();
}

class DramCommand : public ::testing::Test {
protected:
    DramCommand() { program.folder().write("one.yaml", kOneChannel); }

    Json replay(const std::string& trace, const std::string& options = "") {
        program.folder().write("t.trace", trace);
        const Outcome outcome = program.run("dram one.yaml t.trace --json " + options);
        EXPECT_EQ(outcome.code, 0) << outcome.err;
        EXPECT_EQ(outcome.err, "");
        return outcome.code == 0 ? Json::parse(outcome.out) : Json();
    }

    Program program;
};

TEST_F(DramCommand, IsolatedReadsTakeTheirClosedForms) {
    const std::string closed = "R 0x0 @0\n";
    const std::string hit = closed + "R 0x20 @1000\n";
    const std::string conflict = closed + "R " + hex(kRow) + " @1000\n";
    EXPECT_EQ(replay(closed)["total_cycles"], 29 + 28 + 8);
    EXPECT_EQ(replay(hit)["total_cycles"], 1000 + 28 + 8);
    EXPECT_EQ(replay(conflict)["total_cycles"], 1000 + 29 + 29 + 28 + 8);
    const Json out = replay(conflict);
    EXPECT_EQ(out["avg_read_latency_ck"], (65.0 + 94.0) / 2);
    EXPECT_EQ(out["read_latency_ck"]["p50"], 65);
    EXPECT_EQ(out["read_latency_ck"]["max"], 94);
    EXPECT_EQ(out["activates"], 2);
    EXPECT_EQ(out["precharges"], 1);
    EXPECT_EQ(out["row_hit_rate"], 0.0);
    EXPECT_EQ(replay(hit)["row_hit_rate"], 0.5); // 1 - ACT / RD
}

TEST_F(DramCommand, TheDeclaredFrontEndIsAddedToEveryLatency) {
    // 10 ns are 16 clocks
    const Json out = replay("R 0x0 @0\nR 0x20 @1000\n", "--set chip.dram.frontend_latency_ns=10");
    EXPECT_EQ(out["avg_read_latency_ck"], (65 + 36) / 2.0 + 16);
}

TEST_F(DramCommand, AnIsolatedWriteEndsWithItsLastDataBeat) {
    const Json out = replay("W 0x0 @0\n");
    EXPECT_EQ(out["total_cycles"], 29 + 14 + 8);
    EXPECT_EQ(out["avg_write_latency_ck"], 51.0);
    EXPECT_EQ(out["avg_read_latency_ck"], 0.0);
    EXPECT_EQ(out["write_bytes"], 32);
}

// Every row in its turn: ACT to ACT of one bank takes tRC = tRAS + tRPpb = 97, whatever waits.
TEST_F(DramCommand, RowConflictsTakeARowCycleEach) {
    std::string trace;
    for (unsigned i = 0; i < 200; ++i) {
        trace += "R " + hex(i * kRow) + "\n";
    }
    const Json out = replay(trace, "--set chip.dram.refresh=none");
    EXPECT_EQ(out["total_cycles"], 199 * 97 + 65);
    EXPECT_EQ(out["activates"], 200);
    EXPECT_EQ(out["refreshes"], 0);
}

// At best a refresh, tRFCab of every tREFI, and the time to close the rows before and to open one after it are lost.
TEST_F(DramCommand, ASequentialStreamReachesThePeakLessRefresh) {
    std::string trace;
    for (unsigned i = 0; i < 30'000; ++i) {
        trace += "R " + hex(i * 32) + "\n";
    }
    const Json out = replay(trace);
    const double peak = 6.4;
    EXPECT_EQ(out["peak_gb_per_s"], peak);
    EXPECT_LT(out["bandwidth_gb_per_s"], peak * (1 - 448.0 / 6246));
    EXPECT_GT(out["bandwidth_gb_per_s"], peak * (1 - (448.0 + 12 + 34 + 29 + 36) / 6246));
    const auto cycles = out["total_cycles"].get<double>();
    EXPECT_NEAR(out["refreshes"].get<double>(), std::floor(cycles / 6246), 1);
    EXPECT_EQ(out["bus_bytes"], 30'000 * 32);
    EXPECT_NEAR(out["bandwidth_gb_per_s"].get<double>(), 30'000 * 32 / (cycles * 0.625), 1e-9);
    EXPECT_EQ(out["timing_violations"], 0);
}

TEST_F(DramCommand, IdleTimeIsRefreshedToo) {
    const Json out = replay("R 0x0 @0\nR 0x0 @1000000\n");
    EXPECT_NEAR(out["refreshes"].get<double>(), std::floor(1e6 / 6246), 1);
    EXPECT_EQ(out["timing_violations"], 0);
}

// Channel 1 of two is never asked: it owes its refreshes all the same.
TEST_F(DramCommand, AChannelWithoutRequestsIsRefreshedToo) {
    program.folder().write("t.trace", "R 0x0 @0\nR 0x0 @1000000\n");
    const Outcome outcome = program.run("dram edge_npu t.trace --json");
    EXPECT_EQ(outcome.code, 0) << outcome.err;
    const Json out = Json::parse(outcome.out);
    EXPECT_NEAR(out["refreshes"].get<double>(), 2 * std::floor(1e6 / 6246), 2);
    EXPECT_EQ(out["timing_violations"], 0);
}

TEST_F(DramCommand, AnArrivalIntervalOverridesTheClocksOfTheFile) {
    const std::string trace = "R 0x0 @0\nR 0x20 @7\nR 0x40 @9\n";
    EXPECT_EQ(replay(trace, "--arrival 500")["total_cycles"], 2 * 500 + 36);
    EXPECT_EQ(replay(trace, "--arrival 0")["total_cycles"], 65 + 2 * 8); // one burst after the other
}

TEST_F(DramCommand, RepeatedPassesAreOneSimulation) {
    const std::string trace = "R 0x0\nR 0x20 64\nW 0x80\n";
    const Json once = replay(trace, "--arrival 500");
    const Json thrice = replay(trace, "--arrival 500 --repeat 3");
    for (const char* key : {"requests", "reads", "writes", "read_bytes", "write_bytes", "bus_bytes"}) {
        EXPECT_EQ(thrice[key].get<std::uint64_t>(), 3 * once[key].get<std::uint64_t>()) << key;
    }
    EXPECT_EQ(thrice["host"]["transactions"], 9);
    EXPECT_EQ(thrice["total_cycles"], 8 * 500 + 14 + 8); // the last write, a row hit
    // Clocks of the file: the second pass begins where the first would have had its next clock.
    EXPECT_EQ(replay("R 0x0 @0\nR 0x20 @499\n", "--repeat 3")["total_cycles"], 1000 + 499 + 36);
}

TEST_F(DramCommand, LooselyTimedIsolatedReadsAreTheSame) {
    const std::string trace = "R 0x0 @0\nR 0x20 @1000\nR " + hex(kRow) + " @2000\n";
    const Json out = replay(trace, "--timing lt");
    EXPECT_EQ(out["timing"], "lt");
    EXPECT_EQ(out["total_cycles"], 2000 + 94);
    EXPECT_EQ(out["avg_read_latency_ck"], (65 + 36 + 94) / 3.0);
}

// 512 bytes from 0x80 lie in three blocks of two channels.
TEST_F(DramCommand, SeveralChannelsShareWhatLeavesABlock) {
    program.folder().write("t.trace", "R 0x80 512 @0\nR 0x80 512 @1000\n");
    const Outcome outcome = program.run("dram edge_npu t.trace --json");
    ASSERT_EQ(outcome.code, 0) << outcome.err;
    const Json out = Json::parse(outcome.out);
    EXPECT_EQ(out["requests"], 2);
    EXPECT_EQ(out["read_bytes"], 1024);
    EXPECT_EQ(out["bus_bytes"], 1024);
    EXPECT_EQ(out["activates"], 2);
    EXPECT_EQ(out["host"]["transactions"], 6);
    EXPECT_EQ(out["peak_gb_per_s"], 12.8);
    EXPECT_EQ(out["read_latency_ck"]["max"], 29 + 28 + 8 * 8); // channel 0 and 1 both move 256 bytes
}

TEST_F(DramCommand, PlainAndGzipGiveTheSameBytes) {
    program.folder().write("t.trace", "R 0x0\nW 0x40 64\nR 0x12340 @50\n");
    ASSERT_EQ(std::system(("gzip -k '" + program.folder().file("t.trace") + "'").c_str()), 0);
    Json plain = Json::parse(program.run("dram one.yaml t.trace --json").out);
    Json packed = Json::parse(program.run("dram one.yaml t.trace.gz --json").out);
    EXPECT_EQ(plain["trace"], "t.trace");
    plain.erase("host");
    packed.erase("host");
    EXPECT_EQ(plain.dump(), packed.dump());
}

TEST_F(DramCommand, TheCheckCanBeLeftOut) {
    EXPECT_EQ(replay("R 0x0\n")["timing_violations"], 0);
    EXPECT_TRUE(replay("R 0x0\n", "--check off")["timing_violations"].is_null());
}

TEST_F(DramCommand, PrintsAHeadlineAndATable) {
    program.folder().write("t.trace", "R 0x0\nW 0x20\n");
    const Outcome whole = program.run("dram one.yaml t.trace");
    EXPECT_EQ(whole.code, 0) << whole.err;
    EXPECT_EQ(whole.out.rfind("t.trace on one: 2 requests in ", 0), 0u) << whole.out;
    EXPECT_NE(whole.out.find("1 RD, 1 WR, 1 ACT"), std::string::npos) << whole.out;
    const Outcome quiet = program.run("dram one.yaml t.trace -q");
    EXPECT_EQ(quiet.out.find("1 RD"), std::string::npos);
    EXPECT_EQ(whole.out.rfind(quiet.out, 0), 0u);
}

TEST_F(DramCommand, EveryMistakeOfTheUserIsOneLine) {
    program.folder().write("good", "R 0x0\n");
    program.folder().write("bad", "R 0x0\nR 20\n");
    program.folder().write("late", "R 0x0 @1000000000000\n");
    struct Case {
        const char* arguments;
        int code;
        const char* message;
    };
    const Case cases[] = {
        {"one.yaml bad", 3, "bad:2:3: trace: expected a byte address such as 0x1f40, got '20'\n"},
        {"one.yaml missing", 3, "missing: trace: expected a trace file that can be read, got: No such file"},
        {"one.yaml .", 3, ".: trace: expected a trace file, got a directory\n"},
        {"nothing good", 3, "nothing: expected a platform file or a bundled platform name, got 'nothing'"},
        {"one.yaml good --set chip.dram.model=ideal", 3, "chip.dram.model: expected controller, got "},
        {"one.yaml", 2, "systolica: dram: expected PLATFORM TRACE, got 'one.yaml'"},
        {"one.yaml good --arrival -1", 2, "--arrival: expected a whole number from 0 to "},
        {"one.yaml good --repeat 0", 2, "--repeat: expected a whole number from 1 to "},
        {"one.yaml good --check maybe", 2, "--check: expected on or off, got 'maybe'"},
        {"one.yaml good --timing fast", 2, "--timing: expected at or lt, got 'fast'"},
        {"one.yaml good --commands", 2, "--commands: expected together with --out DIR, got no --out"},
        {"one.yaml good --window 5", 2, "--window: expected together with --out DIR, got no --out"},
        {"one.yaml good --arival 1", 2, "did you mean '--arrival'?"},
        {"one.yaml late --repeat 100000", 2, "expected a last offer within 53 days of simulated time"},
        {"one.yaml good --trace-to 5us", 2, "--trace-to: expected together with --vcd FILE, got no --vcd"},
        {"one.yaml good --vcd w --trace-from 2us --trace-to 1us", 2, "--trace-to: expected a time after --trace-from"},
        {"one.yaml good --vcd no/folder/w", 2, "no/folder/w: expected a file that can be written, got: No such file"},
        {"one.yaml good --out r --vcd r/w", 2, "--vcd: expected a file outside of --out r, got 'r/w'\n"},
        {"one.yaml good --out r/ --vcd ./r/../r/w", 2, "--vcd: expected a file outside of --out r/, got "},
        {"one.yaml good --out one.yaml", 2, "one.yaml: expected a new name or a former result"},
    };
    for (const Case& c : cases) {
        const Outcome outcome = program.run(std::string("dram ") + c.arguments);
        EXPECT_EQ(outcome.code, c.code) << c.arguments << ": " << outcome.err;
        EXPECT_NE(outcome.err.find(c.message), std::string::npos) << c.arguments << ": " << outcome.err;
        EXPECT_EQ(std::count(outcome.err.begin(), outcome.err.end(), '\n'), 1) << outcome.err;
        EXPECT_EQ(outcome.out, "");
    }
}

} // namespace
} // namespace systolica
