// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "mapping/layer.h"

namespace systolica {

namespace {

Axis axis(std::uint64_t in, std::uint64_t out, std::uint64_t kernel, std::uint64_t stride, std::uint64_t dilation,
          std::uint64_t pad) {
    return {in, out, kernel, stride, dilation, pad};
}

// Rows of all images follow each other in memory; where no window crosses rows they are one tall image.
void stack_images(Layer& layer) {
    if (layer.images > 1 && layer.rows.pointwise() && layer.columns.pointwise()) {
        layer.row_unit = layer.rows.out;
        layer.rows.in = layer.rows.out = layer.images * layer.rows.out;
        layer.images = 1;
    }
}

} // namespace

Layer make_layer(const Graph& graph, const Operator& op) {
    const Shape& in = graph.input_of(op).shape;
    const Shape& out = graph.output_of(op).shape;
    Layer layer;
    layer.images = out.n;
    layer.in_channels = in.c;
    layer.out_channels = out.c;
    layer.matrix = op.kind == OpKind::conv || op.kind == OpKind::fully_connected;
    layer.bias = op.bias;
    layer.groups = layer.matrix ? op.groups : out.c;
    layer.whole_channels = op.kind == OpKind::softmax;

    switch (op.kind) {
    case OpKind::conv:
    case OpKind::max_pool:
    case OpKind::avg_pool:
        layer.rows = axis(in.h, out.h, op.window.kernel_h, op.window.stride_h, op.window.dilation_h, op.window.pad_top);
        layer.columns =
            axis(in.w, out.w, op.window.kernel_w, op.window.stride_w, op.window.dilation_w, op.window.pad_left);
        break;
    case OpKind::global_avg_pool:
        layer.rows = axis(in.h, 1, in.h, 1, 1, 0);
        layer.columns = axis(in.w, 1, in.w, 1, 1, 0);
        break;
    default:
        layer.rows = axis(out.h, out.h, 1, 1, 1, 0);
        layer.columns = axis(out.w, out.w, 1, 1, 1, 0);
        break;
    }
    stack_images(layer);
    return layer;
}

FoldedWindow fold_whole_windows(Layer& layer) {
    FoldedWindow folded;
    const auto whole = [](const Axis& axis) {
        return axis.in > 1 && axis.kernel == axis.in && axis.dilation == 1 && axis.out == 1 && axis.pad_before == 0;
    };
    if (!layer.matrix || layer.groups != 1 || !whole(layer.columns)) {
        return folded;
    }
    folded.width = layer.columns.in;
    layer.columns = axis(1, 1, 1, 1, 1, 0);
    if (whole(layer.rows)) {
        folded.height = layer.rows.in;
        layer.rows = axis(1, 1, 1, 1, 1, 0);
    }
    layer.in_channels *= folded.width * folded.height;
    stack_images(layer);
    return folded;
}

Layer one_group(const Layer& layer) {
    Layer one = layer;
    one.in_channels = layer.in_group();
    one.out_channels = layer.out_group();
    one.groups = 1;
    return one;
}

} // namespace systolica
