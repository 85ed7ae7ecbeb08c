// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// Fast-forward against the run without: cycles within the bound that docs/fast_forward.md states, bytes to the byte.

#include <gtest/gtest.h>

#include <cmath>
#include <ostream>

#include "acceptance_run.h"

namespace systolica {
namespace {

struct Case {
    const char* arguments;
    double cycles;    // largest error of the total
    double activates; // and of what is scaled
};

void PrintTo(const Case& c, std::ostream* out) {
    *out << c.arguments;
}

class FastForward : public testing::TestWithParam<Case> {};

double off(double got, double expected) {
    return std::abs(got / expected - 1);
}

TEST_P(FastForward, AgreesWithTheRunWithout) {
    const std::string run = std::string(GetParam().arguments) + " --mode training";
    const RunFiles full = run_files(run + " --fast-forward off");
    const RunFiles fast = run_files(run); // on by default; the program checks that bytes and buckets add up
    EXPECT_FALSE(full.summary.contains("fast_forward"));
    EXPECT_GT(fast.summary["fast_forward"]["paced_bytes"].get<std::uint64_t>(), 0u);
    EXPECT_GT(fast.summary["fast_forward"]["windows"].get<std::uint64_t>(), 0u);
    EXPECT_LT(fast.summary["fast_forward"]["paced_cycles"].get<std::uint64_t>(), fast.cycles());
    EXPECT_LT(off(static_cast<double>(fast.cycles()), static_cast<double>(full.cycles())), GetParam().cycles);
    EXPECT_EQ(fast.summary["macs"], full.summary["macs"]);
    for (const char* bytes : {"read_bytes", "write_bytes", "bus_bytes"}) {
        EXPECT_EQ(fast.summary["dram"][bytes], full.summary["dram"][bytes]) << bytes;
    }
    EXPECT_EQ(fast.summary["noc"]["bytes"], full.summary["noc"]["bytes"]);
    EXPECT_EQ(fast.summary["noc"]["packets"], full.summary["noc"]["packets"]);
    EXPECT_LT(off(fast.summary["dram"]["activates"].get<double>(), full.summary["dram"]["activates"].get<double>()),
              GetParam().activates);
    for (std::size_t row = 0; row < full.layers.rows(); ++row) {
        for (const char* column : {"dram_read_bytes", "dram_write_bytes", "sram_ifmap_reads", "sram_filter_reads"}) {
            ASSERT_EQ(fast.layers.number(row, column), full.layers.number(row, column))
                << full.layers.text(row, "name") << " " << column;
        }
    }
}

INSTANTIATE_TEST_SUITE_P(Networks, FastForward,
                         testing::Values(Case{"single_tile resnet18 --batch 2", 0.01, 0.15},
                                         Case{"edge_npu mobilenetv2 --batch 4", 0.01, 0.1},
                                         Case{"server_npu resnet50 --batch 2", 0.01, 0.1},
                                         Case{"server_npu resnet50 --batch 4", 0.01, 0.1}));

// What stands between the queues and the DMA may change the order of requests at one instant, and with it who comes
// first at a link: everything else is the same.
TEST(FastForwardRun, OperationsThatMoveLittleAreSimulatedWhole) {
    const RunFiles full = run_files("server_npu lenet --mode training --fast-forward off");
    const RunFiles fast = run_files("server_npu lenet --mode training");
    EXPECT_EQ(fast.summary["fast_forward"]["paced_bytes"].get<std::uint64_t>(), 0u);
    const auto cycles = full.summary["cycles"].get<double>();
    EXPECT_NEAR(fast.summary["cycles"].get<double>(), cycles, 0.001 * cycles);
    for (const char* count : {"read_bytes", "write_bytes", "bus_bytes"}) {
        EXPECT_EQ(fast.summary["dram"][count], full.summary["dram"][count]);
    }
    for (const char* count : {"bytes", "packets", "packet_hops"}) {
        EXPECT_EQ(fast.summary["noc"][count], full.summary["noc"][count]);
    }
}

TEST(FastForwardRun, IsTheSameEveryTime) {
    const std::string run = "single_tile resnet18 --mode training";
    const RunFiles first = run_files(run);
    const RunFiles second = run_files(run);
    EXPECT_EQ(first.summary, second.summary);
    EXPECT_EQ(first.layers_text, second.layers_text);
    EXPECT_EQ(first.stats_text, second.stats_text);
}

TEST(FastForwardRun, StatisticsOfTheTilesNameWhatWasPaced) {
    const RunFiles files = run_files("edge_npu resnet18 --mode training");
    const auto chip = nlohmann::json::parse(files.stats_text)["chip0"];
    std::uint64_t paced = 0;
    for (const char* tile : {"tile0", "tile1", "tile2", "tile3"}) {
        for (const char* direction : {"load", "store"}) {
            paced += chip[tile]["pacer"][direction]["paced_bytes"]["value"].get<std::uint64_t>();
        }
    }
    EXPECT_EQ(paced, files.summary["fast_forward"]["paced_bytes"].get<std::uint64_t>());
}

TEST(FastForwardRun, InferenceTakesItOnlyWhenAsked) {
    EXPECT_FALSE(run_files("edge_npu resnet18").summary.contains("fast_forward"));
    EXPECT_TRUE(run_files("edge_npu resnet18 --fast-forward on").summary.contains("fast_forward"));
}

TEST(FastForwardRun, WavesAndLooseTimingAreNeverPaced) {
    Program program;
    for (const std::string against : {"--vcd waves.vcd", "--timing lt"}) {
        const Outcome refused = program.run("run single_tile alexnet --fast-forward on " + against);
        EXPECT_EQ(refused.code, 2);
        EXPECT_NE(refused.err.find("--fast-forward: expected off with " + against.substr(0, 5)), std::string::npos)
            << refused.err;
    }
    const RunFiles lt = run_files("single_tile resnet18 --mode training --timing lt");
    EXPECT_FALSE(lt.summary.contains("fast_forward"));
}

TEST(FastForwardRun, OtherMemoriesThanAControllerAreSimulatedAsEver) {
    const std::string run = "single_tile resnet18 --mode training --set chip.dram.model=ideal";
    const RunFiles fast = run_files(run);
    EXPECT_FALSE(fast.summary.contains("fast_forward"));
    EXPECT_EQ(fast.summary, run_files(run + " --fast-forward off").summary);
}

} // namespace
} // namespace systolica
