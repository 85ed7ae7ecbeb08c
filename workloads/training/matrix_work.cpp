// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "workloads/training/matrix_work.h"

#include "base/integer.h"

#include <initializer_list>
#include <limits>

namespace systolica {

namespace {

std::uint64_t saturating_product(std::initializer_list<std::uint64_t> factors) {
    const std::uint64_t most = std::numeric_limits<std::uint64_t>::max();
    std::uint64_t product = 1;
    for (const std::uint64_t factor : factors) {
        product = factor != 0 && product > most / factor ? most : product * factor;
    }
    return product;
}

// A convolution and its adjoint, seen from one side: `fine` has a position for every step, `coarse` one a stride.
struct Sides {
    Shape fine, coarse;
    bool coarse_is_input = false;
};

Sides sides(const Graph& graph, const Operator& op) {
    const Shape& in = graph.input_of(op).shape;
    const Shape& out = graph.output_of(op).shape;
    return op.kind == OpKind::conv_transpose ? Sides{out, in, true} : Sides{in, out, false};
}

std::uint64_t dilated(std::uint64_t positions, std::uint64_t stride) {
    return (positions - 1) * stride + 1;
}

MatrixWork nest(const Operator& op, const Shape& from, const Shape& to) {
    MatrixWork work;
    work.images = to.n;
    work.groups = op.groups;
    work.in_channels = from.c / op.groups;
    work.out_channels = to.c / op.groups;
    work.out_h = to.h;
    work.out_w = to.w;
    work.kernel_h = op.window.kernel_h;
    work.kernel_w = op.window.kernel_w;
    work.kernel_dilation_h = op.window.dilation_h;
    work.kernel_dilation_w = op.window.dilation_w;
    return work;
}

// From one side of a convolution to the other: windows step over the fine side, or the coarse one is spread out.
MatrixWork nest_between(const Graph& graph, const Operator& op, bool forward) {
    const Shape& in = graph.input_of(op).shape;
    const Shape& out = graph.output_of(op).shape;
    MatrixWork work = forward ? nest(op, in, out) : nest(op, out, in);
    const bool spread = forward == (op.kind == OpKind::conv_transpose);
    (spread ? work.input_dilation_h : work.stride_h) = op.window.stride_h;
    (spread ? work.input_dilation_w : work.stride_w) = op.window.stride_w;
    return work;
}

MatrixWork of_gemm(const GemmShape& gemm, std::uint64_t images) {
    MatrixWork work;
    work.gemm = gemm;
    work.images = images;
    work.groups = gemm.groups / images;
    work.in_channels = gemm.k;
    work.out_channels = gemm.n;
    work.out_h = gemm.m;
    work.out_w = work.kernel_h = work.kernel_w = 1;
    return work;
}

// A product that is no loop nest over an image.
bool along_other_axis(const Operator& op) {
    return op.kind == OpKind::fully_connected && axis_of(op) != Dim::channels;
}

} // namespace

MatrixWork forward_work(const Graph& graph, const Operator& op) {
    const GemmShape gemm = gemm_shape(graph, op);
    if (gemm.groups == 0) {
        return {};
    }
    if (op.kind == OpKind::matmul || along_other_axis(op)) {
        return of_gemm(gemm, op.kind == OpKind::matmul ? graph.output_of(op).shape.n : 1);
    }
    MatrixWork work = nest_between(graph, op, true);
    work.gemm = gemm;
    return work;
}

MatrixWork input_gradient_work(const Graph& graph, const Operator& op, BackwardLowering lowering) {
    const GemmShape gemm = gemm_shape(graph, op);
    if (along_other_axis(op)) {
        return of_gemm({gemm.m, gemm.k, gemm.n, 1}, 1);
    }
    MatrixWork work = nest_between(graph, op, false);
    if (lowering == BackwardLowering::direct || op.kind == OpKind::conv_transpose) { // that one is a plain convolution
        work.gemm = {gemm.m, gemm.k, gemm.n, gemm.groups};
        return work;
    }
    work.input_dilation_h = work.input_dilation_w = 1;
    work.gemm = {work.images * work.out_h * work.out_w, work.out_channels,
                 work.kernel_h * work.kernel_w * work.in_channels, work.groups};
    return work;
}

MatrixWork weight_gradient_work(const Graph& graph, const Operator& op, BackwardLowering lowering) {
    const GemmShape gemm = gemm_shape(graph, op);
    if (along_other_axis(op)) {
        return of_gemm({gemm.k, gemm.n, gemm.m, 1}, 1);
    }
    const Sides side = sides(graph, op);
    const Window& window = op.window;
    MatrixWork work;
    work.groups = op.groups;
    work.images = side.fine.c / op.groups;
    work.in_channels = side.fine.n;
    work.out_channels = side.coarse.c / op.groups;
    work.out_h = window.kernel_h;
    work.out_w = window.kernel_w;
    work.kernel_h = side.coarse.h;
    work.kernel_w = side.coarse.w;
    work.stride_h = window.dilation_h;
    work.stride_w = window.dilation_w;
    work.kernel_dilation_h = window.stride_h;
    work.kernel_dilation_w = window.stride_w;
    if (lowering == BackwardLowering::direct) {
        work.gemm = {gemm.k, gemm.n, gemm.m, gemm.groups};
        return work;
    }
    work.kernel_h = dilated(side.coarse.h, window.stride_h);
    work.kernel_w = dilated(side.coarse.w, window.stride_w);
    // Rows that the last window of the forward pass leaves over give sums that no weight needs; SimDIT forms them, too.
    work.out_h = side.fine.h + window.pad_top + window.pad_bottom - work.kernel_h + 1;
    work.out_w = side.fine.w + window.pad_left + window.pad_right - work.kernel_w + 1;
    work.stride_h = work.stride_w = work.kernel_dilation_h = work.kernel_dilation_w = 1;
    work.gemm = {work.images * work.out_h * work.out_w, work.out_channels,
                 work.in_channels * work.kernel_h * work.kernel_w, work.groups};
    return work;
}

MatrixWork operand_gradient_work(const Graph& graph, const Operator& op, std::size_t which) {
    const GemmShape gemm = gemm_shape(graph, op);
    const GemmShape turned =
        which == 0 ? GemmShape{gemm.m, gemm.k, gemm.n, gemm.groups} : GemmShape{gemm.k, gemm.n, gemm.m, gemm.groups};
    return of_gemm(turned, graph.output_of(op).shape.n);
}

std::uint64_t padded_macs(const MatrixWork& work, std::uint64_t rows, std::uint64_t cols) {
    return saturating_product({work.images, work.groups, work.out_h, work.out_w, work.kernel_h, work.kernel_w,
                               ceil_div(work.in_channels, rows) * rows, ceil_div(work.out_channels, cols) * cols});
}

} // namespace systolica
