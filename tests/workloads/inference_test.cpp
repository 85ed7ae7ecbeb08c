// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "workloads/inference.h"

#include <gtest/gtest.h>

#include "base/diagnostics.h"
#include "workloads/yaml_reader.h"

namespace systolica {
namespace {

Graph network(const std::string& operators) {
    return read_yaml_workload("name: n\ninput: {channels: 4, height: 8, width: 8}\noperators:\n" + operators, "n.yaml",
                              2);
}

std::string rows(const Graph& graph) {
    std::string out;
    for (const Operator& op : graph.operators) {
        out += (out.empty() ? "" : " ") + op.name + ":" + op_label(graph, op) + (op.bias ? "+bias" : "");
        for (std::size_t i = 0; i < op.inputs.size(); ++i) {
            out += (i == 0 ? "(" : ",") + graph.input_of(op, i).name;
        }
        out += ")";
    }
    return out;
}

TEST(Inference, BatchNormFoldsIntoTheConvolutionBeforeIt) {
    const Graph graph = inference_graph(network("- {name: c, op: conv, out_channels: 8, kernel: 3}\n"
                                                "- {name: b, op: bn}\n"
                                                "- {name: r, op: relu}\n"),
                                        {});
    EXPECT_EQ(rows(graph), "c:conv+bias(input) r:relu(c)");
    EXPECT_EQ(graph.batch, 2u);
    ASSERT_EQ(graph.tensors.size(), 3u); // input, c, r
    EXPECT_EQ(graph.tensors[1].shape, (Shape{2, 8, 6, 6}));
    EXPECT_EQ(graph.tensors[1].producer, 0);
    EXPECT_EQ(graph.tensors[1].consumers, std::vector<int>{1});
}

TEST(Inference, BatchNormStaysWhenFoldingIsOff) {
    InferenceOptions options;
    options.fold_batch_norm = false;
    const Graph graph =
        inference_graph(network("- {name: c, op: conv, out_channels: 8, kernel: 3}\n- {name: b, op: bn}\n"), options);
    EXPECT_EQ(rows(graph), "c:conv(input) b:bn(c)");
}

TEST(Inference, BatchNormAfterAFullyConnectedFolds) {
    const Graph graph = inference_graph(network("- {name: f, op: fc, out_channels: 8}\n- {name: b, op: bn}\n"), {});
    EXPECT_EQ(rows(graph), "f:fc+bias(input)");
}

TEST(Inference, BatchNormStaysWhenTheSumsAreNeededElsewhere) {
    const Graph graph = inference_graph(network("- {name: c, op: conv, out_channels: 8, kernel: 3}\n"
                                                "- {name: b, op: bn}\n"
                                                "- {name: a, op: add, inputs: [b, c]}\n"),
                                        {});
    EXPECT_EQ(rows(graph), "c:conv(input) b:bn(c) a:add(b,c)");
}

TEST(Inference, BatchNormStaysAtTheInputAndAfterOtherOperators) {
    const Graph graph = inference_graph(network("- {name: b0, op: bn}\n"
                                                "- {name: r, op: relu}\n"
                                                "- {name: b1, op: bn}\n"),
                                        {});
    EXPECT_EQ(rows(graph), "b0:bn(input) r:relu(b0) b1:bn(r)");
}

TEST(Inference, DropoutVanishesAndDoesNotKeepBatchNormFromFolding) {
    const Graph graph = inference_graph(network("- {name: c, op: conv, out_channels: 8, kernel: 3}\n"
                                                "- {name: d, op: dropout}\n"
                                                "- {name: b, op: bn}\n"
                                                "- {name: d2, op: dropout}\n"
                                                "- {name: r, op: relu}\n"),
                                        {});
    EXPECT_EQ(rows(graph), "c:conv+bias(input) r:relu(c)");
}

TEST(Inference, UsesBehindDropoutKeepBatchNormFromFolding) {
    // The sums of c are read by r, and by b through the dropout.
    const Graph graph = inference_graph(network("- {name: c, op: conv, out_channels: 8, kernel: 3}\n"
                                                "- {name: d, op: dropout}\n"
                                                "- {name: b, op: bn}\n"
                                                "- {name: r, op: relu, inputs: c}\n"),
                                        {});
    EXPECT_EQ(rows(graph), "c:conv(input) b:bn(c) r:relu(c)");
}

TEST(Inference, ASecondResultOfTheNetworkKeepsBatchNormFromFolding) {
    // The dropout is read by nobody: what leaves the network there are the sums of c.
    const Graph graph = inference_graph(network("- {name: c, op: conv, out_channels: 8, kernel: 3}\n"
                                                "- {name: d, op: dropout}\n"
                                                "- {name: b, op: bn, inputs: c}\n"),
                                        {});
    EXPECT_EQ(rows(graph), "c:conv(input) b:bn(c)");
}

TEST(Inference, BothBranchesOfAResidualBlockFold) {
    const Graph graph = inference_graph(network("- {name: c1, op: conv, out_channels: 8, kernel: 1}\n"
                                                "- {name: b1, op: bn}\n"
                                                "- {name: c2, op: conv, inputs: input, out_channels: 8, kernel: 1}\n"
                                                "- {name: b2, op: bn}\n"
                                                "- {name: a, op: add, inputs: [b1, b2]}\n"),
                                        {});
    EXPECT_EQ(rows(graph), "c1:conv+bias(input) c2:conv+bias(input) a:add(c1,c2)");
    EXPECT_EQ(graph.tensors[0].consumers, (std::vector<int>{0, 1}));
}

TEST(Inference, LossBecomesSoftmaxOverTheSameClasses) {
    const Graph graph = inference_graph(network("- {name: f, op: flatten}\n"
                                                "- {name: fc, op: fc, out_channels: 10, bias: true}\n"
                                                "- {name: loss, op: softmax_ce}\n"),
                                        {});
    EXPECT_EQ(rows(graph), "f:flatten(input) fc:fc+bias(f) loss:softmax(fc)");
    EXPECT_EQ(graph.output_of(graph.operators[2]).shape, (Shape{2, 10, 1, 1}));
}

TEST(Inference, NothingToExecuteIsRefused) {
    EXPECT_THROW(inference_graph(network("- {name: d, op: dropout}\n"), {}), InputError);
}

} // namespace
} // namespace systolica
