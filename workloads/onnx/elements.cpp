// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "workloads/onnx/handlers.h"

#include <map>

namespace systolica {

namespace {

OnnxValue same_layer(OnnxNode& node, OpKind kind, const OnnxValue& value) {
    OperatorSpec spec;
    spec.kind = kind;
    return node.layer(std::move(spec), {value}, value.dims);
}

// The dimensions from `first` on as one; how they lie in memory does not change.
OnnxValue joined_from(const OnnxValue& value, std::size_t first) {
    OnnxValue joined = value;
    joined.dims.resize(first);
    joined.dims.push_back(*product(value.dims, first, value.dims.size()));
    return joined;
}

// An operator along one axis of a view of the value.
OnnxValue along_layer(OnnxNode& node, OpKind kind, const OnnxValue& value, const OnnxValue& view, std::size_t axis) {
    OperatorSpec spec;
    spec.kind = kind;
    Dim dim = Dim::channels;
    const OnnxValue input = node.along(view, axis, dim);
    spec.axes = {dim};
    return node.layer(std::move(spec), {input}, value.dims);
}

void check_list(const OnnxNode& node, std::size_t input, const Dims& dims) {
    if (node.has(input) && node.weights(input).dims != dims) {
        OnnxNode::refuse("inputs[" + std::to_string(input) + "]",
                         "expected weights of " + dims_text(dims) + ", got " + dims_text(node.weights(input)));
    }
}

} // namespace

void read_activation(OnnxNode& node) {
    static const std::map<std::string, OpKind> kinds{
        {"Relu", OpKind::relu},
        {"LeakyRelu", OpKind::leaky_relu},
        {"Sigmoid", OpKind::sigmoid},
        {"Tanh", OpKind::tanh},
        {"Swish", OpKind::silu},
        {"Gelu", OpKind::gelu},
        {"HardSigmoid", OpKind::hard_sigmoid},
        {"HardSwish", OpKind::hard_swish},
        {"Dropout", OpKind::dropout},
    };
    node.set(0, same_layer(node, kinds.at(node.type()), node.result(0)));
}

void read_clip(OnnxNode& node) {
    constexpr double kNoLimit = 1e30; // exporters write the largest float
    const auto limit = [&](const char* attribute, std::size_t input, double otherwise) {
        return node.has(attribute) ? node.real(attribute, 0) : node.has(input) ? node.number(input) : otherwise;
    };
    const double least = limit("min", 1, -kNoLimit);
    const double most = limit("max", 2, kNoLimit);
    if (least != 0 || (most != 6 && most < kNoLimit)) {
        OnnxNode::refuse("", "expected limits of 0 and 6 (ReLU6), or 0 alone, got others");
    }
    node.set(0, same_layer(node, most == 6 ? OpKind::relu6 : OpKind::relu, node.result(0)));
}

void read_same(OnnxNode& node) {
    node.set(0, node.result(0));
}

void read_batch_norm(OnnxNode& node) {
    const OnnxValue image = node.image(0);
    if (!node.flag("spatial", true)) {
        OnnxNode::refuse("spatial", "expected 1 (statistics a channel), got 0");
    }
    for (std::size_t i = 1; i < 5; ++i) { // scale, shift, mean, variance
        if (!node.has(i)) {
            OnnxNode::refuse("inputs", "expected 5, got " + std::to_string(i));
        }
        check_list(node, i, {image.dims[1]});
    }
    node.set(0, same_layer(node, OpKind::batch_norm, image));
}

void read_layer_norm(OnnxNode& node) {
    const OnnxValue& value = node.result(0);
    const std::size_t axis = node.axis(node.integer("axis", -1), value.dims.size());
    if (axis == 0) {
        OnnxNode::refuse("axis", "expected any but the batch dimension, got 0");
    }
    const Dims normalised(value.dims.begin() + static_cast<std::ptrdiff_t>(axis), value.dims.end());
    if (!node.has(1)) {
        OnnxNode::refuse("inputs", "expected at least 2, got 1");
    }
    check_list(node, 1, normalised);
    check_list(node, 2, normalised);
    node.set(0, along_layer(node, OpKind::layer_norm, value, joined_from(value, axis), axis));
}

void read_lrn(OnnxNode& node) {
    OperatorSpec spec;
    spec.kind = OpKind::lrn;
    const std::int64_t size = node.integer("size", 0);
    if (size < 1) {
        OnnxNode::refuse("size", "expected a whole number from 1, got " +
                                     (node.has("size") ? std::to_string(size) : std::string("nothing")));
    }
    spec.size = static_cast<std::uint64_t>(size);
    const OnnxValue image = node.image(0);
    node.set(0, node.layer(std::move(spec), {image}, image.dims));
}

void read_softmax(OnnxNode& node) {
    const OnnxValue& value = node.result(0);
    const bool joined = node.opset() < 13; // all dimensions from the axis on
    const std::size_t axis = node.axis(node.integer("axis", joined ? 1 : -1), value.dims.size());
    if (axis == 0) {
        OnnxNode::refuse("axis", "expected any but the batch dimension, got 0");
    }
    node.set(0, along_layer(node, OpKind::softmax, value, joined ? joined_from(value, axis) : value, axis));
}

void read_loss(OnnxNode& node) {
    const OnnxValue image = node.image(0);
    if (!node.has(1)) {
        OnnxNode::refuse("inputs", "expected scores and labels, got one input");
    }
    OperatorSpec spec;
    spec.kind = OpKind::softmax_cross_entropy;
    OnnxValue loss = node.layer(std::move(spec), {image}, image.dims);
    loss.dims[1] = 1; // one a position; the sum over them is not looked at
    node.set(0, loss);
}

} // namespace systolica
