// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "workloads/onnx/handlers.h"

#include <algorithm>
#include <cmath>

#include "workloads/onnx/layout.h"
#include "workloads/onnx/view_dims.h"

namespace systolica {

namespace {

OpKind kind_of(const std::string& type) {
    return type == "Add"   ? OpKind::add
           : type == "Sub" ? OpKind::sub
           : type == "Mul" ? OpKind::mul
           : type == "Div" ? OpKind::div
                           : OpKind::pow;
}

// Two operands so that NumPy's rule on their dimensions is ours on their shapes.
struct Operands {
    Dims dims; // of the result
    Shape a, b;
};

enum Tag : unsigned { kSame, kFirstStretched, kSecondStretched };

Operands match(const OnnxValue& a, const OnnxValue& b) {
    const auto refuse = [&] {
        OnnxNode::refuse("inputs[1]", "expected the dimensions of the first input, " + dims_text(a) +
                                          " (or 1 where it is stretched), got " + dims_text(b));
    };
    Operands result;
    const std::size_t rank = a.dims.size();
    const bool both = b.kind == OnnxValue::Kind::result;
    Dims second = b.dims;
    if (both ? second.size() != rank : second.size() > rank) {
        refuse(); // the batch would meet another dimension
    }
    second.insert(second.begin(), rank - second.size(), 1);
    if (!both && second[0] != 1) {
        refuse(); // a constant for each image of a batch
    }
    result.dims = broadcast_dims(a.dims, second, refuse);
    if (!product(result.dims, 0, rank)) {
        OnnxNode::refuse("", "expected a tensor of at most 2^48 elements, got " + dims_text(result.dims));
    }
    if (canonical_shape(a.dims, result.a) && canonical_shape(second, result.b) && result.a == a.shape &&
        (!both || result.b == b.shape)) {
        return result;
    }
    if (both && a.dims == second && a.shape == b.shape) {
        result.a = result.b = a.shape;
        return result;
    }
    std::vector<unsigned> tags;
    for (std::size_t i = 0; i < rank; ++i) {
        tags.push_back(a.dims[i] == second[i] ? kSame : a.dims[i] == 1 ? kFirstStretched : kSecondStretched);
    }
    std::vector<std::uint64_t> lengths[2];
    for (const MergedDim& dim : merged(result.dims, tags)) {
        lengths[0].push_back(dim.tag == kFirstStretched ? 1 : dim.length);
        lengths[1].push_back(dim.tag == kSecondStretched ? 1 : dim.length);
    }
    const std::optional<Shape> shapes[2] = {shape_of(lengths[0]), shape_of(lengths[1])};
    if (!shapes[0]) {
        OnnxNode::refuse("inputs[1]", "expected at most three groups of dimensions that are stretched or not, got " +
                                          dims_text(a) + " and " + dims_text(b));
    }
    result.a = *shapes[0];
    result.b = *shapes[1];
    return result;
}

OperatorSpec with_number(OpKind kind, double value) {
    constexpr double kLargest = 1e30; // of native YAML: masks are "minus infinity"
    OperatorSpec spec;
    spec.kind = kind;
    spec.constant = true;
    spec.value = std::isnan(value) ? 0 : std::clamp(value, -kLargest, kLargest);
    return spec;
}

// A result and a constant: one number, or as many as are learned.
OnnxValue with_constant(OnnxNode& node, OpKind kind, const OnnxValue& value, const OnnxValue& constant) {
    const Operands operands = match(value, constant);
    if (elements(constant) == 1 && constant.known) {
        if (constant.numbers[0].batch) {
            OnnxNode::refuse("inputs[1]", "expected a constant that does not depend on the batch, got one that does");
        }
        return node.layer(with_number(kind, constant.numbers[0].value), {value}, operands.dims);
    }
    OperatorSpec spec;
    spec.kind = kind;
    spec.learned = true;
    spec.operand = operands.b;
    return node.layer(std::move(spec), {node.arranged(value, operands.a)}, operands.dims);
}

// constant - x = x * -1 + constant; constant / x = x ^ -1 * constant.
OnnxValue constant_first(OnnxNode& node, OpKind kind, const OnnxValue& constant, const OnnxValue& value) {
    if (kind == OpKind::pow) {
        OnnxNode::refuse("inputs[0]", "expected a base that depends on the network's input, got a constant");
    }
    if (kind == OpKind::add || kind == OpKind::mul) {
        return with_constant(node, kind, value, constant);
    }
    const bool sub = kind == OpKind::sub;
    const OnnxValue turned =
        node.layer(with_number(sub ? OpKind::mul : OpKind::pow, -1), {value}, value.dims, sub ? ".neg" : ".reciprocal");
    return with_constant(node, sub ? OpKind::add : OpKind::mul, turned, constant);
}

} // namespace

void read_arithmetic(OnnxNode& node) {
    const OnnxValue& a = node.input(0);
    OnnxValue b = node.input(1);
    const OpKind kind = kind_of(node.type());
    if (node.opset() < 7 && node.has("axis")) { // the second operand starts at that dimension
        const std::size_t axis = node.axis(node.integer("axis", 0), a.dims.size());
        if (b.kind != OnnxValue::Kind::constant || b.dims.size() > a.dims.size() - axis) {
            OnnxNode::refuse("axis", "expected a constant from that dimension on, got " + dims_text(b));
        }
        b.dims.resize(a.dims.size() - axis, 1);
    }
    if (a.kind != OnnxValue::Kind::result) {
        node.result(1);
        node.set(0, constant_first(node, kind, a, b));
    } else if (b.kind != OnnxValue::Kind::result) {
        node.set(0, with_constant(node, kind, a, b));
    } else {
        const Operands operands = match(a, b);
        OperatorSpec spec;
        spec.kind = kind;
        const OnnxValue first = node.arranged(a, operands.a);
        node.set(0, node.layer(std::move(spec), {first, node.arranged(b, operands.b)}, operands.dims));
    }
}

void read_sum(OnnxNode& node) {
    const OnnxValue& first = node.result(0);
    std::vector<OnnxValue> operands;
    for (std::size_t i = 0; i < node.input_count(); ++i) {
        if (node.result(i).dims != first.dims) {
            OnnxNode::refuse("inputs[" + std::to_string(i) + "]", "expected the dimensions of the first input, " +
                                                                      dims_text(first) + ", got " +
                                                                      dims_text(node.result(i)));
        }
        operands.push_back(node.arranged(node.result(i), first.shape));
    }
    OperatorSpec spec;
    spec.kind = OpKind::add;
    node.set(0, operands.size() == 1 ? first : node.layer(std::move(spec), operands, first.dims));
}

void read_unary(OnnxNode& node) {
    const OnnxValue& value = node.result(0);
    const OperatorSpec spec = node.type() == "Neg"    ? with_number(OpKind::mul, -1)
                              : node.type() == "Sqrt" ? with_number(OpKind::pow, 0.5)
                                                      : with_number(OpKind::pow, -1);
    node.set(0, node.layer(spec, {value}, value.dims));
}

} // namespace systolica
