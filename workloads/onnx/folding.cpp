// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "workloads/onnx/folding.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>

#include "workloads/onnx/view_dims.h"
#include "workloads/shape_rules.h"

namespace systolica {

namespace {

// A value with these dimensions and, where there are not too many, a number for each element.
OnnxValue computed(const OnnxValue& like, Dims dims, const std::function<OnnxNumber(std::size_t)>& number) {
    OnnxValue value = weights_of(std::move(dims));
    value.integral = like.integral;
    if (!product(value.dims, 0, value.dims.size())) {
        OnnxNode::refuse("", "expected a tensor of at most 2^48 elements, got " + dims_text(value.dims));
    }
    value.known = like.known && elements(value) <= kMostNumbers;
    for (std::size_t i = 0; value.known && i < elements(value); ++i) {
        value.numbers.push_back(number(i));
    }
    return value;
}

// Position in `dims` of element i of `out`, where the dimensions of `dims` that are 1 are stretched.
std::size_t stretched_index(std::size_t i, const Dims& out, const Dims& dims) {
    std::size_t index = 0;
    std::size_t stride = 1;
    for (std::size_t k = 0; k < out.size(); ++k) { // from the last dimension
        const std::size_t position = i % out[out.size() - 1 - k];
        i /= out[out.size() - 1 - k];
        if (k < dims.size()) {
            const std::size_t length = dims[dims.size() - 1 - k];
            index += (length == 1 ? 0 : position) * stride;
            stride *= length;
        }
    }
    return index;
}

OnnxNumber calculate(const std::string& type, OnnxNumber a, OnnxNumber b, bool integral) {
    if (type == "Add" || type == "Sub") {
        if (a.batch != b.batch && a.value != 0 && b.value != 0) {
            OnnxNode::refuse("",
                             "expected a sum of numbers that all or none are multiples of the batch, got a mixture");
        }
        return {type == "Add" ? a.value + b.value : a.value - b.value, a.value != 0 ? a.batch : b.batch};
    }
    if (type == "Mul") {
        if (a.batch && b.batch) {
            OnnxNode::refuse("", "expected a multiple of the batch, got its square");
        }
        return {a.value * b.value, a.batch || b.batch};
    }
    if (b.batch && !a.batch && a.value != 0) {
        OnnxNode::refuse("", "expected a multiple of the batch, got a fraction of it");
    }
    const double quotient = a.value / b.value;
    return {integral ? std::trunc(quotient) : quotient, a.batch && !b.batch};
}

void fold_arithmetic(OnnxNode& node) {
    const OnnxValue& a = node.weights(0);
    const OnnxValue& b = node.weights(1);
    const Dims out = broadcast_dims(a.dims, b.dims, [&] {
        OnnxNode::refuse("inputs[1]", "expected the dimensions of the first input, " + dims_text(a) +
                                          " (or 1 where it is stretched), got " + dims_text(b));
    });
    OnnxValue like = a;
    like.known = a.known && b.known;
    const bool integral = a.integral && b.integral;
    if (integral && node.type() == "Div" && like.known &&
        std::any_of(b.numbers.begin(), b.numbers.end(), [](const OnnxNumber& n) { return n.value == 0; })) {
        OnnxNode::refuse("inputs[1]", "expected a divisor other than 0, got 0");
    }
    node.set(0, computed(like, out, [&](std::size_t i) {
                 return calculate(node.type(), a.numbers[stretched_index(i, out, a.dims)],
                                  b.numbers[stretched_index(i, out, b.dims)], integral);
             }));
}

void fold_shape(OnnxNode& node) {
    const OnnxValue& value = node.input(0);
    std::vector<OnnxNumber> numbers;
    for (std::size_t i = 0; i < value.dims.size(); ++i) {
        numbers.push_back({static_cast<double>(value.dims[i]), i == 0 && value.kind == OnnxValue::Kind::result});
    }
    if (node.type() == "Size") {
        OnnxValue size = constant_of({{static_cast<double>(elements(value)), value.kind == OnnxValue::Kind::result}});
        size.dims = {};
        node.set(0, size);
        return;
    }
    const auto rank = static_cast<std::int64_t>(numbers.size());
    const auto clamped = [&](std::int64_t at) { return std::clamp(at < 0 ? at + rank : at, std::int64_t{0}, rank); };
    const std::int64_t start = clamped(node.integer("start", 0));
    const std::int64_t end = std::max(start, clamped(node.integer("end", rank)));
    node.set(0, constant_of({numbers.begin() + start, numbers.begin() + end}));
}

void fold_same(OnnxNode& node) {
    OnnxValue value = node.weights(0);
    if (node.type() == "Cast") {
        const std::int64_t to = node.integer("to", 0);
        value.integral = to != onnx::TensorProto::FLOAT && to != onnx::TensorProto::DOUBLE &&
                         to != onnx::TensorProto::FLOAT16 && to != onnx::TensorProto::BFLOAT16;
        for (OnnxNumber& number : value.numbers) {
            number.value = value.integral ? std::trunc(number.value) : number.value;
        }
    } else if (node.type() == "Floor" || node.type() == "Ceil") {
        for (OnnxNumber& number : value.numbers) {
            number.value = node.type() == "Floor" ? std::floor(number.value) : std::ceil(number.value);
        }
    } else if (node.type() != "Identity" && node.type() != "Dropout") {
        value.dims = view_dims(node, value);
    }
    node.set(0, value);
}

void fold_transpose(OnnxNode& node) {
    const OnnxValue& value = node.weights(0);
    const std::vector<std::size_t> order = transpose_order(node, value.dims.size());
    Dims dims;
    for (const std::size_t axis : order) {
        dims.push_back(value.dims[axis]);
    }
    node.set(0, computed(value, dims, [&](std::size_t i) {
                 std::vector<std::size_t> position(order.size());
                 for (std::size_t k = order.size(); k-- > 0;) {
                     position[order[k]] = i % dims[k];
                     i /= dims[k];
                 }
                 std::size_t index = 0;
                 for (std::size_t k = 0; k < order.size(); ++k) {
                     index = index * value.dims[k] + position[k];
                 }
                 return value.numbers[index];
             }));
}

// The dimensions after `axis` as one, for operators that pick positions of an axis.
std::size_t tail(const OnnxValue& value, std::size_t axis) {
    return static_cast<std::size_t>(*product(value.dims, axis + 1, value.dims.size()));
}

void fold_gather(OnnxNode& node) {
    const OnnxValue& data = node.weights(0);
    const std::size_t axis = node.axis(node.integer("axis", 0), data.dims.size());
    const auto length = static_cast<std::int64_t>(data.dims[axis]);
    std::vector<std::size_t> picked;
    for (const std::int64_t index : node.integers(1)) {
        if (index < -length || index >= length) {
            OnnxNode::refuse("inputs[1]",
                             "expected indices below " + std::to_string(length) + ", got " + std::to_string(index));
        }
        picked.push_back(static_cast<std::size_t>(index < 0 ? index + length : index));
    }
    Dims dims(data.dims.begin(), data.dims.begin() + static_cast<std::ptrdiff_t>(axis));
    const Dims& indices = node.input(1).dims;
    dims.insert(dims.end(), indices.begin(), indices.end());
    dims.insert(dims.end(), data.dims.begin() + static_cast<std::ptrdiff_t>(axis) + 1, data.dims.end());
    const std::size_t after = tail(data, axis);
    node.set(0, computed(data, dims, [&](std::size_t i) {
                 const std::size_t outer = i / after / picked.size();
                 return data.numbers[(outer * data.dims[axis] + picked[i / after % picked.size()]) * after + i % after];
             }));
}

void fold_slice(OnnxNode& node) {
    OnnxValue value = node.weights(0);
    for (const SliceRange& range : slice_ranges(node, value)) {
        Dims dims = value.dims;
        dims[range.axis] = range.length;
        const std::size_t after = tail(value, range.axis);
        value = computed(value, dims, [&](std::size_t i) {
            const std::size_t outer = i / after / range.length;
            const std::size_t at = range.start + i / after % range.length;
            return value.numbers[(outer * value.dims[range.axis] + at) * after + i % after];
        });
    }
    node.set(0, value);
}

void fold_concat(OnnxNode& node) {
    const OnnxValue& first = node.weights(0);
    const std::size_t axis = node.axis(node.integer("axis", 1), first.dims.size());
    OnnxValue like = first;
    Dims dims = first.dims;
    for (std::size_t i = 1; i < node.input_count(); ++i) {
        const OnnxValue& next = node.weights(i);
        Dims same = next.dims;
        if (same.size() == dims.size()) {
            same[axis] = dims[axis];
        }
        if (same != dims) {
            OnnxNode::refuse("inputs[" + std::to_string(i) + "]",
                             "expected the dimensions of the first input but for the axis, got " + dims_text(next));
        }
        dims[axis] += next.dims[axis];
        like.known = like.known && next.known;
    }
    const std::size_t after = tail(first, axis);
    node.set(0, computed(like, dims, [&](std::size_t i) {
                 const std::size_t outer = i / after / dims[axis];
                 std::size_t at = i / after % dims[axis];
                 std::size_t which = 0;
                 for (; at >= node.input(which).dims[axis]; ++which) {
                     at -= node.input(which).dims[axis];
                 }
                 const OnnxValue& part = node.input(which);
                 return part.numbers[(outer * part.dims[axis] + at) * after + i % after];
             }));
}

void fold_fill(OnnxNode& node) { // ConstantOfShape
    Dims dims;
    for (const std::int64_t dim : node.integers(0)) {
        if (dim < 0 || static_cast<std::uint64_t>(dim) > kMaxDimension) {
            OnnxNode::refuse("inputs[0]", "expected dimensions up to " + std::to_string(kMaxDimension) + ", got " +
                                              std::to_string(dim));
        }
        dims.push_back(static_cast<std::uint64_t>(dim));
    }
    OnnxValue like = constant_of({{0, false}});
    if (const onnx::TensorProto* tensor = node.tensor("value")) {
        std::string wrong;
        like = constant_of(*tensor, 0, wrong);
        if (!wrong.empty() || like.numbers.size() != 1) {
            OnnxNode::refuse("value", wrong.empty() ? "expected a tensor of one number, got another" : wrong);
        }
    } else {
        like.integral = false;
    }
    node.set(0, computed(like, dims, [&](std::size_t) { return like.numbers[0]; }));
}

const std::map<std::string, void (*)(OnnxNode&)>& folders() {
    static const std::map<std::string, void (*)(OnnxNode&)> table{
        {"Add", fold_arithmetic}, {"Sub", fold_arithmetic}, {"Mul", fold_arithmetic}, {"Div", fold_arithmetic},
        {"Shape", fold_shape},    {"Size", fold_shape},     {"Identity", fold_same},  {"Dropout", fold_same},
        {"Cast", fold_same},      {"Floor", fold_same},     {"Ceil", fold_same},      {"Reshape", fold_same},
        {"Flatten", fold_same},   {"Squeeze", fold_same},   {"Unsqueeze", fold_same}, {"Transpose", fold_transpose},
        {"Gather", fold_gather},  {"Slice", fold_slice},    {"Concat", fold_concat},  {"ConstantOfShape", fold_fill},
    };
    return table;
}

} // namespace

bool fold_constant(OnnxNode& node) {
    const auto found = folders().find(node.type());
    const bool shape = node.type() == "Shape" || node.type() == "Size";
    if (found == folders().end() || node.input_count() == 0 || (!shape && !node.all_constant())) {
        return false;
    }
    found->second(node);
    return true;
}

void constant_node(OnnxNode& node) {
    OnnxValue value;
    const auto number = [](auto n) { return OnnxNumber{static_cast<double>(n), false}; };
    if (const onnx::TensorProto* tensor = node.tensor("value")) {
        std::string wrong;
        value = constant_of(*tensor, 0, wrong);
        if (!wrong.empty()) {
            OnnxNode::refuse("value", wrong);
        }
    } else if (node.has("value_int")) {
        value = constant_of({number(node.integer("value_int", 0))});
        value.dims = {};
    } else if (node.has("value_float")) {
        value = constant_of({number(node.real("value_float", 0))});
        value.dims = {};
        value.integral = false;
    } else if (node.has("value_ints") || node.has("value_floats")) {
        std::vector<OnnxNumber> numbers;
        for (const std::int64_t n : node.integer_list("value_ints")) {
            numbers.push_back(number(n));
        }
        for (const float n : node.real_list("value_floats")) {
            numbers.push_back(number(n));
        }
        value = constant_of(std::move(numbers));
        value.integral = node.has("value_ints");
    } else {
        OnnxNode::refuse("value", "expected a tensor or numbers, got nothing that is supported");
    }
    node.set(0, value);
}

} // namespace systolica
