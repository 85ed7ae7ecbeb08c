// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "mapping/layer.h"

#include "mapping/access.h"

#include <algorithm>
#include <utility>

namespace systolica {

namespace {

Axis axis(std::uint64_t in, std::uint64_t out, std::uint64_t kernel, std::uint64_t stride, std::uint64_t dilation,
          std::uint64_t pad) {
    return {in, out, kernel, stride, dilation, pad, Scale::none};
}

Axis scaled(std::uint64_t in, std::uint64_t out, Scale scale) {
    Axis one = axis(in, out, 1, 1, 1, 0);
    one.scale = in == out ? Scale::none : scale;
    return one;
}

// One product for each image and channel: rows of the first factor, columns of the second.
Layer product_layer(const GemmShape& gemm) {
    Layer layer;
    layer.matrix = layer.product = layer.images_apart = true;
    layer.groups = gemm.groups;
    layer.in_channels = gemm.groups * gemm.k;
    layer.out_channels = gemm.groups * gemm.n;
    layer.rows = axis(gemm.m, gemm.m, 1, 1, 1, 0);
    return layer;
}

bool reduces(const Operator& op, Dim dim) {
    return std::find(op.axes.begin(), op.axes.end(), dim) != op.axes.end();
}

} // namespace

std::uint64_t Layer::macs() const {
    if (weight_gradient) {
        return images * terms({0, rows.out}) * formed() * in_group() * out_channels;
    }
    return matrix ? out_elements() * in_group() * kernel_positions() : 0;
}

// Rows of all images follow each other in memory; where no window crosses rows they are one tall image.
void stack_images(Layer& layer) {
    if (layer.images > 1 && !layer.images_apart && layer.rows.pointwise() && layer.columns.pointwise()) {
        layer.row_unit = layer.rows.out;
        layer.rows.in = layer.rows.out = layer.images * layer.rows.out;
        layer.images = 1;
    }
}

Layer element_layer(const Shape& shape, bool images_apart) {
    Layer layer;
    layer.images = shape.n;
    layer.in_channels = layer.out_channels = layer.groups = shape.c;
    layer.rows = axis(shape.h, shape.h, 1, 1, 1, 0);
    layer.columns = axis(shape.w, shape.w, 1, 1, 1, 0);
    layer.images_apart = images_apart;
    stack_images(layer);
    return layer;
}

Layer make_layer(const Graph& graph, const Operator& op, bool images_apart) {
    if (op.kind == OpKind::matmul) {
        return product_layer(gemm_shape(graph, op));
    }
    const AxisOrder order = output_order(op);
    const Shape in = in_order(graph.input_of(op).shape, input_order(op));
    const Shape out = in_order(graph.output_of(op).shape, order);
    Layer layer;
    layer.images = out.n;
    layer.in_channels = in.c;
    layer.out_channels = out.c;
    layer.matrix = op.kind == OpKind::conv || op.kind == OpKind::fully_connected;
    layer.bias = layer.matrix && op.bias;
    layer.groups = layer.matrix ? op.groups : in.c == out.c ? out.c : 1;
    layer.whole_channels = op.kind == OpKind::softmax || op.kind == OpKind::layer_norm || op.kind == OpKind::lrn;
    layer.images_apart = images_apart || order != kAxesInOrder || input_order(op) != kAxesInOrder;

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
    case OpKind::reduce_mean:
    case OpKind::reduce_sum:
        layer.rows = reduces(op, Dim::height) ? axis(in.h, 1, in.h, 1, 1, 0) : axis(in.h, in.h, 1, 1, 1, 0);
        layer.columns = reduces(op, Dim::width) ? axis(in.w, 1, in.w, 1, 1, 0) : axis(in.w, in.w, 1, 1, 1, 0);
        break;
    case OpKind::pad: // a window of one position, part of the time in the padding
        layer.rows = axis(in.h, out.h, 1, 1, 1, op.window.pad_top);
        layer.columns = axis(in.w, out.w, 1, 1, 1, op.window.pad_left);
        break;
    case OpKind::slice:
        layer.groups = layer.in_channels = out.c;
        layer.rows = axis(out.h, out.h, 1, 1, 1, 0);
        layer.columns = axis(out.w, out.w, 1, 1, 1, 0);
        break;
    default: { // stretched where the input has one position
        const Scale scale = op.kind == OpKind::resize_bilinear ? Scale::linear : Scale::nearest;
        layer.rows = scaled(in.h, out.h, scale);
        layer.columns = scaled(in.w, out.w, scale);
        break;
    }
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
