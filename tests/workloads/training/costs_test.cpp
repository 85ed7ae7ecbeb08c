// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// Counts of single operators, each line worked out by hand from the rules in docs/workloads.md.
#include <gtest/gtest.h>

#include <algorithm>

#include "random_networks.h"
#include "workloads/yaml_reader.h"

namespace systolica {
namespace {

struct Row {
    std::string name, op;
    OperationCounts image, iteration; // macs, elementwise, reduce, special, read, write
};

std::string text(const OperationCounts& c) {
    return std::to_string(c.macs) + "," + std::to_string(c.elementwise) + "," + std::to_string(c.reduce) + "," +
           std::to_string(c.special) + "," + std::to_string(c.read) + "," + std::to_string(c.write);
}

std::string text(const Row& row) {
    return row.name + ":" + row.op + " " + text(row.image) + " / " + text(row.iteration);
}

// An image of 4 x 6 x 6 goes through a 1 x 1 convolution `c`, so that gradients are needed, then through the operators.
// Rows of `c`, the loss and sums at forks are left out.
std::vector<std::string> rows(const std::string& operators) {
    const Graph network = read_yaml_workload("name: n\ninput: {channels: 4, height: 6, width: 6}\noperators:\n"
                                             "- {name: c, op: conv, out_channels: 4, kernel: 1}\n" +
                                                 operators,
                                             "n.yaml", 3);
    TrainingOptions options;
    options.loss = false;
    const TrainingGraph graph = training_graph(network, options);
    std::vector<std::string> out;
    for (const TrainingOperation& operation : graph.operations) {
        if (operation.layer_name != "c") {
            out.push_back(text(Row{operation.name, operation.op, operation.per_image, operation.per_iteration}));
        }
    }
    return out;
}

void expect_rows(const std::string& operators, const std::vector<Row>& expected) {
    std::vector<std::string> wanted;
    for (const Row& row : expected) {
        wanted.push_back(text(row));
    }
    EXPECT_EQ(rows(operators), wanted) << operators;
}

constexpr std::uint64_t E = 4 * 6 * 6; // elements an image

TEST(TrainingCosts, Activations) {
    struct Rule {
        const char* op;
        std::uint64_t elementwise, special, back_elementwise, back_special;
    };
    for (const Rule& r :
         {Rule{"relu", 1, 0, 1, 0}, Rule{"relu6", 2, 0, 2, 0}, Rule{"leaky_relu", 2, 0, 2, 0},
          Rule{"sigmoid", 2, 2, 3, 0}, Rule{"tanh", 3, 2, 3, 0}, Rule{"silu", 3, 2, 7, 2}, Rule{"gelu", 11, 2, 19, 2},
          Rule{"hard_sigmoid", 4, 0, 3, 0}, Rule{"hard_swish", 5, 0, 5, 0}}) {
        const std::string op = r.op;
        expect_rows("- {name: a, op: " + op + "}\n",
                    {{"a", op, {0, r.elementwise * E, 0, r.special * E, E, E}, {}},
                     {"a.bwd", op + "_bwd", {0, r.back_elementwise * E, 0, r.back_special * E, 2 * E, E}, {}}});
    }
}

TEST(TrainingCosts, LocalResponseNormalisation) { // window 5
    expect_rows("- {name: a, op: lrn}\n", {{"a", "lrn", {0, 3 * E, 5 * E, E, E, 2 * E}, {}},
                                           {"a.bwd", "lrn_bwd", {0, 4 * E, 5 * E, E, 4 * E, E}, {}}});
    expect_rows("- {name: a, op: lrn, size: 3}\n", {{"a", "lrn", {0, 3 * E, 3 * E, E, E, 2 * E}, {}},
                                                    {"a.bwd", "lrn_bwd", {0, 4 * E, 3 * E, E, 4 * E, E}, {}}});
}

// Pools of 2 x 2: 9 positions a channel.
TEST(TrainingCosts, Pools) {
    const std::uint64_t out = 4 * 3 * 3;
    expect_rows("- {name: a, op: maxpool, kernel: 2}\n", {{"a", "maxpool", {0, 0, 4 * out, 0, E, 2 * out}, {}},
                                                          {"a.bwd", "maxpool_bwd", {0, 0, out, 0, 2 * out, E}, {}}});
    expect_rows("- {name: a, op: avgpool, kernel: 2}\n", {{"a", "avgpool", {0, 0, 4 * out, out, E, out}, {}},
                                                          {"a.bwd", "avgpool_bwd", {0, 4 * out, 0, out, out, E}, {}}});
    // A mean over height and width is a global pool; a sum does not divide.
    for (const char* op : {"gap", "reduce_mean, axes: [height, width]"}) {
        const std::string word = std::string(op).substr(0, std::string(op).find(','));
        expect_rows(std::string("- {name: a, op: ") + op + "}\n",
                    {{"a", word, {0, 0, E, 4, E, 4}, {}}, {"a.bwd", word + "_bwd", {0, E, 0, 4, 4, E}, {}}});
    }
    expect_rows("- {name: a, op: reduce_sum, axes: channels}\n",
                {{"a", "reduce_sum", {0, 0, E, 0, E, 36}, {}}, {"a.bwd", "reduce_sum_bwd", {0, E, 0, 0, 36, E}, {}}});
}

TEST(TrainingCosts, Dropout) {
    expect_rows("- {name: a, op: dropout}\n", {{"a", "dropout", {0, 2 * E, 0, 0, E, 2 * E}, {}},
                                               {"a.bwd", "dropout_bwd", {0, E, 0, 0, 2 * E, E}, {}}});
}

TEST(TrainingCosts, BatchNorm) {
    expect_rows("- {name: a, op: bn}\n",
                {{"a.stats", "bn_stats", {0, E, 2 * E, 0, E, 0}, {0, 9 * 4, 0, 3 * 4, 2 * 4, 4 * 4}},
                 {"a", "bn_norm", {0, 4 * E, 0, 0, E, E}, {0, 0, 0, 0, 4 * 4, 0}},
                 {"a.bwd_red", "bn_bwd_reduce", {0, 3 * E, 2 * E, 0, 2 * E, 0}, {0, 0, 0, 0, 2 * 4, 2 * 4}},
                 {"a.bwd_dx", "bn_bwd_dx", {0, 5 * E, 0, 0, 2 * E, E}, {0, 4, 0, 4, 4 * 4, 0}},
                 {"a.upd", "sgd_momentum", {}, {0, 6 * 8, 0, 0, 3 * 8, 2 * 8}}});
}

// 36 positions of 4 channels: mean and deviation of each are kept.
TEST(TrainingCosts, LayerNorm) {
    expect_rows("- {name: a, op: layer_norm}\n",
                {{"a", "layer_norm", {0, 5 * E + 3 * 36, 2 * E, 3 * 36, E, E + 2 * 36}, {0, 0, 0, 0, 8, 0}},
                 {"a.bwd", "layer_norm_bwd", {0, 9 * E, 4 * E, 2 * 36, 2 * E + 2 * 36, E}, {0, 0, 0, 0, 8, 8}},
                 {"a.upd", "sgd_momentum", {}, {0, 6 * 8, 0, 0, 3 * 8, 2 * 8}}});
}

TEST(TrainingCosts, Softmax) {
    expect_rows("- {name: a, op: softmax}\n", {{"a", "softmax", {0, E, 2 * E, 2 * E, E, E}, {}},
                                               {"a.bwd", "softmax_bwd", {0, 3 * E, E, 0, 2 * E, E}, {}}});
}

// 36 positions of 4 classes.
TEST(TrainingCosts, LossOverPositions) {
    const Graph network = read_yaml_workload("name: n\ninput: {channels: 3, height: 6, width: 6}\noperators:\n"
                                             "- {name: c, op: conv, out_channels: 4, kernel: 1}\n"
                                             "- {name: l, op: softmax_ce}\n",
                                             "n.yaml", 3);
    const TrainingGraph graph = training_graph(network, {});
    const OperationCounts forward{0, 5 * 36, 2 * E, 9 * 36, E + 36, E + 36};
    EXPECT_EQ(text(graph.operations[1].per_image), text(forward));
    const OperationCounts backward{0, 2 * E, 0, 0, E + 36, E};
    EXPECT_EQ(text(graph.operations[2].per_image), text(backward));
}

TEST(TrainingCosts, ElementWiseWithAConstant) {
    expect_rows("- {name: a, op: add, value: 2}\n", {{"a", "add", {0, E, 0, 0, E, E}, {}}});
    expect_rows("- {name: a, op: sub, value: 2}\n", {{"a", "sub", {0, E, 0, 0, E, E}, {}}});
    expect_rows("- {name: a, op: mul, value: 0.5}\n",
                {{"a", "mul", {0, E, 0, 0, E, E}, {}}, {"a.bwd", "mul_bwd", {0, E, 0, 0, E, E}, {}}});
    expect_rows("- {name: a, op: div, value: 2}\n",
                {{"a", "div", {0, 0, 0, E, E, E}, {}}, {"a.bwd", "div_bwd", {0, 0, 0, E, E, E}, {}}});
    expect_rows("- {name: a, op: pow, value: 2}\n", // the gradient reads x and the result
                {{"a", "pow", {0, E, 0, 2 * E, E, E}, {}}, {"a.bwd", "pow_bwd", {0, 2 * E, 0, E, 3 * E, E}, {}}});
}

// Weights a channel, stretched over the image: their gradient is summed over all of it.
TEST(TrainingCosts, ElementWiseWithALearnedOperand) {
    expect_rows("- {name: a, op: add, operand: [4, 1, 1]}\n",
                {{"a", "add", {0, E, 0, 0, E, E}, {0, 0, 0, 0, 4, 0}},
                 {"a.dW", "add_bwd_weight", {0, 0, E, 0, E, 0}, {0, 0, 0, 0, 0, 4}},
                 {"a.upd", "sgd_momentum", {}, {0, 24, 0, 0, 12, 8}}});
    expect_rows("- {name: a, op: mul, operand: [4, 1, 1]}\n",
                {{"a", "mul", {0, E, 0, 0, E, E}, {0, 0, 0, 0, 4, 0}},
                 {"a.bwd", "mul_bwd", {0, E, 0, 0, E, E}, {0, 0, 0, 0, 4, 0}},
                 {"a.dW", "mul_bwd_weight", {0, E, E, 0, 2 * E, 0}, {0, 0, 0, 0, 0, 4}},
                 {"a.upd", "sgd_momentum", {}, {0, 24, 0, 0, 12, 8}}});
}

// Squeeze and excitation: p has one value a channel, its gradient is a sum over the image.
TEST(TrainingCosts, ElementWiseOfTwoTensors) {
    expect_rows("- {name: p, op: gap}\n- {name: a, op: mul, inputs: [c, p]}\n",
                {{"p", "gap", {0, 0, E, 4, E, 4}, {}},
                 {"a", "mul", {0, E, 0, 0, E + 4, E}, {}},
                 {"a.d0", "mul_bwd", {0, E, 0, 0, E + 4, E}, {}},
                 {"a.d1", "mul_bwd", {0, E, E, 0, 2 * E, 4}, {}},
                 {"p.bwd", "gap_bwd", {0, E, 0, 4, 4, E}, {}}});
    expect_rows("- {name: p, op: gap}\n- {name: a, op: add, inputs: [c, p]}\n",
                {{"p", "gap", {0, 0, E, 4, E, 4}, {}},
                 {"a", "add", {0, E, 0, 0, E + 4, E}, {}},
                 {"a.d1", "add_bwd", {0, 0, E, 0, E, 4}, {}},
                 {"p.bwd", "gap_bwd", {0, E, 0, 4, 4, E}, {}}});
}

TEST(TrainingCosts, SumOfThreeIsTwoAdditions) {
    expect_rows("- {name: a, op: add, inputs: [c, c, c]}\n", {{"a", "add", {0, 2 * E, 0, 0, 3 * E, E}, {}}});
}

TEST(TrainingCosts, ViewsAreFreeAndMovesCostTheirElements) {
    for (const char* op : {"flatten", "identity", "reshape, channels: 2, height: 12, width: 6"}) {
        const std::string word = std::string(op).substr(0, std::string(op).find(','));
        expect_rows(std::string("- {name: a, op: ") + op + "}\n", {{"a", word, {}, {}}});
    }
    expect_rows("- {name: a, op: transpose, axes: [width, channels, height]}\n",
                {{"a", "transpose", {0, 0, 0, 0, E, E}, {}}, {"a.bwd", "transpose_bwd", {0, 0, 0, 0, E, E}, {}}});
    expect_rows("- {name: a, op: pad, pad: 1}\n", {{"a", "pad", {0, 0, 0, 0, E, 4 * 8 * 8}, {}}});
    expect_rows("- {name: a, op: slice, start: 1, length: 3}\n", // the gradient is filled up with zeros
                {{"a", "slice", {}, {}}, {"a.bwd", "slice_bwd", {0, 0, 0, 0, 3 * 36, E}, {}}});
}

TEST(TrainingCosts, Resize) {
    expect_rows("- {name: a, op: resize_nearest, scale: 2}\n",
                {{"a", "resize_nearest", {0, 0, 0, 0, E, 4 * E}, {}},
                 {"a.bwd", "resize_nearest_bwd", {0, 0, 4 * E, 0, 4 * E, E}, {}}});
    expect_rows("- {name: a, op: resize_bilinear, height: 3, width: 12}\n", // 4 corners of each of 4 x 3 x 12
                {{"a", "resize_bilinear", {0, 4 * 144, 4 * 144, 0, E, 144}, {}},
                 {"a.bwd", "resize_bilinear_bwd", {0, 4 * 144, 4 * 144, 0, 144, E}, {}}});
}

// 4 channels of 6 x 6 by 6 x 6: both operands have gradients.
TEST(TrainingCosts, MatrixProductOfActivations) {
    const std::uint64_t macs = 4 * 6 * 6 * 6;
    expect_rows("- {name: r, op: relu}\n- {name: a, op: matmul, inputs: [c, r], transpose_b: true}\n",
                {{"r", "relu", {0, E, 0, 0, E, E}, {}},
                 {"a", "matmul", {macs, 0, 0, 0, 2 * E, E}, {}},
                 {"a.d0", "matmul_bwd_data", {macs, 0, 0, 0, 2 * E, E}, {}},
                 {"a.d1", "matmul_bwd_data", {macs, 0, 0, 0, 2 * E, E}, {}},
                 {"r.bwd", "relu_bwd", {0, E, 0, 0, 2 * E, E}, {}}});
}

// 2 x 2 kernels of stride 2 between 4 and 3 channels: 12 x 12 results.
TEST(TrainingCosts, TransposedConvolution) {
    const std::uint64_t macs = E * 3 * 4;
    const std::uint64_t out = 3 * 12 * 12;
    expect_rows("- {name: a, op: conv_transpose, out_channels: 3, kernel: 2, stride: 2, bias: true}\n",
                {{"a", "conv_transpose", {macs, out, 0, 0, E, out}, {0, 0, 0, 0, 48 + 3, 0}},
                 {"a.dX", "conv_transpose_bwd_data", {macs, 0, 0, 0, out, E}, {0, 0, 0, 0, 48, 0}},
                 {"a.dW", "conv_transpose_bwd_weight", {macs, 0, 0, 0, out + E, 0}, {0, 0, 0, 0, 0, 48}},
                 {"a.db", "bias_grad", {0, 0, out, 0, out, 0}, {0, 0, 0, 0, 0, 3}},
                 {"a.upd", "sgd_momentum", {}, {0, 6 * 51, 0, 0, 3 * 51, 2 * 51}}});
}

// 10 indices into a table of 50 rows of 8: a row an index is read of it at most, as often as it occurs.
TEST(TrainingCosts, Embedding) {
    const Graph network = read_yaml_workload("name: n\ninput: {channels: 1, height: 10}\noperators:\n"
                                             "- {name: e, op: embedding, out_channels: 8, size: 50}\n",
                                             "n.yaml", 3);
    TrainingOptions options;
    options.loss = false;
    options.input_gradient_of_first_layer = true; // indices have none
    const TrainingGraph graph = training_graph(network, options);
    ASSERT_EQ(graph.operations.size(), 3u);
    const OperationCounts lookup{0, 0, 0, 0, 10 + 80, 80};
    const OperationCounts scatter{0, 0, 80, 0, 80 + 10, 0};
    EXPECT_EQ(text(graph.operations[0].per_image), text(lookup));
    EXPECT_EQ(text(graph.operations[0].per_iteration), text(OperationCounts{}));
    EXPECT_EQ(text(graph.operations[1].per_image), text(scatter));
    EXPECT_EQ(graph.operations[1].per_iteration.write, 400u);
    EXPECT_EQ(graph.operations[2].per_iteration.read, 3u * 400);
}

} // namespace
} // namespace systolica
