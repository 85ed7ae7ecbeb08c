// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "workloads/onnx/handlers.h"

#include <algorithm>

namespace systolica {

namespace {

OnnxValue product_with_weights(OnnxNode& node, const OnnxValue& value, std::size_t axis, std::uint64_t out, bool bias) {
    OperatorSpec spec;
    spec.kind = OpKind::fully_connected;
    spec.out_channels = out;
    spec.bias = bias;
    Dim dim = Dim::channels;
    const OnnxValue input = node.along(value, axis, dim);
    spec.axes = {dim};
    Dims dims = value.dims;
    dims[axis] = out;
    return node.layer(std::move(spec), {input}, dims);
}

void check_rows(const std::string& field, const OnnxValue& weights, std::uint64_t rows, std::uint64_t columns) {
    if (rows != columns) {
        OnnxNode::refuse(field, "expected weights that take " + std::to_string(columns) + " features, got " +
                                    dims_text(weights));
    }
}

// The last two dimensions of weights whose others are 1.
bool is_matrix(const OnnxValue& weights) {
    return weights.dims.size() >= 2 &&
           std::all_of(weights.dims.begin(), weights.dims.end() - 2, [](std::uint64_t dim) { return dim == 1; });
}

// Of two results: over the last two dimensions, those before are as many products.
OnnxValue product_of_results(OnnxNode& node, const OnnxValue& a, const OnnxValue& b) {
    const std::size_t rank = a.dims.size();
    if (rank < 3 || b.dims.size() != rank || !std::equal(a.dims.begin(), a.dims.end() - 2, b.dims.begin()) ||
        a.dims[rank - 1] != b.dims[rank - 2]) {
        OnnxNode::refuse("inputs[1]", "expected a tensor that the first, " + dims_text(a) +
                                          ", can be multiplied by, image by image, got " + dims_text(b));
    }
    const std::uint64_t count = *product(a.dims, 0, rank - 2);
    OperatorSpec spec;
    spec.kind = OpKind::matmul;
    Dims dims = a.dims;
    dims[rank - 1] = b.dims[rank - 1];
    const OnnxValue first = node.arranged(a, {1, count, a.dims[rank - 2], a.dims[rank - 1]});
    return node.layer(std::move(spec), {first, node.arranged(b, {1, count, b.dims[rank - 2], b.dims[rank - 1]})}, dims);
}

} // namespace

void read_gemm(OnnxNode& node) {
    const OnnxValue& value = node.result(0);
    const OnnxValue& weights = node.weights(1);
    if (value.dims.size() != 2 || node.flag("transA", false)) {
        OnnxNode::refuse("inputs[0]", "expected batch and features, not transposed, got " + dims_text(value));
    }
    if (weights.dims.size() != 2) {
        OnnxNode::refuse("inputs[1]", "expected two dimensions, got " + dims_text(weights));
    }
    const bool transposed = node.flag("transB", false);
    const std::uint64_t out = weights.dims[transposed ? 0 : 1];
    check_rows("inputs[1]", weights, weights.dims[transposed ? 1 : 0], value.dims[1]);
    // alpha and beta are numbers that the weights and the bias take in.
    bool bias = node.has(2) && node.real("beta", 1) != 0;
    if (bias && node.input(2).kind == OnnxValue::Kind::result) {
        OnnxNode::refuse("inputs[2]", "expected a bias (an initializer or a constant), got a result of the network");
    }
    if (bias) {
        const Dims& dims = node.weights(2).dims;
        const bool one_row = dims.size() <= 1 || (dims.size() == 2 && dims[0] == 1);
        const std::uint64_t length = dims.empty() ? 1 : dims.back();
        if (!one_row || (length != out && length != 1)) {
            OnnxNode::refuse("inputs[2]",
                             "expected a bias of " + std::to_string(out) + ", got " + dims_text(node.weights(2)));
        }
    }
    node.set(0, product_with_weights(node, value, 1, out, bias));
}

void read_matmul(OnnxNode& node) {
    const OnnxValue& a = node.input(0);
    const OnnxValue& b = node.input(1);
    const bool first = a.kind == OnnxValue::Kind::result;
    if (first && b.kind == OnnxValue::Kind::result) {
        node.set(0, product_of_results(node, a, b));
        return;
    }
    const OnnxValue& value = node.result(first ? 0 : 1);
    const OnnxValue& weights = node.weights(first ? 1 : 0);
    const std::string field = first ? "inputs[1]" : "inputs[0]";
    const std::size_t rank = value.dims.size();
    if (!is_matrix(weights) || weights.dims.size() > std::max<std::size_t>(rank, 2)) {
        OnnxNode::refuse(field, "expected a matrix of weights, got " + dims_text(weights));
    }
    const std::uint64_t rows = weights.dims[weights.dims.size() - 2];
    const std::uint64_t columns = weights.dims.back();
    if (rank < (first ? 2u : 3u)) {
        OnnxNode::refuse(first ? "inputs[0]" : "inputs[1]",
                         "expected a dimension beside the batch to multiply, got " + dims_text(value));
    }
    const std::size_t axis = first ? rank - 1 : rank - 2; // weights x value: over the rows of each image
    check_rows(field, weights, first ? rows : columns, value.dims[axis]);
    node.set(0, product_with_weights(node, value, axis, first ? columns : rows, false));
}

void read_gather(OnnxNode& node) {
    const OnnxValue& data = node.input(0);
    const OnnxValue& indices = node.input(1);
    if (data.kind == OnnxValue::Kind::result) { // a part of it
        const std::size_t axis = node.axis(node.integer("axis", 0), data.dims.size());
        if (axis == 0) {
            OnnxNode::refuse("axis", "expected any but the batch dimension, got 0");
        }
        std::vector<std::int64_t> picked = node.integers(1);
        const auto length = static_cast<std::int64_t>(data.dims[axis]);
        for (std::size_t i = 0; i < picked.size(); ++i) {
            picked[i] += picked[i] < 0 ? length : 0;
            if (picked[i] < 0 || picked[i] >= length || picked[i] != picked[0] + static_cast<std::int64_t>(i)) {
                OnnxNode::refuse("inputs[1]",
                                 "expected neighbouring positions of the " + std::to_string(length) + ", got others");
            }
        }
        if (picked.empty() || indices.dims.size() > 1) {
            OnnxNode::refuse("inputs[1]", "expected one position or a list of them, got " + dims_text(indices));
        }
        OnnxValue part = sliced(node, data, axis, static_cast<std::uint64_t>(picked[0]), picked.size(), "");
        if (indices.dims.empty()) {
            part.dims.erase(part.dims.begin() + static_cast<std::ptrdiff_t>(axis));
        }
        node.set(0, part);
        return;
    }
    OnnxValue ids = node.result(1);
    if (data.dims.size() != 2 || node.axis(node.integer("axis", 0), 2) != 0 || ids.dims[0] != 1 ||
        ids.dims.size() > 3) {
        OnnxNode::refuse("inputs[0]", "expected a table of rows, and batch and up to two dimensions of indices, got " +
                                          dims_text(data) + " and " + dims_text(ids));
    }
    ids.dims.push_back(1); // where the row will lie
    OperatorSpec spec;
    spec.kind = OpKind::embedding;
    spec.size = data.dims[0];
    spec.out_channels = data.dims[1];
    Dim dim = Dim::channels;
    const OnnxValue input = node.along(ids, ids.dims.size() - 1, dim);
    spec.axes = {dim};
    Dims dims = ids.dims;
    dims.back() = data.dims[1];
    node.set(0, node.layer(std::move(spec), {input}, dims));
}

} // namespace systolica
