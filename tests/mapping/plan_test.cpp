// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// Rules of whole plans that small networks show one by one.

#include <gtest/gtest.h>

#include "example_graphs.h"
#include "plan_checks.h"

namespace systolica {
namespace {

constexpr PadSizes kRoomy{65536, 65536, 65536, 65536};

MappingOptions with(Overlap overlap, bool keep_on_chip) {
    MappingOptions options;
    options.overlap = overlap;
    options.keep_on_chip = keep_on_chip;
    return options;
}

void check_all(const Graph& graph, const ChipConfig& chip, const MappingOptions& options) {
    const Plan plan = make_plan(graph, chip, options);
    check_plan(graph, plan, 1);
    check_memory(plan, 2);
}

// A group has 32 x 32 x 9 weights, more than 4 KiB of scratchpad hold at once: it is mapped group by group, in chunks.
Graph grouped_convolution() {
    Net net({1, 64, 8, 8}, 1);
    OperatorSpec spec;
    spec.name = "c";
    spec.inputs = {"input"};
    spec.out_channels = 64;
    spec.groups = 2;
    spec.window.kernel_h = spec.window.kernel_w = 3;
    net.add(spec);
    return net.finish();
}

TEST(Plan, GroupsOfAConvolutionFollowEachOtherUnderEveryOverlap) {
    const ChipConfig chip = example_chip(2, 8, Dataflow::ws, {4096, 4096, 4096, 4096});
    for (const Overlap overlap : {Overlap::layer, Overlap::tile, Overlap::none}) {
        SCOPED_TRACE(static_cast<int>(overlap));
        const Graph graph = grouped_convolution();
        EXPECT_EQ(make_plan(graph, chip, with(overlap, false)).groups.size(), 2u);
        check_all(graph, chip, with(overlap, false));
    }
}

TEST(Plan, PartsOfAConcatFollowEachOtherUnderEveryOverlap) {
    for (const Overlap overlap : {Overlap::layer, Overlap::tile, Overlap::none}) {
        SCOPED_TRACE(static_cast<int>(overlap));
        Net net({1, 8, 8, 8}, 1);
        net.conv("a", "input", 8);
        net.op(OpKind::concat, "both", {"a", "input"});
        check_all(net.finish(), example_chip(2, 8, Dataflow::ws, kRoomy), with(overlap, false));
    }
}

TEST(Plan, VectorWorkOnAnOlderTensorStillWaitsForTheOperationBefore) {
    for (const Overlap overlap : {Overlap::tile, Overlap::none}) {
        SCOPED_TRACE(static_cast<int>(overlap));
        Net net({1, 8, 8, 8}, 1);
        net.conv("a", "input", 8);
        net.conv("b", "a", 8, 3);
        net.op(OpKind::relu, "r", {"a"});
        check_all(net.finish(), example_chip(2, 8, Dataflow::ws, kRoomy), with(overlap, false));
    }
}

TEST(Plan, AResultThatIsOnlyKeptHoldsNobodyUp) {
    Net net({1, 8, 8, 8}, 1);
    net.conv("a", "input", 8);
    net.op(OpKind::relu, "r", {"a"});
    net.conv("b", "r", 8);
    const Graph graph = net.finish();
    for (const Overlap overlap : {Overlap::layer, Overlap::tile, Overlap::none}) {
        SCOPED_TRACE(static_cast<int>(overlap));
        check_all(graph, example_chip(1, 8, Dataflow::ws, kRoomy), with(overlap, true));
    }
}

// The middle convolution reads a quarter of what the first one left on chip, but all of it stays there until the end.
TEST(Plan, AKeptInputTakesAllOfItsRoomWhateverIsReadOfIt) {
    Net net({1, 8, 8, 8}, 1);
    net.conv("a", "input", 16);
    net.op(OpKind::relu, "ra", {"a"});
    OperatorSpec spec;
    spec.name = "b";
    spec.inputs = {"ra"};
    spec.out_channels = 32;
    spec.window.stride_h = spec.window.stride_w = 2;
    net.add(spec);
    net.op(OpKind::relu, "rb", {"b"});
    net.conv("c", "rb", 16);
    const Graph graph = net.finish();
    for (std::uint64_t ifmap = 512; ifmap <= 4096; ifmap += 64) {
        SCOPED_TRACE(ifmap);
        check_all(graph, example_chip(1, 8, Dataflow::ws, {ifmap, 16384, 16384, 16384}), with(Overlap::layer, true));
        if (HasFailure()) {
            return;
        }
    }
}

TEST(Plan, WindowsWithGapsAndPaddingRunInTheScratchpadsTheyAreMappedTo) {
    // 2x2 windows every 4 pixels; the last one has a column in the padding, so the run of columns is not broken.
    Net net({1, 4, 1, 5}, 1);
    OperatorSpec spec;
    spec.name = "c";
    spec.inputs = {"input"};
    spec.out_channels = 8;
    spec.window.kernel_h = spec.window.kernel_w = 2;
    spec.window.stride_h = spec.window.stride_w = 4;
    spec.window.pad_bottom = spec.window.pad_right = 1;
    net.add(spec);
    const Graph graph = net.finish();
    for (std::uint64_t ifmap = 4; ifmap <= 24; ++ifmap) {
        SCOPED_TRACE(ifmap);
        check_all(graph, example_chip(1, 8, Dataflow::ws, {ifmap, 4096, 4096, 4096}), with(Overlap::layer, false));
        if (HasFailure()) {
            return;
        }
    }
}

TEST(Plan, RowsInTheMiddleOfTheImageNeedMoreThanThoseAtItsEdge) {
    // 3x3 with padding over four tiles: the first share's windows are cut off by the padding, the second's are not.
    Net net({1, 8, 8, 8}, 1);
    net.conv("c", "input", 64, 3);
    const Graph graph = net.finish();
    for (std::uint64_t ifmap = 16; ifmap <= 512; ifmap += 8) {
        SCOPED_TRACE(ifmap);
        MappingOptions options = with(Overlap::layer, false);
        options.split = Split::rows;
        options.objective = Objective::traffic;
        check_all(graph, example_chip(4, 8, Dataflow::ws, {ifmap, 1024, 4096, 4096}), options);
        if (HasFailure()) {
            return;
        }
    }
}

} // namespace
} // namespace systolica
