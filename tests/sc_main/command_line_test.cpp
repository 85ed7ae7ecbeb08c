// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "sc_main/command_line.h"

#include "program.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace systolica {
namespace {

TEST(TimeText, IsANumberAndAUnit) {
    const struct {
        const char* text;
        std::uint64_t ps;
    } cases[] = {{"7ps", 7},
                 {"500ns", 500'000},
                 {"10us", 10'000'000},
                 {"3ms", 3'000'000'000},
                 {"2s", 2'000'000'000'000},
                 {"1.5us", 1'500'000},
                 {"0ns", 0},
                 {"1e3ns", 1'000'000}};
    for (const auto& c : cases) {
        std::uint64_t ps = 1;
        EXPECT_TRUE(parse_time_ps(c.text, ps)) << c.text;
        EXPECT_EQ(ps, c.ps) << c.text;
    }
}

TEST(TimeText, AnythingElseIsNone) {
    std::uint64_t ps = 0;
    for (const char* text : {"", "5", "us", "-1us", "1 us", "1xs", "nans", "inf s", "1e9s", "1us2", "1US"}) {
        EXPECT_FALSE(parse_time_ps(text, ps)) << "'" << text << "'";
    }
}

TEST(OneLine, HasNoBreaksAndNoControlCharacters) {
    EXPECT_EQ(one_line("a\nb\r\n\tc\x1b"), "a b c ");
}

// Exit code 2, one line on stderr, nothing on stdout.
TEST(CommandLine, WrongUsageIsOneLineThatHelps) {
    const struct {
        const char* arguments;
        const char* expected;
    } cases[] = {
        {"rnu", "systolica: expected a command, got 'rnu' (did you mean 'run'?); 'systolica --help' lists them\n"},
        {"run edge_npu",
         "systolica: run: expected PLATFORM WORKLOAD, got 'edge_npu'; 'systolica run --help' explains\n"},
        {"run a b c", "systolica: run: expected PLATFORM WORKLOAD, got 'a' 'b' 'c'; 'systolica run --help' explains\n"},
        {"run edge_npu lenet --bach 4",
         "systolica: run: expected a known option, got '--bach' (did you mean '--batch'?)\n"},
        {"run edge_npu lenet --batc 4",
         "systolica: run: expected a known option, got '--batc' (did you mean '--batch'?)\n"},
        {"run edge_npu lenet --batch", "systolica: run: the required argument for option '--batch' is missing\n"},
        {"run edge_npu lenet --batch 0",
         "systolica: run: --batch: expected a whole number from 1 to 1000000, got '0'\n"},
        {"run edge_npu lenet --batch 4x",
         "systolica: run: --batch: expected a whole number from 1 to 1000000, got '4x'\n"},
        {"run edge_npu lenet --timing lx",
         "systolica: run: --timing: expected at or lt, got 'lx' (did you mean 'lt'?)\n"},
        {"run edge_npu lenet --mode trainin",
         "systolica: run: --mode: expected inference or training, got 'trainin' (did you mean 'training'?)\n"},
        {"run edge_npu lenet --time-limit 5",
         "systolica: run: --time-limit: expected a time such as 500ns, 10us or 3ms, got '5'\n"},
        {"run edge_npu lenet --time-limit 0us", "systolica: run: --time-limit: expected a time above 0, got '0us'\n"},
        {"run edge_npu lenet --trace-from 1us",
         "systolica: run: --trace-from: expected together with --vcd FILE, got no --vcd\n"},
        {"run edge_npu lenet --vcd a.vcd --trace-from 2us --trace-to 1us",
         "systolica: run: --trace-to: expected a time after --trace-from, got '1us'\n"},
        {"run edge_npu lenet --vcd no/such/folder/a.vcd",
         "systolica: no/such/folder/a.vcd: expected a file that can be written, got: No such file or directory\n"},
        {"list platform", "systolica: list: expected platforms, workloads or params, got 'platform' "
                          "(did you mean 'platforms'?)\n"},
        {"list platforms --schema", "systolica: list: --schema: expected with params, got 'platforms'\n"},
        {"show edge_npu --csv", "systolica: show: --csv: expected with a workload, got the platform 'edge_npu'\n"},
        {"show lenet --set a=1", "systolica: show: --set: expected with a platform, got the workload 'lenet'\n"},
        {"bench fast", "systolica: bench: expected no arguments, got 'fast'; 'systolica bench --help' explains\n"},
    };
    const Program program;
    for (const auto& c : cases) {
        const Outcome outcome = program.run(c.arguments);
        EXPECT_EQ(outcome.code, 2) << c.arguments;
        EXPECT_EQ(outcome.err, c.expected) << c.arguments;
        EXPECT_EQ(outcome.out, "") << c.arguments;
    }
    EXPECT_EQ(program.folder().entries(), 0u); // and nothing is left
}

// Exit code 3; the problems of both files are shown, each on its line.
TEST(CommandLine, BadInputShowsEveryProblem) {
    const Program program;
    program.folder().write("bad.yaml", "name: x\ntile:\n  pe_array: {row: 32, cols: 0}\n");
    program.folder().write("bad.csv", "name,M,N,K\nl1,1,x,3\n");
    for (const char* command : {"check", "run"}) {
        const Outcome outcome = program.run(std::string(command) + " bad.yaml bad.csv");
        EXPECT_EQ(outcome.code, 3);
        EXPECT_EQ(outcome.out, "");
        EXPECT_NE(outcome.err.find("bad.yaml:3:14: tile.pe_array.row: expected"), std::string::npos) << outcome.err;
        EXPECT_NE(outcome.err.find("bad.yaml:3:29: tile.pe_array.cols: expected"), std::string::npos) << outcome.err;
        EXPECT_NE(outcome.err.find("bad.csv:2:6:"), std::string::npos) << outcome.err;
        EXPECT_EQ(std::count(outcome.err.begin(), outcome.err.end(), '\n'), 3) << outcome.err;
    }
}

TEST(CommandLine, HelpAndVersionGoToStdout) {
    const Program program;
    for (const char* arguments : {"", "--help", "run --help", "check --help", "show --help", "list --help",
                                  "schedule --help", "collective --help", "scale --help", "bench -h"}) {
        const Outcome outcome = program.run(arguments);
        EXPECT_EQ(outcome.code, 0) << arguments;
        EXPECT_NE(outcome.out.find("usage: systolica"), std::string::npos) << arguments;
        EXPECT_EQ(outcome.err, "") << arguments;
    }
    const Outcome version = program.run("--version");
    EXPECT_EQ(version.out.rfind("systolica ", 0), 0u);
    EXPECT_NE(version.out.find("SystemC"), std::string::npos);
    EXPECT_EQ(version.err, "");
}

TEST(CommandLine, AFullDiskUnderStdoutIsAnError) {
    const Program program;
    const Outcome outcome = program.run("list platforms > /dev/full 2> err; echo $? > code; true");
    EXPECT_EQ(program.folder().read("code"), "1\n");
    EXPECT_EQ(program.folder().read("err"), "systolica: standard output: cannot be written\n");
}

} // namespace
} // namespace systolica
