// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "workloads/training/matrix_work.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>

#include "base/strict_yaml.h"
#include "workloads/reader.h"
#include "workloads/training/training.h"
#include "workloads/yaml_reader.h"

namespace systolica {
namespace {

std::uint64_t total_macs(const TrainingGraph& graph) {
    std::uint64_t sum = 0;
    for (const TrainingOperation& operation : graph.operations) {
        sum += graph.counts(operation).macs;
    }
    return sum;
}

// formulas.md 3: three times the forward pass less the image's gradient.
TEST(MatrixWork, ResNet50HasItsPublishedWork) {
    const std::uint64_t forward = 4089184256;
    const std::uint64_t first = 112ull * 112 * 64 * 3 * 49;
    EXPECT_EQ(total_macs(training_graph(read_workload("resnet50", 1), {})), 3 * forward - first);
    EXPECT_NEAR(static_cast<double>(3 * forward - first), 12.150e9, 0.0005e9);
    EXPECT_EQ(total_macs(training_graph(read_workload("resnet50", 32), {})), 32 * (3 * forward - first));
    EXPECT_NEAR(32 * static_cast<double>(3 * forward - first), 388.79e9, 0.005e9);
}

std::string replaced(std::string text, const std::string& what, const std::string& with) {
    const std::size_t at = text.find(what);
    EXPECT_NE(at, std::string::npos) << what;
    return text.replace(at, what.size(), with);
}

// The networks as SimDIT's programs have them: the image of the residual networks comes padded, 229 x 229.
Graph simdit_network(const std::string& name, std::uint64_t batch) {
    std::string text = read_text_file(std::string(SYSTOLICA_SOURCE_DIR) + "/workloads/" + name + ".yaml");
    if (name != "vgg16") {
        text = replaced(text, "height: 224, width: 224", "height: 229, width: 229");
        text = replaced(text, "kernel: 7, stride: 2, pad: 3", "kernel: 7, stride: 2");
    }
    return read_yaml_workload(text, name, batch);
}

TEST(MatrixWork, DilatedGradientsOnAPaddedArrayAreSimDits) {
    std::istringstream golden(
        read_text_file(std::string(SYSTOLICA_TEST_DIR) + "/golden/workloads/simdit_training_macs.csv"));
    std::string line;
    std::getline(golden, line); // net, batch, array_rows, array_cols, sa_macs_padded
    int rows_checked = 0;
    while (std::getline(golden, line)) {
        std::replace(line.begin(), line.end(), ',', ' ');
        std::istringstream cells(line);
        std::string net;
        std::uint64_t batch = 0;
        std::uint64_t rows = 0;
        std::uint64_t cols = 0;
        std::uint64_t expected = 0;
        cells >> net >> batch >> rows >> cols >> expected;
        TrainingOptions options;
        options.backward_lowering = BackwardLowering::dilated;
        options.input_gradient_of_first_layer = net != "vgg16"; // that program leaves it out
        options.optimizer = Optimizer::sgd;
        options.loss = false;
        const TrainingGraph graph = training_graph(simdit_network(net, batch), options);
        std::uint64_t sum = 0;
        for (const TrainingOperation& operation : graph.operations) {
            sum += operation.matrix.groups > 0 ? padded_macs(operation.matrix, rows, cols) : 0;
        }
        EXPECT_EQ(sum, expected) << line;
        ++rows_checked;
    }
    EXPECT_EQ(rows_checked, 12);
}

// A convolution of one side, done by hand: forward, its weight gradient and its input gradient touch the same set of
// (output, weight, input) triples, each once.
TEST(MatrixWork, DirectGradientsHaveTheMacsOfTheForwardPass) {
    const Graph graph = read_yaml_workload("name: n\ninput: {channels: 6, height: 11, width: 9}\noperators:\n"
                                           "- {name: a, op: conv, out_channels: 8, kernel: [3, 2], stride: [2, 3], "
                                           "pad: 1, dilation: [1, 2], groups: 2}\n"
                                           "- {name: b, op: conv_transpose, out_channels: 4, kernel: 3, stride: 2, "
                                           "groups: 4}\n"
                                           "- {name: c, op: fc, out_channels: 5}\n",
                                           "n", 3);
    for (const Operator& op : graph.operators) {
        const GemmShape forward = gemm_shape(graph, op);
        const MatrixWork data = input_gradient_work(graph, op, BackwardLowering::direct);
        const MatrixWork weight = weight_gradient_work(graph, op, BackwardLowering::direct);
        EXPECT_EQ(data.macs(), forward.macs()) << op.name;
        EXPECT_EQ(weight.macs(), forward.macs()) << op.name;
        // dA (m x k) = dC (m x n) times B transposed; dB (k x n) = A transposed times dC.
        EXPECT_EQ(data.gemm, (GemmShape{forward.m, forward.k, forward.n, forward.groups})) << op.name;
        EXPECT_EQ(weight.gemm, (GemmShape{forward.k, forward.n, forward.m, forward.groups})) << op.name;
        // As many results as there are weights; the loop nest forms the same.
        EXPECT_EQ(weight.gemm.m * weight.gemm.n * weight.groups, weight_count(graph, op)) << op.name;
        EXPECT_EQ(weight.images * weight.out_h * weight.out_w * weight.out_channels * weight.groups,
                  weight_count(graph, op))
            << op.name;
        const Shape& in = graph.input_of(op).shape;
        EXPECT_EQ(data.images * data.out_h * data.out_w * data.out_channels * data.groups, in.elements()) << op.name;
    }
    // Each element of 3 images of 8 x 6 x 3 meets a 3 x 3 kernel for the one output channel of its group.
    EXPECT_EQ(macs(graph, graph.operators[1]), 3u * 8 * 6 * 3 * 9);
}

// Zeros that a dilated gradient multiplies: a 3 x 3 kernel of stride 2 over 8 x 8 with padding 1 has 4 x 4 results,
// dilated 7 x 7; the input gradient is then 8 x 8 windows of 9, the weight gradient (10 - 7 + 1)^2 windows of 49.
TEST(MatrixWork, DilatedGradientsOfAStridedConvolution) {
    const Graph graph = read_yaml_workload("name: n\ninput: {channels: 5, height: 8, width: 8}\noperators:\n"
                                           "- {name: a, op: conv, out_channels: 6, kernel: 3, stride: 2, pad: 1}\n",
                                           "n", 2);
    const Operator& op = graph.operators[0];
    EXPECT_EQ(input_gradient_work(graph, op, BackwardLowering::dilated).macs(), 2u * 8 * 8 * 9 * 5 * 6);
    const MatrixWork weight = weight_gradient_work(graph, op, BackwardLowering::dilated);
    EXPECT_EQ(weight.macs(), 2u * 4 * 4 * 49 * 5 * 6);
    EXPECT_EQ(weight.in_channels, 2u); // sums run over the batch
    EXPECT_EQ(padded_macs(weight, 4, 4), 5u * 16 * 49 * 4 * 8);
}

TEST(MatrixWork, AMatrixProductsGradientsAreProductsOfItsOperands) {
    const Graph graph = read_yaml_workload("name: n\ninput: {channels: 4, height: 6, width: 5}\noperators:\n"
                                           "- {name: s, op: matmul, inputs: [input, input], transpose_b: true}\n"
                                           "- {name: t, op: matmul, inputs: [s, input]}\n",
                                           "n", 3);
    EXPECT_EQ(graph.tensors[1].shape, (Shape{3, 4, 6, 6}));
    EXPECT_EQ(graph.tensors[2].shape, (Shape{3, 4, 6, 5}));
    EXPECT_EQ(gemm_shape(graph, graph.operators[0]), (GemmShape{6, 6, 5, 12})); // a product an image and channel
    for (const Operator& op : graph.operators) {
        for (const std::size_t which : {0u, 1u}) {
            const MatrixWork work = operand_gradient_work(graph, op, which);
            EXPECT_EQ(work.macs(), macs(graph, op));
            EXPECT_EQ(work.gemm.m * work.gemm.n * work.gemm.groups, graph.input_of(op, which).shape.elements());
        }
    }
}

} // namespace
} // namespace systolica
