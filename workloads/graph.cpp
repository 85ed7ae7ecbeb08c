// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "workloads/graph.h"

namespace systolica {

const char* op_kind_name(OpKind kind) {
    switch (kind) {
    case OpKind::conv:
        return "conv";
    case OpKind::fully_connected:
        return "fc";
    case OpKind::batch_norm:
        return "bn";
    case OpKind::relu:
        return "relu";
    case OpKind::relu6:
        return "relu6";
    case OpKind::add:
        return "add";
    case OpKind::max_pool:
        return "maxpool";
    case OpKind::avg_pool:
        return "avgpool";
    case OpKind::global_avg_pool:
        return "gap";
    case OpKind::concat:
        return "concat";
    case OpKind::flatten:
        return "flatten";
    case OpKind::softmax:
        return "softmax";
    case OpKind::dropout:
        return "dropout";
    case OpKind::softmax_cross_entropy:
        return "softmax_ce";
    }
    return "";
}

const Tensor& Graph::input_of(const Operator& op, std::size_t which) const {
    return tensors[static_cast<std::size_t>(op.inputs[which])];
}

const Tensor& Graph::output_of(const Operator& op) const {
    return tensors[static_cast<std::size_t>(op.output)];
}

std::string op_label(const Graph& graph, const Operator& op) {
    const bool depthwise = op.kind == OpKind::conv && op.groups > 1 && op.groups == graph.input_of(op).shape.c;
    return depthwise ? "dwconv" : op_kind_name(op.kind);
}

GemmShape gemm_shape(const Graph& graph, const Operator& op) {
    if (op.kind != OpKind::conv && op.kind != OpKind::fully_connected) {
        return {};
    }
    const Shape& in = graph.input_of(op).shape;
    const Shape& out = graph.output_of(op).shape;
    GemmShape gemm;
    gemm.m = out.n * out.h * out.w;
    gemm.n = out.c / op.groups;
    gemm.k = op.window.kernel_h * op.window.kernel_w * (in.c / op.groups);
    gemm.groups = op.groups;
    return gemm;
}

std::uint64_t macs(const Graph& graph, const Operator& op) {
    return gemm_shape(graph, op).macs();
}

std::uint64_t weight_count(const Graph& graph, const Operator& op) {
    const GemmShape gemm = gemm_shape(graph, op);
    return gemm.n * gemm.k * gemm.groups;
}

std::uint64_t bias_count(const Graph& graph, const Operator& op) {
    return op.bias ? graph.output_of(op).shape.c : 0;
}

std::uint64_t parameter_count(const Graph& graph, const Operator& op) {
    if (op.kind == OpKind::batch_norm) {
        return 2 * graph.output_of(op).shape.c; // scale and shift; running statistics are not learned
    }
    return weight_count(graph, op) + bias_count(graph, op);
}

std::uint64_t parameter_count(const Graph& graph) {
    std::uint64_t sum = 0;
    for (const Operator& op : graph.operators) {
        sum += parameter_count(graph, op);
    }
    return sum;
}

std::uint64_t macs(const Graph& graph) {
    std::uint64_t sum = 0;
    for (const Operator& op : graph.operators) {
        sum += macs(graph, op);
    }
    return sum;
}

} // namespace systolica
