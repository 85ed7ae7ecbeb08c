// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// mapping.split: pipeline, closed loop: every run checks its own books, the time obeys the bounds of a pipeline.

#include "acceptance_run.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>

namespace systolica {
namespace {

const std::string kPipeline = " --set mapping.split=pipeline";

// No division of the rows into contiguous stages has a slowest stage of fewer MACs: the least limit for which filling
// stage after stage needs no more than there are.
std::uint64_t least_macs_of_slowest_stage(const CsvTable& rows, std::size_t stages) {
    std::uint64_t low = 0, high = rows.sum("macs");
    while (low < high) {
        const std::uint64_t limit = (low + high) / 2;
        std::uint64_t filled = 0;
        std::size_t needed = 1;
        for (std::size_t i = 0; i < rows.rows(); ++i) {
            const std::uint64_t macs = rows.number(i, "macs");
            needed += macs > limit ? stages : filled + macs > limit ? 1 : 0;
            filled = filled + macs > limit ? macs : filled + macs;
        }
        needed <= stages ? high = limit : low = limit + 1;
    }
    return low;
}

class AcceptancePipeline : public ::testing::TestWithParam<std::string> {};

TEST_P(AcceptancePipeline, TimeIsAtLeastTheSlowestStageForEachImageAndGrowsWithImages) {
    std::uint64_t before = 0;
    std::uint64_t macs_of_one = 0;
    for (const std::uint64_t batch : {1u, 2u, 5u}) {
        SCOPED_TRACE(batch);
        const RunFiles run = run_files("edge_npu " + GetParam() + kPipeline + " --batch " + std::to_string(batch));
        const auto macs = run.summary["macs"].get<std::uint64_t>();
        macs_of_one = batch == 1 ? macs : macs_of_one;
        EXPECT_EQ(macs, batch * macs_of_one);
        EXPECT_GT(run.cycles(), before);
        EXPECT_GE(run.cycles() * 32 * 32, least_macs_of_slowest_stage(run.layers, 4));
        EXPECT_EQ(run.layers.sum("cycles"), run.cycles());
        before = run.cycles();
    }
}

// Stages work at the same time: five images take less than five times one.
TEST_P(AcceptancePipeline, ImagesOverlap) {
    const std::uint64_t one = run_cycles("edge_npu " + GetParam() + kPipeline);
    EXPECT_LT(run_cycles("edge_npu " + GetParam() + kPipeline + " --batch 5"), 5 * one * 9 / 10);
}

TEST_P(AcceptancePipeline, OneImageOnOneTileTakesWhatRowsTake) {
    EXPECT_EQ(run_cycles("single_tile " + GetParam() + kPipeline),
              run_cycles("single_tile " + GetParam() + " --set mapping.split=rows"));
}

INSTANTIATE_TEST_SUITE_P(Networks, AcceptancePipeline, ::testing::Values("lenet", "resnet18", "mobilenetv3_small"));

TEST(AcceptancePipelineTiles, MoreTilesThanGroupsLeaveSomeIdle) {
    const std::string tiles =
        "edge_npu lenet --batch 3 --set chip.tiles=64 --set chip.noc.columns=8 --set chip.noc.rows=8";
    const RunFiles run = run_files(tiles + kPipeline);
    EXPECT_EQ(run.summary["macs"].get<std::uint64_t>(),
              run_files("edge_npu lenet --batch 3").summary["macs"].get<std::uint64_t>());
}

TEST(AcceptancePipelineTiles, MicrobatchesReadTheWeightsLessOften) {
    const std::string run = "edge_npu resnet18 --batch 5" + kPipeline;
    const auto read = [&](const std::string& images) {
        return run_files(run + " --set mapping.microbatch=" + images)
            .summary["dram"]["read_bytes"]
            .get<std::uint64_t>();
    };
    // 11.7 million weights of a byte; five passes against three (2 + 2 + 1), of which activations do not change.
    EXPECT_GT(read("1"), read("2") + 11'000'000);
}

TEST(AcceptancePipelineTiles, WhatDoesNotGoWithItIsOneClearLine) {
    const auto refused = [](const std::string& arguments, const std::string& line) {
        const Outcome outcome = Program().run(arguments);
        EXPECT_EQ(outcome.code, 3);
        EXPECT_EQ(outcome.err, line + "\n");
    };
    refused(
        "run edge_npu lenet --set mapping.split=pipe",
        "--set mapping.split=pipe: mapping.split: expected one of auto, channels, rows, batch, pipeline, got 'pipe'");
    refused("run edge_npu lenet --set mapping.split=pipeline --set mapping.microbatch=0",
            "--set mapping.microbatch=0: mapping.microbatch: expected a whole number from 1 to 1000000, got '0'");
    refused("run edge_npu lenet --set mapping.microbatch=2",
            "--set mapping.microbatch=2: mapping.microbatch: expected this key only with mapping.split: pipeline, got "
            "it with split: auto");
    refused("run edge_npu lenet --set mapping.split=pipeline --set mapping.overlap=tile",
            "--set mapping.overlap=tile: mapping.overlap: expected overlap: layer with split: pipeline, got tile");
    refused("run edge_npu lenet --batch 5000 --set mapping.split=pipeline --set mapping.microbatch=1",
            "--set mapping.microbatch=1: mapping.microbatch: expected at least 2 with a batch of 5000, got 1");
    refused("run edge_npu lenet --mode training --set mapping.split=pipeline",
            "--set mapping.split=pipeline: mapping.split: expected auto, channels, rows or batch in training, got "
            "pipeline");
}

} // namespace
} // namespace systolica
