// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "mapping/simdit/supported.h"

#include <algorithm>
#include <array>

#include "base/diagnostics.h"

namespace systolica {

namespace {

constexpr std::array kElementWise{OpKind::relu, OpKind::relu6,        OpKind::leaky_relu, OpKind::sigmoid, OpKind::tanh,
                                  OpKind::silu, OpKind::hard_sigmoid, OpKind::hard_swish, OpKind::gelu,    OpKind::add,
                                  OpKind::sub,  OpKind::mul,          OpKind::div,        OpKind::pow};

constexpr std::array kOthers{OpKind::conv,
                             OpKind::conv_transpose,
                             OpKind::fully_connected,
                             OpKind::batch_norm,
                             OpKind::max_pool,
                             OpKind::avg_pool,
                             OpKind::global_avg_pool,
                             OpKind::flatten,
                             OpKind::reshape,
                             OpKind::identity,
                             OpKind::dropout,
                             OpKind::softmax,
                             OpKind::softmax_cross_entropy};

template <class List>
bool holds(const List& list, OpKind kind) {
    return std::find(list.begin(), list.end(), kind) != list.end();
}

bool is_pool(OpKind kind) {
    return kind == OpKind::max_pool || kind == OpKind::avg_pool;
}

bool stretches(const Graph& network, const Operator& op) {
    const Shape& out = network.output_of(op).shape;
    return (op.learned && op.operand.per_image() != out.per_image()) ||
           std::any_of(op.inputs.begin(), op.inputs.end(),
                       [&](int input) { return network.tensors[static_cast<std::size_t>(input)].shape != out; });
}

} // namespace

bool simdit_element_wise(OpKind kind) {
    return holds(kElementWise, kind);
}

void check_supported(const Graph& network) {
    Problems problems;
    const auto refuse = [&problems](const Operator& op, const std::string& text) {
        problems.add(op.where, op.name, "expected " + text);
    };
    for (const Operator& op : network.operators) {
        const std::string word = op_kind_name(op.kind);
        if (!simdit_element_wise(op.kind) && !holds(kOthers, op.kind)) {
            refuse(op, "an operator that dataflow simdit has a rule for (docs/simdit.md), got " + word);
        } else if (simdit_element_wise(op.kind) && stretches(network, op)) {
            refuse(op, "operands of the result's shape with dataflow simdit, got one that is stretched");
        } else if (is_pool(op.kind) && (op.window.dilation_h > 1 || op.window.dilation_w > 1)) {
            refuse(op, "a pool without dilation with dataflow simdit, got dilation " +
                           std::to_string(op.window.dilation_h) + " x " + std::to_string(op.window.dilation_w));
        }
    }
    if (!problems.empty()) {
        throw InputError(problems);
    }
}

} // namespace systolica
