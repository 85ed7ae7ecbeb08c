// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "workloads/onnx/handlers.h"

#include <algorithm>
#include <numeric>

#include "workloads/onnx/layout.h"
#include "workloads/onnx/view_dims.h"
#include "workloads/shape_rules.h"

namespace systolica {

namespace {

const Dim kDims[] = {Dim::channels, Dim::height, Dim::width};

} // namespace

// Views of up to four dimensions are layers; others wait until an operator says how it needs the elements.
void read_view(OnnxNode& node) {
    const OnnxValue& value = node.result(0);
    const Dims dims = view_dims(node, value);
    OnnxValue view = value;
    view.dims = dims;
    Shape shape;
    const bool fits = canonical_shape(dims, shape);
    const bool keeps_place = node.type() == "Squeeze" || node.type() == "Unsqueeze";
    OperatorSpec spec;
    spec.target = shape;
    if (fits && dims.size() == 2 && !keeps_place) {
        spec.kind = OpKind::flatten;
        view = node.layer(std::move(spec), {value}, dims);
    } else if (fits && (shape.c != value.shape.c || shape.h != value.shape.h || shape.w != value.shape.w)) {
        spec.kind = OpKind::reshape;
        view = node.layer(std::move(spec), {value}, dims);
    }
    node.set(0, view);
}

void read_transpose(OnnxNode& node) {
    const OnnxValue& value = node.result(0);
    const std::size_t rank = value.dims.size();
    const std::vector<std::size_t> order = transpose_order(node, rank);
    if (order[0] != 0) {
        OnnxNode::refuse("perm",
                         "expected the batch to stay the leading dimension, got axis " + std::to_string(order[0]));
    }
    Dims dims;
    for (const std::size_t axis : order) {
        dims.push_back(value.dims[axis]);
    }
    // Axes that stay neighbours move as one: `first` is the place of each run in the input.
    std::vector<std::pair<std::size_t, std::uint64_t>> runs; // first axis, length
    std::size_t next = rank;
    for (const std::size_t axis : order) {
        if (value.dims[axis] == 1) {
            continue;
        }
        const bool neighbour = !runs.empty() && product(value.dims, next, axis).value_or(0) == 1 && axis >= next;
        if (neighbour) {
            runs.back().second *= value.dims[axis];
        } else {
            runs.emplace_back(axis, value.dims[axis]);
        }
        next = axis + 1;
    }
    OnnxValue view = value;
    view.dims = dims;
    if (std::is_sorted(runs.begin(), runs.end())) { // no element moves
        node.set(0, view);
        return;
    }
    OperatorSpec spec;
    spec.kind = OpKind::transpose;
    Shape shape;
    if (canonical_shape(value.dims, shape) && shape == value.shape) {
        for (std::size_t i = 1; i < 4; ++i) {
            spec.axes.push_back(kDims[(i < rank ? order[i] : i) - 1]);
        }
        node.set(0, node.layer(std::move(spec), {value}, dims));
        return;
    }
    if (runs.size() > 3) {
        OnnxNode::refuse("perm", "expected at most three groups of dimensions that change places, got " +
                                     std::to_string(runs.size()) + " of " + dims_text(value));
    }
    auto before = runs;
    std::sort(before.begin(), before.end());
    std::vector<std::uint64_t> lengths;
    for (const auto& [axis, length] : before) {
        lengths.push_back(length);
    }
    for (const auto& run : runs) {
        spec.axes.push_back(kDims[std::find(before.begin(), before.end(), run) - before.begin()]);
    }
    for (std::size_t i = runs.size(); i < 3; ++i) {
        spec.axes.push_back(kDims[i]);
    }
    const OnnxValue input = node.arranged(value, *shape_of(lengths));
    node.set(0, node.layer(std::move(spec), {input}, dims));
}

void read_concat(OnnxNode& node) {
    const OnnxValue& first = node.result(0);
    if (node.opset() >= 4 && !node.has("axis")) {
        OnnxNode::refuse("axis", "expected an integer, got nothing");
    }
    const std::size_t axis = node.axis(node.integer("axis", 1), first.dims.size());
    OperatorSpec spec;
    spec.kind = OpKind::concat;
    Dim dim = Dim::channels;
    std::vector<OnnxValue> parts{node.along(first, axis, dim)};
    spec.axes = {dim};
    Dims dims = first.dims;
    for (std::size_t i = 1; i < node.input_count(); ++i) {
        const OnnxValue& part = node.result(i);
        Dims same = part.dims;
        if (same.size() == dims.size()) {
            same[axis] = dims[axis];
        }
        if (same != dims) {
            OnnxNode::refuse("inputs[" + std::to_string(i) + "]",
                             "expected the dimensions of the first input, " + dims_text(first) + ", but for axis " +
                                 std::to_string(axis) + ", got " + dims_text(part));
        }
        Shape shape = parts[0].shape;
        shape.of(dim) = part.dims[axis];
        parts.push_back(node.arranged(part, shape));
        dims[axis] += part.dims[axis];
        if (dims[axis] > kMaxDimension) {
            OnnxNode::refuse("", "expected dimensions up to " + std::to_string(kMaxDimension) + ", got more");
        }
    }
    node.set(0, parts.size() == 1 ? first : node.layer(std::move(spec), parts, dims));
}

OnnxValue sliced(OnnxNode& node, const OnnxValue& value, std::size_t axis, std::uint64_t start, std::uint64_t length,
                 const std::string& suffix) {
    if (start == 0 && length == value.dims[axis]) {
        return value;
    }
    OperatorSpec spec;
    spec.kind = OpKind::slice;
    spec.start = start;
    spec.length = length;
    Dim dim = Dim::channels;
    const OnnxValue input = node.along(value, axis, dim);
    spec.axes = {dim};
    Dims dims = value.dims;
    dims[axis] = length;
    return node.layer(std::move(spec), {input}, dims, suffix);
}

void read_split(OnnxNode& node) {
    const OnnxValue& value = node.result(0);
    const std::size_t axis = node.axis(node.integer("axis", 0), value.dims.size());
    if (axis == 0) {
        OnnxNode::refuse("axis", "expected any but the batch dimension, got 0");
    }
    std::vector<std::int64_t> lengths = node.integers("split", 1);
    const std::uint64_t whole = value.dims[axis];
    const std::uint64_t count = node.output_count();
    if (!node.has("split", 1) && count > 0) { // the last part is smaller where they cannot be equal
        const std::uint64_t part = (whole + count - 1) / count;
        for (std::uint64_t i = 0; i < count; ++i) {
            lengths.push_back(static_cast<std::int64_t>(std::min(part, whole - std::min(whole, i * part))));
        }
    }
    std::uint64_t sum = 0;
    for (const std::int64_t length : lengths) {
        sum += length < 1 ? whole + 1 : static_cast<std::uint64_t>(length);
    }
    if (lengths.size() != count || sum != whole) {
        OnnxNode::refuse("split", "expected a part for each of " + std::to_string(count) + " outputs, " +
                                      std::to_string(whole) + " together, got others");
    }
    std::uint64_t start = 0;
    for (std::size_t i = 0; i < lengths.size(); ++i) {
        const auto length = static_cast<std::uint64_t>(lengths[i]);
        node.set(i, sliced(node, value, axis, start, length, "." + std::to_string(i)));
        start += length;
    }
}

void read_slice(OnnxNode& node) {
    OnnxValue value = node.result(0);
    std::size_t cuts = 0;
    for (const SliceRange& range : slice_ranges(node, value)) {
        const bool cut = range.length != value.dims[range.axis];
        value = sliced(node, value, range.axis, range.start, range.length, cuts == 0 ? "" : "." + std::to_string(cuts));
        cuts += cut ? 1 : 0;
    }
    node.set(0, value);
}

void read_reduce(OnnxNode& node) {
    const OnnxValue& value = node.result(0);
    const std::size_t rank = value.dims.size();
    const std::vector<std::int64_t> given = node.integers("axes", 1);
    if (given.empty()) {
        if (node.flag("noop_with_empty_axes", false)) {
            node.set(0, value);
            return;
        }
        OnnxNode::refuse("axes", "expected axes that are not the batch, got none, which means all");
    }
    std::vector<unsigned> reduced(rank, 0);
    for (const std::int64_t axis : given) {
        reduced[node.axis(axis, rank, "axes")] = 1;
    }
    if (reduced[0] != 0) {
        OnnxNode::refuse("axes", "expected axes that are not the batch, got 0");
    }
    const bool keep = node.flag("keepdims", true);
    Dims dims;
    for (std::size_t i = 0; i < rank; ++i) {
        if (reduced[i] == 0 || keep) {
            dims.push_back(reduced[i] != 0 ? 1 : value.dims[i]);
        }
    }
    OperatorSpec spec;
    spec.kind = node.type() == "ReduceMean" ? OpKind::reduce_mean : OpKind::reduce_sum;
    Shape shape;
    OnnxValue input = value;
    if (canonical_shape(value.dims, shape) && shape == value.shape) {
        for (std::size_t i = 1; i < rank; ++i) {
            if (reduced[i] != 0) {
                spec.axes.push_back(kDims[i - 1]);
            }
        }
        if (spec.kind == OpKind::reduce_mean && spec.axes == std::vector<Dim>{Dim::height, Dim::width}) {
            spec.kind = OpKind::global_avg_pool;
        }
    } else {
        std::vector<std::uint64_t> lengths;
        for (const MergedDim& dim : merged(value.dims, reduced)) {
            if (dim.tag != 0 && lengths.size() < 3) {
                spec.axes.push_back(kDims[lengths.size()]);
            }
            lengths.push_back(dim.length);
        }
        const std::optional<Shape> merged_shape = shape_of(lengths);
        if (!merged_shape) {
            OnnxNode::refuse("axes", "expected at most three groups of dimensions that are reduced or not, got " +
                                         std::to_string(lengths.size()) + " of " + dims_text(value));
        }
        if (spec.axes.empty()) { // those reduced have one position
            input.dims = dims;
            node.set(0, input);
            return;
        }
        input = node.arranged(value, *merged_shape);
    }
    node.set(0, node.layer(std::move(spec), {input}, dims));
}

} // namespace systolica
