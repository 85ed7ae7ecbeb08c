// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "workloads/yaml_reader.h"

#include <gtest/gtest.h>

#include "base/diagnostics.h"

namespace systolica {
namespace {

Graph network(const std::string& operators) {
    return read_yaml_workload("name: n\ninput: {channels: 4, height: 9, width: 8}\noperators:\n" + operators, "n.yaml",
                              1);
}

TEST(YamlReader, InputsDefaultToTheOperatorBefore) {
    const Graph graph = network("- {name: a, op: relu}\n"
                                "- {name: b, op: relu6}\n"
                                "- {name: c, op: concat, inputs: [a, b, input]}\n"
                                "- {name: d, op: relu, inputs: a}\n");
    EXPECT_EQ(graph.input_of(graph.operators[0]).name, "input");
    EXPECT_EQ(graph.input_of(graph.operators[1]).name, "a");
    EXPECT_EQ(graph.input_of(graph.operators[2], 2).name, "input");
    EXPECT_EQ(graph.input_of(graph.operators[3]).name, "a");
    EXPECT_EQ(graph.tensors[1].consumers, (std::vector<int>{1, 2, 3})); // of a
}

TEST(YamlReader, NumbersMayDifferByDirectionAndPaddingBySide) {
    const Graph graph = network("- {name: a, op: conv, out_channels: 2, kernel: [3, 2], stride: [2, 1], dilation: [1, "
                                "2], pad: [1, 0]}\n"
                                "- {name: b, op: conv, out_channels: 2, kernel: 2, pad: [0, 1, 2, 3]}\n");
    const Window& a = graph.operators[0].window;
    EXPECT_EQ(a.kernel_h, 3u);
    EXPECT_EQ(a.kernel_w, 2u);
    EXPECT_EQ(a.stride_h, 2u);
    EXPECT_EQ(a.stride_w, 1u);
    EXPECT_EQ(a.dilation_h, 1u);
    EXPECT_EQ(a.dilation_w, 2u);
    EXPECT_EQ(a.pad_top, 1u);
    EXPECT_EQ(a.pad_bottom, 1u);
    EXPECT_EQ(a.pad_left, 0u);
    EXPECT_EQ(a.pad_right, 0u);
    const Window& b = graph.operators[1].window;
    EXPECT_EQ(b.pad_top, 0u);
    EXPECT_EQ(b.pad_left, 1u);
    EXPECT_EQ(b.pad_bottom, 2u);
    EXPECT_EQ(b.pad_right, 3u);
}

TEST(YamlReader, PoolsStepByTheirKernelUnlessTold) {
    const Graph graph = network("- {name: a, op: maxpool, kernel: 2}\n"
                                "- {name: b, op: avgpool, kernel: 2, stride: 1, count_include_pad: false}\n");
    EXPECT_EQ(graph.output_of(graph.operators[0]).shape, (Shape{1, 4, 4, 4}));
    EXPECT_EQ(graph.output_of(graph.operators[1]).shape, (Shape{1, 4, 3, 3}));
    EXPECT_TRUE(graph.operators[0].count_include_pad);
    EXPECT_FALSE(graph.operators[1].count_include_pad);
}

TEST(YamlReader, HeightAndWidthDefaultToOne) {
    const Graph graph = read_yaml_workload(
        "name: mlp\ninput: {channels: 784}\noperators:\n- {name: f, op: fc, out_channels: 10}\n", "mlp.yaml", 7);
    EXPECT_EQ(graph.tensors[0].shape, (Shape{7, 784, 1, 1}));
    EXPECT_EQ(macs(graph), 7u * 784 * 10);
}

TEST(YamlReader, AnOperatorThatTakesATensorTwiceIsOneConsumer) {
    const Graph graph = network("- {name: a, op: add, inputs: [input, input]}\n");
    EXPECT_EQ(graph.operators[0].inputs, (std::vector<int>{0, 0}));
    EXPECT_EQ(graph.tensors[0].consumers, std::vector<int>{0});
}

TEST(YamlReader, EveryMistakeIsReportedOnceAndInOrder) {
    try {
        network("- {name: a, op: conv, out_channels: 8, kernel: 30}\n" // line 4
                "- {name: b, op: bn}\n"                                // depends on a: silent
                "- {name: c, op: add, inputs: [b, input]}\n"           // silent too
                "- {name: d, op: relu, inputs: inptu}\n"
                "- {name: a, op: relu, inputs: input}\n"
                "- {op: relu}\n"
                "- {name: e, op: relu}\n" // after an operator without a name: silent
                "- {name: f, op: fc, out_channels: 0, bais: true}\n");
        FAIL() << "expected InputError";
    } catch (const InputError& error) {
        EXPECT_STREQ(
            error.what(),
            "n.yaml:4:48: a.kernel: expected at most 9 x 8 (the input with its padding), got 30 x 30\n"
            "n.yaml:7:31: d.inputs: expected the name of an earlier operator, got 'inptu' (did you mean 'input'?)\n"
            "n.yaml:8:10: operators[4].name: expected a name that is not used before, got 'a' again\n"
            "n.yaml:9:3: operators[5].name: expected a value, got nothing\n"
            "n.yaml:11:38: f.bais: expected a known key, got 'bais' (did you mean 'bias'?)\n"
            "n.yaml:11:35: f.out_channels: expected a whole number from 1 to 2147483648, got '0'");
    }
}

} // namespace
} // namespace systolica
