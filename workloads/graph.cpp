// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "workloads/graph.h"

#include "workloads/operator_table.h"

namespace systolica {

const char* op_kind_name(OpKind kind) {
    return operator_row(kind).word;
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
    const Shape& in = graph.input_of(op).shape;
    const Shape& out = graph.output_of(op).shape;
    const std::uint64_t taps = op.window.kernel_h * op.window.kernel_w;
    switch (op.kind) {
    case OpKind::fully_connected: {
        const Dim axis = axis_of(op);
        return {out.elements() / out.of(axis), out.of(axis), in.of(axis), 1};
    }
    case OpKind::conv:
        return {out.n * out.h * out.w, out.c / op.groups, taps * (in.c / op.groups), op.groups};
    case OpKind::conv_transpose:
        return {in.n * in.h * in.w, taps * (out.c / op.groups), in.c / op.groups, op.groups};
    case OpKind::matmul:
        return {out.h, out.w, op.transpose_a ? in.h : in.w, out.n * out.c};
    default:
        return {};
    }
}

std::uint64_t macs(const Graph& graph, const Operator& op) {
    return gemm_shape(graph, op).macs();
}

std::uint64_t weight_count(const Graph& graph, const Operator& op) {
    switch (operator_row(op.kind).parameters) {
    case Parameters::matrix: {
        const GemmShape gemm = gemm_shape(graph, op);
        return gemm.n * gemm.k * gemm.groups;
    }
    case Parameters::table:
        return op.size * graph.output_of(op).shape.of(axis_of(op));
    case Parameters::operand:
        return op.learned ? op.operand.per_image() : 0;
    default:
        return 0;
    }
}

std::uint64_t bias_count(const Graph& graph, const Operator& op) {
    return operator_row(op.kind).parameters == Parameters::matrix && op.bias ? graph.output_of(op).shape.of(axis_of(op))
                                                                             : 0;
}

std::uint64_t parameter_count(const Graph& graph, const Operator& op) {
    if (operator_row(op.kind).parameters == Parameters::scale_and_shift) {
        return 2 * graph.output_of(op).shape.of(axis_of(op)); // running statistics are not learned
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
