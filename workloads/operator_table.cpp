// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "workloads/operator_table.h"

#include "workloads/shape_rule_list.h"

namespace systolica {

namespace {

const char* const kConvKeys = "out_channels* kernel* stride pad dilation groups bias";

// Counts of conv, norms, pools, relu, relu6, dropout, softmax, LRN and losses: reference/workloads/README of the
// project. Where the backward pass of an activation has the choice it reads the output, which the next layer keeps
// anyway. sigmoid = 1/(1+exp(-x)); tanh = (e-1)/(e+1), e = exp(2x); gelu is the tanh form (Hendrycks and Gimpel,
// arXiv:1606.08415), its inner function is formed again for the gradient.
const std::vector<OperatorRow>& rows() {
    using K = OpKind;
    using P = Parameters;
    using B = Backward;
    constexpr Inference runs = Inference::runs;
    constexpr Inference dropped = Inference::dropped;
    // clang-format off
    static const std::vector<OperatorRow> table{
        // kind, word, inputs, shape, keys, inference, parameters, view, stash, forward, backward, gradients
        {K::conv, "conv", 1, 1, conv_shape, kConvKeys, runs, P::matrix, false, false, {}, B::matrix, {}},
        {K::conv_transpose, "conv_transpose", 1, 1, conv_transpose_shape,
         "out_channels* kernel* stride pad dilation groups bias output_pad", runs, P::matrix, false, false, {},
         B::matrix, {}},
        {K::fully_connected, "fc", 1, 1, fully_connected_shape, "out_channels* bias axis", runs, P::matrix, false,
         false, {}, B::matrix, {}},
        {K::matmul, "matmul", 2, 2, matmul_shape, "transpose_a transpose_b", runs, P::none, false, false, {},
         B::product, {}},
        {K::embedding, "embedding", 1, 1, embedding_shape, "out_channels* size* axis", runs, P::table, false, false,
         {}, B::table, {{{0, 1, 0}, kReadsInput}, {}}},
        {K::batch_norm, "bn", 1, 1, same_shape, "", runs, P::scale_and_shift, false, false, {4}, B::batch_norm, {}},
        {K::layer_norm, "layer_norm", 1, 1, same_shape, "axis", runs, P::scale_and_shift, false, false, {5, 2},
         B::layer_norm, {{{9, 4}, kReadsInput}, {}}},
        {K::lrn, "lrn", 1, 1, lrn_shape, "size", runs, P::none, false, true, {3, 0, 1, 0, 1}, B::element_wise,
         {{{4, 0, 1, 0, 1}, kReadsInput | kReadsOutput | kReadsStash}, {}}},
        {K::relu, "relu", 1, 1, same_shape, "", runs, P::none, false, false, {1}, B::element_wise,
         {{{1}, kReadsOutput}, {}}},
        {K::relu6, "relu6", 1, 1, same_shape, "", runs, P::none, false, false, {2}, B::element_wise,
         {{{2}, kReadsOutput}, {}}},
        {K::leaky_relu, "leaky_relu", 1, 1, same_shape, "", runs, P::none, false, false, {2}, B::element_wise,
         {{{2}, kReadsOutput}, {}}},
        {K::sigmoid, "sigmoid", 1, 1, same_shape, "", runs, P::none, false, false, {2, 0, 2}, B::element_wise,
         {{{3}, kReadsOutput}, {}}},
        {K::tanh, "tanh", 1, 1, same_shape, "", runs, P::none, false, false, {3, 0, 2}, B::element_wise,
         {{{3}, kReadsOutput}, {}}},
        {K::silu, "silu", 1, 1, same_shape, "", runs, P::none, false, false, {3, 0, 2}, B::element_wise,
         {{{7, 0, 2}, kReadsInput}, {}}},
        {K::gelu, "gelu", 1, 1, same_shape, "", runs, P::none, false, false, {11, 0, 2}, B::element_wise,
         {{{19, 0, 2}, kReadsInput}, {}}},
        {K::hard_sigmoid, "hard_sigmoid", 1, 1, same_shape, "", runs, P::none, false, false, {4}, B::element_wise,
         {{{3}, kReadsOutput}, {}}},
        {K::hard_swish, "hard_swish", 1, 1, same_shape, "", runs, P::none, false, false, {5}, B::element_wise,
         {{{5}, kReadsInput}, {}}},
        {K::add, "add", 2, 0, element_wise_shape, "value operand", runs, P::operand, false, false, {1}, B::operands,
         {}},
        {K::sub, "sub", 2, 2, element_wise_shape, "value operand", runs, P::operand, false, false, {1}, B::operands,
         {{}, {{1}, kReadsNothing}}},
        {K::mul, "mul", 2, 2, element_wise_shape, "value operand", runs, P::operand, false, false, {1}, B::operands,
         {{{1}, kReadsSecond}, {{1}, kReadsInput}}},
        {K::div, "div", 2, 2, element_wise_shape, "value operand", runs, P::operand, false, false, {0, 0, 1},
         B::operands, {{{0, 0, 1}, kReadsSecond}, {{2, 0, 1}, kReadsSecond | kReadsOutput}}},
        {K::pow, "pow", 2, 2, element_wise_shape, "value operand", runs, P::operand, false, false, {1, 0, 2},
         B::operands,
         {{{2, 0, 1}, kReadsInput | kReadsSecond | kReadsOutput}, {{2, 0, 1}, kReadsInput | kReadsOutput}}},
        {K::max_pool, "maxpool", 1, 1, pool_shape, "kernel* stride pad dilation ceil_mode", runs, P::none, false, true,
         {0, 0, 0, 0, 1}, B::element_wise, {{{0, 1}, kReadsStash}, {}}},
        {K::avg_pool, "avgpool", 1, 1, pool_shape, "kernel* stride pad ceil_mode count_include_pad", runs, P::none,
         false, false, {0, 0, 1, 0, 1}, B::element_wise, {{{0, 0, 1, 1, 0}, kReadsNothing}, {}}},
        {K::global_avg_pool, "gap", 1, 1, global_pool_shape, "", runs, P::none, false, false, {0, 0, 1, 0, 1},
         B::element_wise, {{{0, 0, 1, 1, 0}, kReadsNothing}, {}}},
        {K::reduce_mean, "reduce_mean", 1, 1, reduce_shape, "axes*", runs, P::none, false, false, {0, 0, 1, 0, 1},
         B::element_wise, {{{0, 0, 1, 1, 0}, kReadsNothing}, {}}},
        {K::reduce_sum, "reduce_sum", 1, 1, reduce_shape, "axes*", runs, P::none, false, false, {0, 0, 0, 0, 1},
         B::element_wise, {{{0, 0, 0, 1, 0}, kReadsNothing}, {}}},
        {K::resize_nearest, "resize_nearest", 1, 1, resize_shape, "height width scale", runs, P::none, false, false,
         {}, B::element_wise, {{{0, 1}, kReadsNothing}, {}}},
        {K::resize_bilinear, "resize_bilinear", 1, 1, resize_shape, "height width scale", runs, P::none, false,
         false, {0, 0, 0, 1, 1}, B::element_wise, {{{0, 0, 0, 1, 1}, kReadsNothing}, {}}},
        {K::concat, "concat", 2, 0, concat_shape, "axis", runs, P::none, true, false, {}, B::view, {}},
        {K::flatten, "flatten", 1, 1, flatten_shape, "", runs, P::none, true, false, {}, B::view, {}},
        {K::reshape, "reshape", 1, 1, reshape_shape, "channels* height width", runs, P::none, true, false, {},
         B::view, {}},
        {K::identity, "identity", 1, 1, same_shape, "", dropped, P::none, true, false, {}, B::view, {}},
        {K::transpose, "transpose", 1, 1, transpose_shape, "axes*", runs, P::none, false, false, {},
         B::element_wise, {}},
        {K::slice, "slice", 1, 1, slice_shape, "axis start length*", runs, P::none, true, false, {},
         B::element_wise, {}},
        {K::pad, "pad", 1, 1, pad_shape, "pad*", runs, P::none, false, false, {}, B::view, {}},
        {K::softmax, "softmax", 1, 1, same_shape, "axis", runs, P::none, false, false, {1, 2, 2}, B::element_wise,
         {{{3, 1}, kReadsOutput}, {}}},
        {K::dropout, "dropout", 1, 1, same_shape, "", dropped, P::none, false, true, {2}, B::element_wise,
         {{{1}, kReadsStash}, {}}},
        {K::softmax_cross_entropy, "softmax_ce", 1, 1, loss_shape, "axis", runs, P::none, false, false, {}, B::loss,
         {}},
    };
    // clang-format on
    return table;
}

} // namespace

const std::vector<OperatorRow>& operator_table() {
    return rows();
}

const OperatorRow& operator_row(OpKind kind) {
    return rows()[static_cast<std::size_t>(kind)];
}

std::uint64_t tap_count(const Graph& graph, const Operator& op) {
    switch (op.kind) {
    case OpKind::max_pool:
    case OpKind::avg_pool:
    case OpKind::global_avg_pool:
        return op.window.kernel_h * op.window.kernel_w;
    case OpKind::reduce_mean:
    case OpKind::reduce_sum:
        return graph.input_of(op).shape.per_image() / graph.output_of(op).shape.per_image();
    case OpKind::lrn:
        return op.size;
    case OpKind::resize_bilinear:
        return 4;
    default:
        return 1;
    }
}

} // namespace systolica
