// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// What the search finds: the least that a layer needs, and that more room never costs.

#include <gtest/gtest.h>

#include "base/diagnostics.h"
#include "example_graphs.h"
#include "mapping/plan.h"
#include "mapping/search.h"
#include "random_layers.h"

namespace systolica {
namespace {

// 3x3 over 8x8 pixels, 8 to 16 channels with bias, on an 8x8 array. The smallest step: one pixel of 8 channels, one
// input channel at a time.
Graph convolution() {
    Net net({1, 8, 8, 8}, 1);
    OperatorSpec spec;
    spec.name = "c";
    spec.inputs = {"input"};
    spec.out_channels = 16;
    spec.bias = true;
    spec.window.kernel_h = spec.window.kernel_w = 3;
    spec.window.pad_top = spec.window.pad_left = spec.window.pad_bottom = spec.window.pad_right = 1;
    net.add(spec);
    net.op(OpKind::relu, "r", {"c"});
    return net.finish();
}

constexpr PadSizes kLeast{
    3 * 3,             // window
    8 * 3 * 3 + 8 * 4, // weights and biases
    8 * 4,             // sums
    2 * 8,             // a half: results
};

std::string refusal(const Graph& graph, const PadSizes& bytes) {
    try {
        make_plan(graph, example_chip(1, 8, Dataflow::ws, bytes), {});
    } catch (const InputError& error) {
        return error.problems().text();
    }
    return "";
}

TEST(Shortfall, TheSmallestStepFits) {
    EXPECT_EQ(refusal(convolution(), kLeast), "");
}

TEST(Shortfall, NamesTheBufferAndTheBytesThatItLacks) {
    const auto expect = [](PadSizes bytes, const std::string& pad, std::uint64_t lacks) {
        const std::string text = refusal(convolution(), bytes);
        EXPECT_NE(text.find(pad + " scratchpad lacks " + std::to_string(lacks) + " bytes"), std::string::npos) << text;
        EXPECT_NE(text.find("c:"), std::string::npos) << "names no layer: " << text;
    };
    PadSizes bytes = kLeast;
    bytes.ifmap -= 1;
    expect(bytes, "ifmap", 1);
    bytes = kLeast;
    bytes.filter -= 4;
    expect(bytes, "filter", 4);
    bytes = kLeast;
    bytes.ofmap = 8;
    expect(bytes, "ofmap", 24);
    bytes = kLeast;
    bytes.vector -= 2;
    expect(bytes, "vector", 1);
}

TEST(Shortfall, OfAGlobalPoolIsItsWindow) {
    Net net({1, 4, 6, 6}, 1);
    net.op(OpKind::global_avg_pool, "g", {"input"});
    const Graph graph = net.finish();
    EXPECT_EQ(refusal(graph, {1, 1, 1, 72}), ""); // a channel of 36 bytes in one half
    EXPECT_NE(refusal(graph, {1, 1, 1, 60}).find("vector scratchpad lacks 6 bytes"), std::string::npos);
}

TEST(Shortfall, OfSoftmaxIsAllChannels) {
    Net net({1, 100, 1, 1}, 1);
    net.op(OpKind::softmax, "s", {"input"});
    const Graph graph = net.finish();
    EXPECT_EQ(refusal(graph, {1, 1, 1, 200}), "");
    EXPECT_NE(refusal(graph, {1, 1, 1, 150}).find("vector scratchpad lacks 25 bytes"), std::string::npos);
}

TEST(Shortfall, EveryLayerThatDoesNotFitIsNamed) {
    Net net({1, 8, 8, 8}, 1);
    net.conv("one", "input", 8, 3);
    net.conv("two", "one", 8, 1);
    net.conv("three", "two", 8, 3);
    try {
        make_plan(net.finish(), example_chip(1, 8, Dataflow::ws, {4, 1024, 1024, 1024}), {});
        FAIL() << "4 bytes hold no 3x3 window";
    } catch (const InputError& error) {
        ASSERT_EQ(error.problems().list().size(), 2u);
        EXPECT_EQ(error.problems().list()[0].key, "one");
        EXPECT_EQ(error.problems().list()[1].key, "three");
    }
}

TEST(Shortfall, AGroupedConvolutionMayFitGroupByGroup) {
    // All groups of one block at once are 2 x 9 x 16 weights; a group on its own can be cut into chunks.
    Net net({1, 64, 8, 8}, 1);
    OperatorSpec spec;
    spec.name = "c";
    spec.inputs = {"input"};
    spec.out_channels = 64;
    spec.groups = 2;
    spec.window.kernel_h = spec.window.kernel_w = 3;
    net.add(spec);
    const Graph graph = net.finish();
    EXPECT_EQ(refusal(graph, {32, 32 * 3 * 3, 1024, 64}), "");
}

struct Growth {
    std::uint64_t compared = 0;
    std::uint64_t worse = 0;
    std::string first;
};

// Grows one scratchpad at a time and compares what the search promises.
void grow(const Layer& layer, ChipConfig chip, const MappingOptions& options, const std::string& what, Growth& growth) {
    const bool traffic = options.objective == Objective::traffic;
    const double margin = traffic ? 1.0 : 1.01;
    for (std::size_t pad = 0; pad < kPads; ++pad) {
        ChipConfig grown = chip;
        double before = -1;
        for (int doubling = 0; doubling < 14; ++doubling) {
            const Choice choice = choose_tiling(layer, grown, options);
            if (!choice.shortfall.empty()) {
                EXPECT_LT(before, 0) << "fitted a smaller " << pad_name(static_cast<Pad>(pad)) << ": " << what;
                grown.tile.scratchpad[pad].capacity_bytes *= 2;
                continue;
            }
            const double now = traffic ? static_cast<double>(choice.cost.traffic_bytes) : choice.cost.cycles;
            if (before >= 0) {
                ++growth.compared;
                if (now > before * margin) {
                    ++growth.worse;
                    if (growth.first.empty()) {
                        growth.first = what + ": " + std::to_string(before) + " becomes " + std::to_string(now) +
                                       " with " + pad_name(static_cast<Pad>(pad)) + " " +
                                       std::to_string(grown.tile.scratchpad[pad].capacity_bytes);
                    }
                }
            }
            before = now;
            grown.tile.scratchpad[pad].capacity_bytes *= 2;
        }
    }
}

Layer realistic_layer(RandomNumbers& random) {
    Layer layer;
    layer.matrix = true;
    layer.bias = random.flip();
    layer.in_channels = 8 * random.between(1, 64);
    layer.out_channels = 8 * random.between(1, 64);
    const std::uint64_t kernel = random.pick<std::uint64_t>({1, 3, 5});
    const std::uint64_t in = random.pick<std::uint64_t>({7, 14, 28, 56});
    const std::uint64_t stride = random.one_in(3) ? 2 : 1;
    layer.rows = layer.columns = {in, (in - 1) / stride + 1, kernel, stride, 1, kernel / 2};
    layer.stages = {{VectorKernel::relu, 1, 0}};
    return layer;
}

Growth grow_random_layers(const MappingOptions& options, std::uint64_t layers) {
    Growth growth;
    for (std::uint64_t seed = 0; seed < layers; ++seed) {
        RandomNumbers random(seed);
        const bool tiny = random.flip();
        const Layer layer = tiny ? random_layer(random) : realistic_layer(random);
        const auto tiles = static_cast<unsigned>(random.pick<std::uint64_t>({1, 4, 16}));
        const auto bytes = [&] { return tiny ? 16 << random.below(7) : 512 << random.below(9); };
        const auto pad = [&] { return static_cast<std::uint64_t>(bytes()); };
        const ChipConfig chip = example_chip(tiles, tiny ? 4 : 16, Dataflow::ws, {pad(), pad(), pad(), pad()});
        grow(layer, chip, options, "seed " + std::to_string(seed), growth);
    }
    EXPECT_GT(growth.compared, 10 * layers);
    return growth;
}

TEST(Search, MoreRoomNeverTakesLongerByMoreThanTheMargin) {
    const Growth growth = grow_random_layers({}, 60);
    EXPECT_EQ(growth.worse, 0u) << "of " << growth.compared << ", " << growth.first;
}

TEST(Search, MoreRoomNeverMovesMoreBytes) {
    MappingOptions options;
    options.objective = Objective::traffic;
    const Growth growth = grow_random_layers(options, 60);
    EXPECT_EQ(growth.worse, 0u) << "of " << growth.compared << ", " << growth.first;
}

TEST(Search, TheChoiceCostsWhatItsTilingCosts) {
    for (std::uint64_t seed = 0; seed < 60; ++seed) {
        RandomNumbers random(seed);
        const Layer layer = random_layer(random);
        const ChipConfig chip = example_chip(2, 4, Dataflow::ws, {4096, 4096, 4096, 4096});
        MappingOptions options;
        options.share_loads = random.flip();
        const Choice choice = choose_tiling(layer, chip, options);
        ASSERT_EQ(choice.shortfall, "");
        const Cost cost = CostModel(chip, true, false, options.share_loads).evaluate(layer, choice.tiling);
        EXPECT_TRUE(cost.feasible);
        EXPECT_EQ(cost.cycles, choice.cost.cycles);
        EXPECT_EQ(cost.traffic_bytes, choice.cost.traffic_bytes);
    }
}

} // namespace
} // namespace systolica
