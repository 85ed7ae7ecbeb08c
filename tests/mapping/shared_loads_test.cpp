// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// Which loads tiles share. That programs with shared loads end whatever the order, and that bytes are counted once, is
// checked for random plans, too (random_plans_test.cpp).
#include "mapping/shared_loads.h"

#include <gtest/gtest.h>

#include "example_graphs.h"
#include "interpreter.h"
#include "plan_checks.h"

namespace systolica {
namespace {

constexpr PadSizes kRoomy{65536, 65536, 65536, 65536};

ChipConfig chip_with(unsigned tiles, bool multicast = true) {
    ChipConfig chip = example_chip(tiles, 8, Dataflow::ws, kRoomy);
    chip.noc.virtual_channels = 4;
    chip.noc.multicast = multicast;
    return chip;
}

// 16 x 16 pixels, 16 channels to 32 of 3 x 3: 4608 bytes of weights, 4096 of input, both of which fit.
Graph convolution() {
    Net net({1, 16, 16, 16}, 1);
    net.conv("c", "input", 32, 3);
    return net.finish();
}

constexpr std::uint64_t kWeights = 16 * 32 * 9;
constexpr std::uint64_t kInput = 16 * 16 * 16;

MappingOptions split_by(Split split) {
    MappingOptions options;
    options.split = split;
    options.objective = Objective::traffic; // nothing is loaded again for the sake of time
    return options;
}

TEST(SharedLoads, WeightsAreReadOnceWhereTilesDifferInRows) {
    const Graph graph = convolution();
    const Plan plan = make_plan(graph, chip_with(4), split_by(Split::rows));
    // Each of the four has four rows and the halo: 5, 6, 6 and 5 rows of input.
    EXPECT_EQ(plan.dram_read_bytes(), kWeights + 22 * 16 * 16);
    EXPECT_TRUE(plan.operations[0].shares_loads);
    check_plan(graph, plan, 1);
}

TEST(SharedLoads, InputsAreReadOnceWhereTilesDifferInChannels) {
    const Graph graph = convolution();
    const Plan plan = make_plan(graph, chip_with(4), split_by(Split::channels));
    EXPECT_EQ(plan.dram_read_bytes(), kWeights + kInput);
    check_plan(graph, plan, 1);
}

TEST(SharedLoads, NothingIsSharedWhereTheNetworkCannotOrTheOptionsForbid) {
    const Graph graph = convolution();
    EXPECT_EQ(make_plan(graph, chip_with(4, false), split_by(Split::rows)).dram_read_bytes(),
              4 * kWeights + 22 * 16 * 16);
    MappingOptions apart = split_by(Split::rows);
    apart.share_loads = false;
    const Plan plan = make_plan(graph, chip_with(4), apart);
    EXPECT_EQ(plan.dram_read_bytes(), 4 * kWeights + 22 * 16 * 16);
    EXPECT_FALSE(plan.operations[0].shares_loads);
}

TEST(SharedLoads, ATileWithFewerRowsLeavesTheLaterRoundsToTheOthers) {
    const std::vector<std::uint64_t> alike(4, 0);
    const SharedLoads loads({3, 0, 2, 3}, alike);
    EXPECT_EQ(loads.sharers(0, 0), 3u);
    EXPECT_EQ(loads.sharers(3, 2), 2u);
    EXPECT_EQ(loads.sharers(0, 3), 0u);
    EXPECT_FALSE(loads.follows(0, 0));
    EXPECT_TRUE(loads.follows(2, 1));
    const SharedLoads last({2, 3, 3}, alike);
    EXPECT_FALSE(last.follows(1, 2)); // the first of those that are left
    EXPECT_TRUE(last.follows(2, 2));
}

TEST(SharedLoads, TilesShareWithThoseThatHaveTheSameTerms) {
    const SharedLoads loads({2, 2, 2, 1}, {0, 32, 0, 32});
    EXPECT_EQ(loads.sharers(0, 1), 2u);
    EXPECT_EQ(loads.sharers(1, 1), 1u);
    EXPECT_FALSE(loads.follows(1, 0));
    EXPECT_TRUE(loads.follows(3, 0));
}

// Depthwise: each tile needs its own channels of the input only.
TEST(SharedLoads, ChannelsOfADepthwiseConvolutionAreNotShared) {
    Net net({1, 32, 8, 8}, 1);
    OperatorSpec spec;
    spec.name = "d";
    spec.inputs = {"input"};
    spec.depthwise = true;
    spec.out_channels = 32;
    spec.window.kernel_h = spec.window.kernel_w = 3;
    net.add(spec);
    const Graph graph = net.finish();
    const Plan plan = make_plan(graph, chip_with(4), split_by(Split::channels));
    EXPECT_EQ(plan.dram_read_bytes(), 32u * 64 + 32 * 9);
    EXPECT_FALSE(plan.operations[0].shares_loads);
}

// 7 rows on 4 tiles, weights that do not stay: tiles with two rows load them more often than the one with one.
TEST(SharedLoads, UnevenSharesOfLayersWithWeightsThatDoNotStayEnd) {
    Net net({1, 64, 7, 7}, 1);
    net.conv("c", "input", 64, 3);
    const Graph graph = net.finish();
    ChipConfig chip = example_chip(4, 8, Dataflow::ws, {2048, 2048, 2048, 2048});
    chip.noc.virtual_channels = 4;
    const Plan plan = make_plan(graph, chip, split_by(Split::rows));
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
        check_plan(graph, plan, seed);
        Interpreter interpreter(plan, seed);
        interpreter.run();
        EXPECT_GT(interpreter.shared_loads, 0u);
    }
}

} // namespace
} // namespace systolica
