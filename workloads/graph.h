// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// What runs: a graph of operators over named tensors, in program order (every input is produced earlier). Shapes are
// NCHW and include the batch. Built with GraphBuilder, which applies the shape rules.
#pragma once

#include "base/diagnostics.h"

#include <cstdint>
#include <string>
#include <vector>

namespace systolica {

// What each kind is and costs: operator_table.cpp, one row a kind.
enum class OpKind : std::uint8_t {
    conv,            // also depth-wise and grouped
    conv_transpose,  // adjoint of conv
    fully_connected, // GEMM: out[n][h][w][oc] = sum over c of in[n][h][w][c] * weight[c][oc]; or along another axis
    matmul,          // of two activations, over height and width, a product for each image and channel
    embedding,       // a row of a learned table for each index
    batch_norm,
    layer_norm, // along one axis
    lrn,        // local response normalisation over neighbouring channels
    relu,
    relu6,
    leaky_relu,
    sigmoid,
    tanh,
    silu,
    gelu,
    hard_sigmoid,
    hard_swish,
    add,
    sub,
    mul,
    div,
    pow,
    max_pool,
    avg_pool,
    global_avg_pool,
    reduce_mean,
    reduce_sum,
    resize_nearest,
    resize_bilinear,
    concat,
    flatten,
    reshape,
    identity,
    transpose,
    slice,
    pad,
    softmax,
    dropout,
    softmax_cross_entropy,
};

enum class Dim : std::uint8_t { channels, height, width }; // of a shape; the batch is never touched

const char* op_kind_name(OpKind kind); // its word in native YAML, layers.csv and reference tables

struct Shape {
    std::uint64_t n = 1;
    std::uint64_t c = 1;
    std::uint64_t h = 1;
    std::uint64_t w = 1;

    std::uint64_t elements() const { return n * c * h * w; }
    std::uint64_t per_image() const { return c * h * w; }
    std::uint64_t& of(Dim dim) { return dim == Dim::channels ? c : dim == Dim::height ? h : w; }
    std::uint64_t of(Dim dim) const { return dim == Dim::channels ? c : dim == Dim::height ? h : w; }
    bool operator==(const Shape& other) const { return n == other.n && c == other.c && h == other.h && w == other.w; }
    bool operator!=(const Shape& other) const { return !(*this == other); }
};

// Convolution and pooling windows. Padding counts as zeros (convolution) or is left out (max); bottom and right
// may differ from top and left (auto padding, SCALE-Sim's last partial window).
struct Window {
    std::uint64_t kernel_h = 1, kernel_w = 1;
    std::uint64_t stride_h = 1, stride_w = 1;
    std::uint64_t dilation_h = 1, dilation_w = 1;
    std::uint64_t pad_top = 0, pad_left = 0, pad_bottom = 0, pad_right = 0;
};

struct Tensor {
    std::string name; // of the operator that makes it; "input" for the image
    Shape shape;
    int producer = -1;          // operator, -1: comes from outside
    std::vector<int> consumers; // operators, in program order
};

// What an operator is told beyond its inputs; what does not belong to its kind is ignored.
struct OperatorAttributes {
    Window window; // conv, conv_transpose and pools; pad: its four sides
    std::uint64_t groups = 1;
    bool bias = false;             // conv, conv_transpose, fully_connected
    bool ceil_mode = false;        // pools
    bool count_include_pad = true; // avg_pool
    std::vector<Dim> axes;    // reductions: any; transpose: the new order of all three; else the one it works along
    std::uint64_t start = 0;  // slice: first position along its axis
    std::uint64_t size = 0;   // lrn: channels of a window; embedding: rows of the table
    bool transpose_a = false; // matmul: height and width of the first input exchanged
    bool transpose_b = false; // and of the second
    bool constant = false;    // element-wise: the second operand is `value`,
    double value = 0;
    bool learned = false; // or weights of the shape `operand`
    Shape operand;
};

// The axis of an operator that works along one; channels unless told otherwise.
inline Dim axis_of(const OperatorAttributes& op) {
    return op.axes.empty() ? Dim::channels : op.axes[0];
}

struct Operator : OperatorAttributes {
    std::string name;
    OpKind kind = OpKind::conv;
    std::vector<int> inputs; // tensors
    int output = -1;         // tensor
    Location where;          // in the user's file, for messages
};

struct Graph {
    std::string name;
    std::uint64_t batch = 1;
    std::vector<Operator> operators;
    std::vector<Tensor> tensors;
    bool table_of_rows = false; // independent operations (a topology table): nothing follows from them, no loss either

    const Tensor& input_of(const Operator& op, std::size_t which = 0) const;
    const Tensor& output_of(const Operator& op) const;
};

// Reference label: the kind's word, but "dwconv" for a convolution with one input channel a group.
std::string op_label(const Graph& graph, const Operator& op);

// Matrix view (formulas.md 1), per group. conv, fully_connected: M output pixels x batch, N output channels / groups,
// K kernel positions x input channels / groups (fully_connected: along its axis). conv_transpose: M input pixels x
// batch, N kernel positions x output channels / groups, K input channels / groups. matmul: a group is an image's
// channel. Zero for all other kinds.
struct GemmShape {
    std::uint64_t m = 0, n = 0, k = 0, groups = 0;
    std::uint64_t macs() const { return m * n * k * groups; }
    bool operator==(const GemmShape& other) const {
        return m == other.m && n == other.n && k == other.k && groups == other.groups;
    }
};

GemmShape gemm_shape(const Graph& graph, const Operator& op);
std::uint64_t macs(const Graph& graph, const Operator& op);
std::uint64_t weight_count(const Graph& graph, const Operator& op); // without bias; 0 without weights
std::uint64_t bias_count(const Graph& graph, const Operator& op);
std::uint64_t parameter_count(const Graph& graph, const Operator& op); // weights + bias; norms 2 C
std::uint64_t parameter_count(const Graph& graph);
std::uint64_t macs(const Graph& graph);

} // namespace systolica
