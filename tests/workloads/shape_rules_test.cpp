// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "workloads/shape_rules.h"

#include <gtest/gtest.h>

#include "workloads/yaml_reader.h"

namespace systolica {
namespace {

Window square(std::uint64_t kernel, std::uint64_t stride, std::uint64_t pad, std::uint64_t dilation = 1) {
    return {kernel, kernel, stride, stride, dilation, dilation, pad, pad, pad, pad};
}

OperatorSpec spec(OpKind kind, const Window& window = {}, std::uint64_t out_channels = 0) {
    OperatorSpec out;
    out.kind = kind;
    out.window = window;
    out.out_channels = out_channels;
    return out;
}

Shape shape_of(OperatorSpec operation, const std::vector<Shape>& inputs) {
    const ShapeResult result = apply_shape_rule(operation, inputs);
    EXPECT_EQ(result.message, "");
    return result.shape;
}

// Counts window starts one by one, as the definition says.
std::uint64_t counted(std::uint64_t in, std::uint64_t kernel, std::uint64_t stride, std::uint64_t pad,
                      std::uint64_t dilation, bool ceil_mode) {
    const std::uint64_t extent = dilation * (kernel - 1) + 1;
    std::uint64_t count = 0;
    for (std::uint64_t start = 0; start < in + 2 * pad; start += stride) {
        const bool whole = start + extent <= in + 2 * pad;
        const bool before_whole = start < stride || start - stride + extent <= in + 2 * pad;
        const bool reaches_end = start >= stride && start - stride + extent == in + 2 * pad;
        const bool partial = ceil_mode && before_whole && !reaches_end && start < in + pad;
        count += whole || partial ? 1u : 0u;
    }
    return count;
}

TEST(ShapeRules, ConvolutionOutputsAreTheWindowsThatFit) {
    for (std::uint64_t in = 1; in <= 14; ++in) {
        for (std::uint64_t kernel = 1; kernel <= 5; ++kernel) {
            for (std::uint64_t stride = 1; stride <= 4; ++stride) {
                for (std::uint64_t pad = 0; pad <= 3; ++pad) {
                    for (std::uint64_t dilation = 1; dilation <= 2; ++dilation) {
                        OperatorSpec conv = spec(OpKind::conv, square(kernel, stride, pad, dilation), 6);
                        const ShapeResult result = apply_shape_rule(conv, {{2, 3, in, in}});
                        const std::uint64_t expected = counted(in, kernel, stride, pad, dilation, false);
                        EXPECT_EQ(result.ok(), expected > 0);
                        if (expected > 0) {
                            EXPECT_EQ(result.shape, (Shape{2, 6, expected, expected}));
                        }
                    }
                }
            }
        }
    }
}

TEST(ShapeRules, CeilModeAddsAPartialWindowThatStartsInside) {
    for (std::uint64_t in = 1; in <= 14; ++in) {
        for (std::uint64_t kernel = 1; kernel <= 5; ++kernel) {
            for (std::uint64_t stride = 1; stride <= 6; ++stride) {
                for (std::uint64_t pad = 0; pad < kernel; ++pad) {
                    if (in + 2 * pad < kernel) {
                        continue;
                    }
                    OperatorSpec pool = spec(OpKind::max_pool, square(kernel, stride, pad));
                    pool.ceil_mode = true;
                    const std::uint64_t expected = counted(in, kernel, stride, pad, 1, true);
                    EXPECT_EQ(shape_of(pool, {{1, 3, in, in}}), (Shape{1, 3, expected, expected}))
                        << in << " " << kernel << " " << stride << " " << pad;
                }
            }
        }
    }
}

TEST(ShapeRules, CeilModeAsDocumentedByPyTorch) {
    OperatorSpec pool = spec(OpKind::avg_pool, square(3, 2, 0));
    EXPECT_EQ(shape_of(pool, {{1, 1, 56, 56}}).h, 27u);
    pool.ceil_mode = true;
    EXPECT_EQ(shape_of(pool, {{1, 1, 56, 56}}).h, 28u); // SqueezeNet, GoogLeNet
    OperatorSpec padded = spec(OpKind::max_pool, square(2, 2, 1));
    padded.ceil_mode = true;
    EXPECT_EQ(shape_of(padded, {{1, 1, 3, 3}}).h, 2u); // a third window would start in the padding behind
}

TEST(ShapeRules, DirectionsAndSidesAreIndependent) {
    OperatorSpec conv = spec(OpKind::conv, {3, 1, 2, 1, 1, 1, 0, 0, 1, 2}, 5);
    // (10 + 0 + 1 - 3) / 2 + 1 rows, (7 + 0 + 2 - 1) / 1 + 1 columns
    EXPECT_EQ(shape_of(conv, {{1, 4, 10, 7}}), (Shape{1, 5, 5, 9}));
}

TEST(ShapeRules, DepthwiseHasAGroupAChannel) {
    OperatorSpec conv = spec(OpKind::conv, square(3, 1, 1));
    conv.depthwise = true;
    const ShapeResult result = apply_shape_rule(conv, {{1, 32, 8, 8}});
    EXPECT_EQ(result.shape, (Shape{1, 32, 8, 8}));
    EXPECT_EQ(conv.groups, 32u);
}

TEST(ShapeRules, GlobalPoolTakesTheWholeImage) {
    OperatorSpec pool = spec(OpKind::global_avg_pool);
    EXPECT_EQ(apply_shape_rule(pool, {{2, 16, 7, 5}}).shape, (Shape{2, 16, 1, 1}));
    EXPECT_EQ(pool.window.kernel_h, 7u);
    EXPECT_EQ(pool.window.kernel_w, 5u);
}

TEST(ShapeRules, ConcatAddsChannelsAndFlattenKeepsElements) {
    EXPECT_EQ(shape_of(spec(OpKind::concat), {{2, 3, 4, 5}, {2, 7, 4, 5}, {2, 1, 4, 5}}), (Shape{2, 11, 4, 5}));
    EXPECT_EQ(shape_of(spec(OpKind::flatten), {{2, 3, 4, 5}}), (Shape{2, 60, 1, 1}));
}

TEST(ShapeRules, FullyConnectedKeepsPositions) {
    EXPECT_EQ(shape_of(spec(OpKind::fully_connected, {}, 9), {{2, 3, 196, 1}}), (Shape{2, 9, 196, 1}));
}

TEST(ShapeRules, LimitsHoldBeforeAnythingOverflows) {
    const std::uint64_t big = kMaxDimension;
    EXPECT_TRUE(check_shape({1, 1, big, std::uint64_t{1} << 17}).ok()); // 2^48
    EXPECT_FALSE(check_shape({1, 2, big, std::uint64_t{1} << 17}).ok());
    EXPECT_FALSE(check_shape({big, big, big, big}).ok());
    EXPECT_FALSE(check_shape({1, 1, big + 1, 1}).ok());
    OperatorSpec weights = spec(OpKind::fully_connected, {}, std::uint64_t{1} << 30);
    EXPECT_FALSE(apply_shape_rule(weights, {{1, std::uint64_t{1} << 19, 1, 1}}).ok());
    OperatorSpec work = spec(OpKind::fully_connected, {}, std::uint64_t{1} << 24); // 2^24 * 2^24 * 2^13 MACs
    EXPECT_FALSE(apply_shape_rule(work, {{1, std::uint64_t{1} << 24, 1 << 13, 1}}).ok());
    OperatorSpec taps = spec(OpKind::avg_pool, square(big, 1, big - 1));
    EXPECT_FALSE(apply_shape_rule(taps, {{1, 1, 1, 1}}).ok());
}

// An operator from text, with its numbers by the formulas of a grouped convolution.
TEST(GemmShape, OfAGroupedConvolutionIsPerGroup) {
    const Graph graph = read_yaml_workload("name: n\ninput: {channels: 6, height: 9, width: 7}\noperators:\n"
                                           "- {name: c, op: conv, out_channels: 4, kernel: [3, 2], groups: 2, bias: "
                                           "true}\n",
                                           "n.yaml", 5);
    const Operator& conv = graph.operators[0];
    const GemmShape gemm = gemm_shape(graph, conv);
    EXPECT_EQ(gemm.m, 5u * 7 * 6); // batch x (9 - 3 + 1) x (7 - 2 + 1)
    EXPECT_EQ(gemm.n, 4u / 2);
    EXPECT_EQ(gemm.k, 3u * 2 * 6 / 2);
    EXPECT_EQ(gemm.groups, 2u);
    EXPECT_EQ(macs(graph, conv), 5u * 7 * 6 * 4 * 3 * 2 * 3);
    EXPECT_EQ(weight_count(graph, conv), 4u * 3 * 2 * 3);
    EXPECT_EQ(bias_count(graph, conv), 4u);
    EXPECT_EQ(parameter_count(graph, conv), 4u * 3 * 2 * 3 + 4);
    EXPECT_EQ(op_label(graph, conv), "conv");
}

TEST(GemmShape, OfOtherOperatorsIsZero) {
    const Graph graph = read_yaml_workload("name: n\ninput: {channels: 6}\noperators:\n- {name: b, op: bn}\n", "n", 1);
    EXPECT_EQ(gemm_shape(graph, graph.operators[0]).macs(), 0u);
    EXPECT_EQ(weight_count(graph, graph.operators[0]), 0u);
    EXPECT_EQ(parameter_count(graph, graph.operators[0]), 12u);
}

TEST(OpLabel, OneChannelImageIsNotDepthwise) {
    const Graph graph = read_yaml_workload("name: n\ninput: {channels: 1, height: 9, width: 9}\noperators:\n"
                                           "- {name: c, op: conv, out_channels: 4, kernel: 3}\n"
                                           "- {name: d, op: dwconv, out_channels: 8, kernel: 3}\n",
                                           "n.yaml", 1);
    EXPECT_EQ(op_label(graph, graph.operators[0]), "conv");
    EXPECT_EQ(op_label(graph, graph.operators[1]), "dwconv");
    EXPECT_EQ(graph.operators[1].groups, 4u);
    EXPECT_EQ(graph.output_of(graph.operators[1]).shape.c, 8u);
}

} // namespace
} // namespace systolica
