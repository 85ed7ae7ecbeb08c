// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "workloads/inference.h"
#include "workloads/operator_table.h"
#include "workloads/yaml_reader.h"

namespace systolica {
namespace {

Graph network(const std::string& operators, const std::string& input = "channels: 4, height: 8, width: 8") {
    return read_yaml_workload("name: n\ninput: {" + input + "}\noperators:\n" + operators, "n.yaml", 2);
}

Shape shape_after(const std::string& operators) {
    const Graph graph = network(operators);
    return graph.output_of(graph.operators.back()).shape;
}

TEST(OperatorTable, HasARowAKindInOrder) {
    std::set<std::string> words;
    for (std::size_t i = 0; i < operator_table().size(); ++i) {
        EXPECT_EQ(static_cast<std::size_t>(operator_table()[i].kind), i);
        EXPECT_TRUE(words.insert(operator_table()[i].word).second) << operator_table()[i].word;
    }
    EXPECT_EQ(operator_table().back().kind, OpKind::softmax_cross_entropy);
}

TEST(Operators, Shapes) {
    const Shape image{2, 4, 8, 8};
    for (const char* op :
         {"leaky_relu", "sigmoid", "tanh", "silu", "gelu", "hard_sigmoid", "hard_swish", "layer_norm", "lrn",
          "identity", "softmax, axis: width", "add, value: 1", "mul, operand: [4, 1, 1]", "pow, value: 2"}) {
        EXPECT_EQ(shape_after(std::string("- {name: x, op: ") + op + "}\n"), image) << op;
    }
    EXPECT_EQ(shape_after("- {name: x, op: reduce_mean, axes: [height, width]}\n"), (Shape{2, 4, 1, 1}));
    EXPECT_EQ(shape_after("- {name: x, op: reduce_sum, axes: channels}\n"), (Shape{2, 1, 8, 8}));
    EXPECT_EQ(shape_after("- {name: x, op: resize_nearest, scale: [2, 3]}\n"), (Shape{2, 4, 16, 24}));
    EXPECT_EQ(shape_after("- {name: x, op: resize_bilinear, height: 5, width: 7}\n"), (Shape{2, 4, 5, 7}));
    EXPECT_EQ(shape_after("- {name: x, op: concat, inputs: [input, input], axis: height}\n"), (Shape{2, 4, 16, 8}));
    EXPECT_EQ(shape_after("- {name: x, op: slice, axis: width, start: 3, length: 5}\n"), (Shape{2, 4, 8, 5}));
    EXPECT_EQ(shape_after("- {name: x, op: pad, pad: [1, 2, 3, 4]}\n"), (Shape{2, 4, 12, 14}));
    EXPECT_EQ(shape_after("- {name: x, op: reshape, channels: 16, height: 16}\n"), (Shape{2, 16, 16, 1}));
    EXPECT_EQ(shape_after("- {name: p, op: gap}\n- {name: x, op: div, inputs: [p, input]}\n"), image);
    EXPECT_EQ(shape_after("- {name: x, op: fc, out_channels: 3, axis: width}\n"), (Shape{2, 4, 8, 3}));
}

TEST(Operators, TransposeTakesEachAxisFromItsNewPlace) {
    const Graph graph =
        network("- {name: x, op: transpose, axes: [width, channels, height]}\n", "channels: 3, height: 5, width: 7");
    EXPECT_EQ(graph.tensors[1].shape, (Shape{2, 7, 3, 5}));
}

// (in - 1) stride - pads + dilation (kernel - 1) + output pad + 1: what a convolution of the same window maps back to
// the input's size, for every size that leaves no rest.
TEST(Operators, TransposedConvolutionUndoesAConvolutionsShape) {
    for (std::uint64_t size = 1; size <= 12; ++size) {
        for (std::uint64_t kernel = 1; kernel <= 4; ++kernel) {
            for (std::uint64_t stride = 1; stride <= 3; ++stride) {
                for (std::uint64_t pad = 0; pad < kernel; ++pad) {
                    OperatorSpec conv;
                    conv.kind = OpKind::conv;
                    conv.out_channels = 5;
                    conv.window = {kernel, kernel, stride, stride, 1, 1, pad, pad, pad, pad};
                    const ShapeResult small = apply_shape_rule(conv, {{2, 3, size, size}});
                    if (!small.ok()) {
                        continue;
                    }
                    OperatorSpec back = conv;
                    back.kind = OpKind::conv_transpose;
                    back.out_channels = 3;
                    back.output_pad_h = back.output_pad_w = (size + 2 * pad - kernel) % stride;
                    const ShapeResult large = apply_shape_rule(back, {small.shape});
                    ASSERT_TRUE(large.ok()) << large.message;
                    EXPECT_EQ(large.shape, (Shape{2, 3, size, size}));
                }
            }
        }
    }
}

TEST(Operators, Parameters) {
    const auto parameters = [](const std::string& op, const std::string& input = "channels: 4, height: 8, width: 6") {
        return parameter_count(network("- {name: x, op: " + op + "}\n", input));
    };
    EXPECT_EQ(parameters("layer_norm"), 8u);
    EXPECT_EQ(parameters("layer_norm, axis: width"), 12u);
    EXPECT_EQ(parameters("conv_transpose, out_channels: 6, kernel: [3, 2], groups: 2, bias: true"), 4u * 3 * 6 + 6);
    EXPECT_EQ(parameters("fc, out_channels: 5, bias: true, axis: width"), 6u * 5 + 5);
    EXPECT_EQ(parameters("embedding, out_channels: 16, size: 100", "channels: 1, height: 9"), 1600u);
    EXPECT_EQ(parameters("mul, operand: [4, 1, 6]"), 24u);
    EXPECT_EQ(parameters("gelu"), 0u);
}

// Self-attention of 2 heads over 8 tokens of 12 features: three projections, scores and their use, each head's
// products 8 x 8 x 6.
TEST(Operators, AttentionIsProductsOfReshapedTensors) {
    const Graph graph = network("- {name: q, op: fc, out_channels: 12}\n"
                                "- {name: k, op: fc, out_channels: 12, inputs: input}\n"
                                "- {name: v, op: fc, out_channels: 12, inputs: input}\n"
                                "- {name: qh, op: reshape, inputs: q, channels: 2, height: 6, width: 8}\n"
                                "- {name: kh, op: reshape, inputs: k, channels: 2, height: 6, width: 8}\n"
                                "- {name: vh, op: reshape, inputs: v, channels: 2, height: 6, width: 8}\n"
                                "- {name: s, op: matmul, inputs: [qh, kh], transpose_a: true}\n"
                                "- {name: scaled, op: mul, value: 0.408}\n"
                                "- {name: p, op: softmax, axis: width}\n"
                                "- {name: o, op: matmul, inputs: [vh, p], transpose_b: true}\n"
                                "- {name: out, op: reshape, channels: 12, height: 8}\n",
                                "channels: 12, height: 8");
    EXPECT_EQ(graph.tensors[7].shape, (Shape{2, 2, 8, 8}));
    EXPECT_EQ(graph.tensors[10].shape, (Shape{2, 2, 6, 8}));
    EXPECT_EQ(graph.tensors.back().shape, (Shape{2, 12, 8, 1}));
    EXPECT_EQ(macs(graph), 2u * (3 * 8 * 12 * 12 + 2 * (2 * 8 * 8 * 6)));
}

TEST(Operators, ChannelShuffleIsTwoReshapesAndATranspose) {
    const Graph graph = network("- {name: a, op: reshape, channels: 2, height: 2, width: 64}\n"
                                "- {name: b, op: transpose, axes: [height, channels, width]}\n"
                                "- {name: c, op: reshape, channels: 4, height: 8, width: 8}\n");
    EXPECT_EQ(graph.tensors.back().shape, graph.tensors.front().shape);
}

TEST(Inference, TakesEveryOperator) {
    const Graph graph = inference_graph(
        network("- {name: a, op: gelu}\n- {name: b, op: softmax, axis: height}\n- {name: c, op: fc, out_channels: 3, "
                "axis: width}\n- {name: d, op: conv_transpose, out_channels: 2, kernel: 2, stride: 2}\n- {name: e, op: "
                "dropout}\n"),
        {});
    EXPECT_EQ(graph.operators.size(), 4u); // but for the dropout
}

TEST(Inference, BatchNormFoldsIntoWhatHasWeightsAChannel) {
    const auto left = [](const std::string& before) {
        return inference_graph(network("- {name: a, " + before + "}\n- {name: b, op: bn}\n"), {}).operators.size();
    };
    EXPECT_EQ(left("op: conv, out_channels: 3, kernel: 1"), 1u);
    EXPECT_EQ(left("op: conv_transpose, out_channels: 3, kernel: 2"), 1u);
    EXPECT_EQ(left("op: fc, out_channels: 3"), 1u);
    EXPECT_EQ(left("op: fc, out_channels: 3, axis: height"), 2u); // its weights know no channel
    EXPECT_EQ(left("op: relu"), 2u);
}

TEST(Inference, IdentityVanishes) {
    const Graph graph = inference_graph(network("- {name: a, op: conv, out_channels: 3, kernel: 1}\n"
                                                "- {name: i, op: identity}\n"
                                                "- {name: b, op: bn}\n"),
                                        {});
    ASSERT_EQ(graph.operators.size(), 1u);
    EXPECT_TRUE(graph.operators[0].bias); // the batch-norm behind it was folded
}

} // namespace
} // namespace systolica
