// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// What runs: a graph of operators over named tensors, in program order (every input is produced earlier). Shapes are
// NCHW and include the batch. Built with GraphBuilder, which applies the shape rules.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace systolica {

enum class OpKind : std::uint8_t {
    conv,            // also depth-wise and grouped
    fully_connected, // GEMM: out[n][h][w][oc] = sum over c of in[n][h][w][c] * weight[c][oc]
    batch_norm,
    relu,
    relu6,
    add,
    max_pool,
    avg_pool,
    global_avg_pool,
    concat, // over channels
    flatten,
    softmax,
    dropout,
    softmax_cross_entropy,
};

const char* op_kind_name(OpKind kind); // as in layers.csv and reference tables: conv, dwconv is by op_label()

struct Shape {
    std::uint64_t n = 1;
    std::uint64_t c = 1;
    std::uint64_t h = 1;
    std::uint64_t w = 1;

    std::uint64_t elements() const { return n * c * h * w; }
    std::uint64_t per_image() const { return c * h * w; }
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

struct Operator {
    std::string name;
    OpKind kind = OpKind::conv;
    std::vector<int> inputs; // tensors
    int output = -1;         // tensor
    Window window;           // conv and pools
    std::uint64_t groups = 1;
    bool bias = false;             // conv, fully_connected
    bool ceil_mode = false;        // pools
    bool count_include_pad = true; // avg_pool
};

struct Graph {
    std::string name;
    std::uint64_t batch = 1;
    std::vector<Operator> operators;
    std::vector<Tensor> tensors;

    const Tensor& input_of(const Operator& op, std::size_t which = 0) const;
    const Tensor& output_of(const Operator& op) const;
};

// Reference label: kind name, but "dwconv" for a convolution with one input channel a group, "fc", "gap", "bn".
std::string op_label(const Graph& graph, const Operator& op);

// Matrix view of a conv or fully_connected (formulas.md 1), per group: M output pixels x batch, N output channels /
// groups, K kernel positions x input channels / groups. Zero for all other kinds.
struct GemmShape {
    std::uint64_t m = 0, n = 0, k = 0, groups = 0;
    std::uint64_t macs() const { return m * n * k * groups; }
};

GemmShape gemm_shape(const Graph& graph, const Operator& op);
std::uint64_t macs(const Graph& graph, const Operator& op);
std::uint64_t weight_count(const Graph& graph, const Operator& op); // without bias; 0 without weights
std::uint64_t bias_count(const Graph& graph, const Operator& op);
std::uint64_t parameter_count(const Graph& graph, const Operator& op); // weights + bias; batch-norm 2 C
std::uint64_t parameter_count(const Graph& graph);
std::uint64_t macs(const Graph& graph);

} // namespace systolica
