// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "mapping/simdit/vector_works.h"

namespace systolica {

SimditProduct simdit_product(const MatrixWork& nest, bool fully_connected) {
    SimditProduct work;
    work.fully_connected = fully_connected;
    work.images = nest.images;
    work.groups = nest.groups;
    work.in_channels = nest.in_channels;
    work.out_channels = nest.out_channels;
    work.out_h = nest.out_h;
    work.out_w = nest.out_w;
    work.kernel_h = nest.kernel_h;
    work.kernel_w = nest.kernel_w;
    work.stride_h = nest.stride_h;
    work.stride_w = nest.stride_w;
    work.dilation_h = nest.kernel_dilation_h;
    work.dilation_w = nest.kernel_dilation_w;
    work.input_dilation_h = nest.input_dilation_h;
    work.input_dilation_w = nest.input_dilation_w;
    return work;
}

SimditVector simdit_element_wise(const Shape& shape, unsigned reads, unsigned steps) {
    SimditVector work;
    work.images = shape.n;
    work.channels = shape.c;
    work.h = shape.h;
    work.w = shape.w;
    work.reads = reads;
    work.steps = steps;
    return work;
}

SimditVector simdit_of_kind(SimditVectorKind kind, const Shape& shape) {
    SimditVector work = simdit_element_wise(shape, 1, 1);
    work.kind = kind;
    return work;
}

SimditVector simdit_pool(SimditVectorKind kind, const Graph& graph, const Operator& op) {
    const bool global = op.kind == OpKind::global_avg_pool;
    const Shape& in = graph.input_of(op).shape;
    SimditVector work = simdit_of_kind(kind, graph.output_of(op).shape);
    work.kernel_h = global ? in.h : op.window.kernel_h;
    work.kernel_w = global ? in.w : op.window.kernel_w;
    work.stride_h = op.window.stride_h;
    work.stride_w = op.window.stride_w;
    return work;
}

SimditVector simdit_relu(const Shape& shape) {
    SimditVector work = simdit_element_wise(shape, 1, 1);
    work.immediate = true;
    return work;
}

} // namespace systolica
