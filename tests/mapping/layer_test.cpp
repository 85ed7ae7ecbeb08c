// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "mapping/layer.h"

#include <gtest/gtest.h>

#include "random_layers.h"
#include "workloads/graph_builder.h"

namespace systolica {
namespace {

Graph one_convolution(const OperatorSpec& spec, Shape in, std::uint64_t batch) {
    GraphBuilder builder("g", batch);
    builder.add_input("input", in, Places());
    OperatorSpec named = spec;
    named.name = "c";
    named.inputs = {"input"};
    builder.add(named, Places());
    return builder.finish();
}

std::uint64_t macs_of(const Layer& layer) {
    return layer.out_elements() * layer.in_group() * layer.kernel_positions();
}

std::uint64_t inputs_of(const Layer& layer) {
    return layer.images * layer.rows.in * layer.columns.in * layer.in_channels;
}

TEST(MakeLayer, HasTheMacsOfTheGraph) {
    for (const std::uint64_t batch : {1u, 3u}) {
        for (const std::uint64_t groups : {1u, 2u, 6u}) {
            for (const std::uint64_t kernel : {1u, 3u}) {
                OperatorSpec spec;
                spec.out_channels = 12;
                spec.groups = groups;
                spec.window.kernel_h = spec.window.kernel_w = kernel;
                const Graph graph = one_convolution(spec, {1, 6, 9, 7}, batch);
                const Layer layer = make_layer(graph, graph.operators[0]);
                EXPECT_EQ(macs_of(layer), macs(graph));
                EXPECT_EQ(inputs_of(layer), batch * 6 * 9 * 7);
                EXPECT_EQ(layer.out_elements(), graph.tensors[1].shape.elements());
            }
        }
    }
}

TEST(MakeLayer, ImagesOfAPointwiseLayerAreStackedIntoRows) {
    OperatorSpec spec;
    spec.out_channels = 4;
    const Graph graph = one_convolution(spec, {1, 6, 9, 7}, 3);
    const Layer layer = make_layer(graph, graph.operators[0]);
    EXPECT_EQ(layer.images, 1u);
    EXPECT_EQ(layer.rows.in, 27u);
    EXPECT_EQ(layer.row_unit, 9u);
}

TEST(FoldWholeWindows, KeepsMacsAndBytes) {
    for (const std::uint64_t batch : {1u, 3u}) {
        for (const Shape& in : {Shape{1, 5, 4, 6}, Shape{1, 3, 1, 6}, Shape{1, 3, 8, 6}}) {
            OperatorSpec spec;
            spec.out_channels = 7;
            spec.window.kernel_h = std::min<std::uint64_t>(in.h, 4);
            spec.window.kernel_w = in.w;
            const Graph graph = one_convolution(spec, in, batch);
            const Layer before = make_layer(graph, graph.operators[0]);
            Layer after = before;
            const FoldedWindow folded = fold_whole_windows(after);
            EXPECT_EQ(folded.width, in.w);
            EXPECT_EQ(macs_of(after), macs_of(before));
            EXPECT_EQ(inputs_of(after), inputs_of(before));
            EXPECT_EQ(after.out_elements(), before.out_elements());
            EXPECT_EQ(after.in_channels, in.c * folded.width * folded.height);
        }
    }
}

TEST(FoldWholeWindows, LeavesAloneWhatDoesNotCoverWholeRows) {
    for (std::uint64_t seed = 0; seed < 2000; ++seed) {
        RandomNumbers random(seed);
        const Layer before = random_layer(random);
        Layer after = before;
        const FoldedWindow folded = fold_whole_windows(after);
        const Axis& c = before.columns;
        const bool whole = before.matrix && before.groups == 1 && c.in > 1 && c.kernel == c.in && c.dilation == 1 &&
                           c.out == 1 && c.pad_before == 0;
        EXPECT_EQ(folded.width, whole ? c.in : 1) << seed;
        EXPECT_EQ(macs_of(after), macs_of(before)) << seed;
        EXPECT_EQ(inputs_of(after), inputs_of(before)) << seed;
    }
}

TEST(OneGroup, GroupsTogetherAreTheLayer) {
    Layer layer;
    layer.matrix = true;
    layer.groups = 4;
    layer.in_channels = 12;
    layer.out_channels = 20;
    layer.rows = {8, 8, 3, 1, 1, 1};
    const Layer one = one_group(layer);
    EXPECT_EQ(one.groups, 1u);
    EXPECT_EQ(one.in_channels, 3u);
    EXPECT_EQ(one.out_channels, 5u);
    EXPECT_EQ(4 * macs_of(one), macs_of(layer));
    EXPECT_EQ(4 * inputs_of(one), inputs_of(layer));
}

} // namespace
} // namespace systolica
