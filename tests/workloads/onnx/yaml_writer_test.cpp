// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "workloads/yaml_writer.h"

#include <gtest/gtest.h>

#include <set>

#include "base/diagnostics.h"
#include "workloads/operator_table.h"
#include "workloads/topology_reader.h"
#include "workloads/yaml_reader.h"

namespace systolica {
namespace {

// Every kind, with whatever it can be told that is not its default.
const char* const kEverything = R"(
name: everything
input: {channels: 12, height: 24, width: 24}
operators:
  - {name: conv, op: conv, out_channels: 12, kernel: [3, 5], stride: [1, 2], pad: [1, 2, 3, 4], dilation: 2, groups: 3}
  - {name: conv.plain, op: conv, inputs: input, out_channels: 12, kernel: 3, pad: 1, bias: true}
  - {name: dw, op: dwconv, kernel: 3, pad: [1, 2]}
  - {name: up, op: conv_transpose, out_channels: 6, kernel: 4, stride: 3, pad: 1, output_pad: [2, 1], bias: true}
  - {name: norm, op: bn, inputs: conv.plain}
  - {name: layer_norm, op: layer_norm, axis: width}
  - {name: lrn, op: lrn, size: 7}
  - {name: "with: colon", op: relu}
  - {name: "true", op: relu6}
  - {name: "12", op: leaky_relu}
  - {name: "quo\"te\\", op: sigmoid}
  - {name: /blocks/blocks.0/Tanh, op: tanh}
  - {name: "größe", op: silu}
  - {name: "#2", op: gelu}
  - {name: hard_sigmoid, op: hard_sigmoid}
  - {name: hard_swish, op: hard_swish}
  - {name: add, op: add, inputs: [hard_swish, hard_sigmoid, norm]}
  - {name: sub, op: sub, value: 0.1}
  - {name: mul, op: mul, operand: [12, 1, 24]}
  - {name: div, op: div, value: -1.5e-7}
  - {name: pow, op: pow, inputs: [div, mul]}
  - {name: max, op: maxpool, kernel: 3, stride: 2, pad: 1, dilation: 1, ceil_mode: true}
  - {name: avg, op: avgpool, inputs: pow, kernel: [2, 3], count_include_pad: false}
  - {name: gap, op: gap}
  - {name: mean, op: reduce_mean, inputs: pow, axes: [height, width]}
  - {name: sum, op: reduce_sum, inputs: pow, axes: channels}
  - {name: nearest, op: resize_nearest, inputs: max, scale: [2, 3]}
  - {name: bilinear, op: resize_bilinear, inputs: max, height: 5, width: 1}
  - {name: concat, op: concat, inputs: [max, max], axis: height}
  - {name: flatten, op: flatten}
  - {name: fc, op: fc, out_channels: 12, bias: true}
  - {name: reshape, op: reshape, channels: 2, height: 3, width: 2}
  - {name: fc.rows, op: fc, out_channels: 6, axis: height}
  - {name: identity, op: identity}
  - {name: transpose, op: transpose, axes: [width, channels, height]}
  - {name: matmul, op: matmul, inputs: [reshape, reshape], transpose_a: true}
  - {name: matmul.b, op: matmul, inputs: [reshape, reshape], transpose_b: true}
  - {name: slice, op: slice, length: 2, start: 1, axis: height}
  - {name: pad, op: pad, pad: [0, 1, 0, 2]}
  - {name: index, op: reduce_sum, axes: [channels]}
  - {name: embedding, op: embedding, out_channels: 9, size: 50}
  - {name: softmax, op: softmax, axis: width}
  - {name: dropout, op: dropout}
  - {name: softmax_ce, op: softmax_ce}
)";

void expect_same(const Operator& a, const Operator& b) {
    SCOPED_TRACE(a.name);
    EXPECT_EQ(a.name, b.name);
    EXPECT_EQ(a.kind, b.kind);
    EXPECT_EQ(a.inputs, b.inputs);
    EXPECT_EQ(a.output, b.output);
    const auto window = [](const Window& w) {
        return std::vector<std::uint64_t>{w.kernel_h,   w.kernel_w, w.stride_h, w.stride_w,   w.dilation_h,
                                          w.dilation_w, w.pad_top,  w.pad_left, w.pad_bottom, w.pad_right};
    };
    EXPECT_EQ(window(a.window), window(b.window));
    EXPECT_EQ(a.groups, b.groups);
    EXPECT_EQ(a.bias, b.bias);
    EXPECT_EQ(a.ceil_mode, b.ceil_mode);
    EXPECT_EQ(a.count_include_pad, b.count_include_pad);
    EXPECT_EQ(axis_of(a), axis_of(b));
    EXPECT_EQ(a.axes.size() > 1, b.axes.size() > 1);
    EXPECT_EQ(a.start, b.start);
    EXPECT_EQ(a.size, b.size);
    EXPECT_EQ(a.transpose_a, b.transpose_a);
    EXPECT_EQ(a.transpose_b, b.transpose_b);
    EXPECT_EQ(a.constant, b.constant);
    EXPECT_EQ(a.value, b.value);
    EXPECT_EQ(a.learned, b.learned);
    EXPECT_EQ(a.operand, b.operand);
}

TEST(NativeYaml, EveryOperatorReadsBackToItself) {
    const Graph graph = read_yaml_workload(kEverything, "everything.yaml", 1);
    std::set<OpKind> kinds;
    for (const Operator& op : graph.operators) {
        kinds.insert(op.kind);
    }
    ASSERT_EQ(kinds.size(), operator_table().size()) << "a kind is not in this test's network";
    const std::string text = native_yaml(graph);
    const Graph again = read_yaml_workload(text, "again.yaml", 1);
    EXPECT_EQ(again.name, graph.name);
    ASSERT_EQ(again.operators.size(), graph.operators.size()) << text;
    ASSERT_EQ(again.tensors.size(), graph.tensors.size());
    for (std::size_t i = 0; i < graph.operators.size(); ++i) {
        expect_same(graph.operators[i], again.operators[i]);
    }
    for (std::size_t i = 0; i < graph.tensors.size(); ++i) {
        EXPECT_EQ(graph.tensors[i].name, again.tensors[i].name);
        EXPECT_EQ(graph.tensors[i].shape, again.tensors[i].shape) << graph.tensors[i].name;
    }
    EXPECT_EQ(native_yaml(again), text);
}

TEST(NativeYaml, DefaultsAreNotWritten) {
    const std::string text = native_yaml(read_yaml_workload(
        "name: net\ninput: {channels: 3}\noperators:\n  - {name: c, op: conv, out_channels: 4, kernel: 1}\n", "n.yaml",
        1));
    EXPECT_EQ(text, "name: net\ninput: {channels: 3, height: 1, width: 1}\noperators:\n"
                    "  - {name: c, op: conv, out_channels: 4, kernel: 1}\n");
}

TEST(NativeYaml, RowsOfATableAreNoNetwork) {
    const Graph table = read_topology("name, M, N, K\na, 1, 2, 3\n", "t.csv", "t", 1);
    EXPECT_THROW(native_yaml(table), InputError);
}

} // namespace
} // namespace systolica
