// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "workloads/onnx/node.h"

#include <algorithm>
#include <cmath>

#include "workloads/onnx/layout.h"

namespace systolica {

namespace {

std::string input_name(std::size_t i) {
    return "inputs[" + std::to_string(i) + "]";
}

// What ONNX calls the parts of our operators.
Places places_of(const std::string& file) {
    const Location where{file, 0, 0};
    Places places(where);
    for (const auto& [field, key] : {std::pair{"kernel", "kernel_shape"},
                                     {"stride", "strides"},
                                     {"dilation", "dilations"},
                                     {"pad", "pads"},
                                     {"groups", "group"},
                                     {"output_pad", "output_padding"},
                                     {"out_channels", "inputs[1]"},
                                     {"inputs[0]", "inputs[0]"},
                                     {"inputs[1]", "inputs[1]"},
                                     {"operand", "inputs[1]"}}) {
        places.add(field, key, where);
    }
    return places;
}

} // namespace

std::string OnnxImport::unique_name(const std::string& wanted) {
    std::string name = wanted;
    for (std::size_t times = 2; !layer_names.insert(name).second; ++times) {
        name = wanted + "#" + std::to_string(times);
    }
    return name;
}

OnnxNode::OnnxNode(OnnxImport& import, const onnx::NodeProto& node, std::string layer)
    : import_(import), node_(node), layer_(std::move(layer)) {}

void OnnxNode::refuse(const std::string& field, const std::string& message) {
    throw NodeProblem{field, message};
}

bool OnnxNode::has(std::size_t i) const {
    return i < input_count() && !node_.input(static_cast<int>(i)).empty();
}

bool OnnxNode::all_constant() const {
    for (std::size_t i = 0; i < input_count(); ++i) {
        if (has(i) && input(i).kind != OnnxValue::Kind::constant) {
            return false;
        }
    }
    return true;
}

const OnnxValue& OnnxNode::input(std::size_t i) const {
    if (!has(i)) {
        refuse("inputs", "expected at least " + std::to_string(i + 1) + ", got " + std::to_string(input_count()));
    }
    const std::string& name = node_.input(static_cast<int>(i));
    const OnnxValue& value = import_.values.at(name);
    if (value.kind == OnnxValue::Kind::failed) {
        refuse("", "");
    }
    if (value.kind == OnnxValue::Kind::absent) {
        refuse(input_name(i), "expected a result that is supported, got '" + name + "' (the first output of most " +
                                  "operators is the only one that is)");
    }
    return value;
}

const OnnxValue& OnnxNode::result(std::size_t i) const {
    const OnnxValue& value = input(i);
    if (value.kind != OnnxValue::Kind::result) {
        refuse(input_name(i),
               "expected a tensor that depends on the network's input, got a constant " + dims_text(value));
    }
    return value;
}

OnnxValue OnnxNode::image(std::size_t i) {
    const OnnxValue& value = result(i);
    Shape shape;
    if (value.dims.size() < 2 || !canonical_shape(value.dims, shape)) {
        refuse(input_name(i), "expected batch, channels and up to two more dimensions, got " + dims_text(value));
    }
    return arranged(value, shape);
}

const OnnxValue& OnnxNode::weights(std::size_t i) const {
    const OnnxValue& value = input(i);
    if (value.kind != OnnxValue::Kind::constant) {
        refuse(input_name(i), "expected weights (an initializer or a constant), got a result of the network");
    }
    return value;
}

const std::vector<OnnxNumber>& OnnxNode::numbers(std::size_t i) const {
    const OnnxValue& value = weights(i);
    if (!value.known) {
        refuse(input_name(i), "expected a constant whose numbers are known, got one of " + dims_text(value) +
                                  " that is external, too large or not computed here");
    }
    return value.numbers;
}

std::vector<std::int64_t> OnnxNode::integers(std::size_t i) const {
    constexpr double kFarEnough = 1e15; // slices end "at the largest integer"
    std::vector<std::int64_t> list;
    for (const OnnxNumber& number : numbers(i)) {
        if (number.batch) {
            refuse(input_name(i), "expected numbers that do not depend on the batch, got one that does");
        }
        if (std::isnan(number.value)) {
            refuse(input_name(i), "expected whole numbers, got one that is none");
        }
        list.push_back(static_cast<std::int64_t>(std::clamp(number.value, -kFarEnough, kFarEnough)));
    }
    return list;
}

double OnnxNode::number(std::size_t i) const {
    const std::vector<OnnxNumber>& all = numbers(i);
    if (all.size() != 1 || all[0].batch) {
        refuse(input_name(i), "expected one number, got " + std::to_string(all.size()));
    }
    return all[0].value;
}

const onnx::AttributeProto* OnnxNode::find(const std::string& name) const {
    for (const onnx::AttributeProto& attribute : node_.attribute()) {
        if (attribute.name() == name) {
            return &attribute;
        }
    }
    return nullptr;
}

const onnx::AttributeProto* OnnxNode::find(const std::string& name, onnx::AttributeProto::AttributeType type,
                                           const char* what) const {
    const onnx::AttributeProto* attribute = find(name);
    // The first files had no type.
    if (attribute != nullptr && attribute->type() != type &&
        attribute->type() != onnx::AttributeProto_AttributeType_UNDEFINED) {
        refuse(name, std::string("expected ") + what + ", got an attribute of another type");
    }
    return attribute;
}

std::int64_t OnnxNode::integer(const std::string& name, std::int64_t otherwise) const {
    const auto* attribute = find(name, onnx::AttributeProto_AttributeType_INT, "an integer");
    return attribute == nullptr ? otherwise : attribute->i();
}

bool OnnxNode::flag(const std::string& name, bool otherwise) const {
    const std::int64_t value = integer(name, otherwise ? 1 : 0);
    if (value != 0 && value != 1) {
        refuse(name, "expected 0 or 1, got " + std::to_string(value));
    }
    return value == 1;
}

double OnnxNode::real(const std::string& name, double otherwise) const {
    const auto* attribute = find(name, onnx::AttributeProto_AttributeType_FLOAT, "a number");
    return attribute == nullptr ? otherwise : static_cast<double>(attribute->f());
}

std::string OnnxNode::text(const std::string& name, const std::string& otherwise) const {
    const auto* attribute = find(name, onnx::AttributeProto_AttributeType_STRING, "text");
    return attribute == nullptr ? otherwise : attribute->s();
}

std::vector<std::int64_t> OnnxNode::integer_list(const std::string& name) const {
    const auto* attribute = find(name, onnx::AttributeProto_AttributeType_INTS, "a list of integers");
    return attribute == nullptr ? std::vector<std::int64_t>{}
                                : std::vector<std::int64_t>(attribute->ints().begin(), attribute->ints().end());
}

std::vector<float> OnnxNode::real_list(const std::string& name) const {
    const auto* attribute = find(name, onnx::AttributeProto_AttributeType_FLOATS, "a list of numbers");
    return attribute == nullptr ? std::vector<float>{}
                                : std::vector<float>(attribute->floats().begin(), attribute->floats().end());
}

const onnx::TensorProto* OnnxNode::tensor(const std::string& name) const {
    const auto* attribute = find(name, onnx::AttributeProto_AttributeType_TENSOR, "a tensor");
    return attribute == nullptr ? nullptr : &attribute->t();
}

std::vector<std::int64_t> OnnxNode::integers(const std::string& attribute, std::size_t i) const {
    return has(attribute) || !has(i) ? integer_list(attribute) : integers(i);
}

std::size_t OnnxNode::axis(std::int64_t axis, std::size_t rank, const std::string& field) const {
    const auto dimensions = static_cast<std::int64_t>(rank);
    if (axis < -dimensions || axis >= dimensions) {
        refuse(field, "expected from " + std::to_string(-dimensions) + " to " + std::to_string(dimensions - 1) +
                          ", got " + std::to_string(axis));
    }
    return static_cast<std::size_t>(axis < 0 ? axis + dimensions : axis);
}

OnnxValue OnnxNode::layer(OperatorSpec spec, const std::vector<OnnxValue>& inputs, Dims dims,
                          const std::string& suffix) {
    std::vector<Shape> shapes;
    for (const OnnxValue& input : inputs) {
        spec.inputs.push_back(input.tensor);
        shapes.push_back(input.shape);
    }
    spec.name = suffix.empty() ? layer_ : import_.unique_name(layer_ + suffix);
    OperatorSpec copy = spec;
    const ShapeResult result = apply_shape_rule(copy, shapes);
    if (!import_.builder.add(spec, places_of(import_.file))) {
        refuse("", ""); // the builder has it
    }
    OnnxValue value;
    value.kind = OnnxValue::Kind::result;
    value.dims = std::move(dims);
    value.tensor = spec.name;
    value.shape = result.shape;
    return value;
}

OnnxValue OnnxNode::arranged(const OnnxValue& value, const Shape& shape) {
    if (value.shape.c == shape.c && value.shape.h == shape.h && value.shape.w == shape.w) {
        return value;
    }
    OperatorSpec spec;
    spec.kind = OpKind::reshape;
    spec.target = shape;
    return layer(spec, {value}, value.dims, ".view");
}

OnnxValue OnnxNode::along(const OnnxValue& value, std::size_t axis, Dim& dim) {
    if (axis == 0) {
        refuse("axis", "expected any but the batch dimension, got 0");
    }
    const Shape& shape = value.shape;
    const std::uint64_t before = *product(value.dims, 0, axis);
    const std::uint64_t length = value.dims[axis];
    const std::uint64_t after = *product(value.dims, axis + 1, value.dims.size());
    if (before == 1 && shape.c == length && shape.h * shape.w == after) {
        dim = Dim::channels;
    } else if (shape.c == before && shape.h == length && shape.w == after) {
        dim = Dim::height;
    } else if (shape.c * shape.h == before && shape.w == length && after == 1) {
        dim = Dim::width;
    } else if (before == 1) {
        dim = Dim::channels;
        return arranged(value, {1, length, after, 1});
    } else {
        dim = Dim::height;
        return arranged(value, {1, before, length, after});
    }
    return value;
}

void OnnxNode::put(std::size_t output, const OnnxValue& value) {
    const std::string& name = node_.output(static_cast<int>(output));
    if (!name.empty()) {
        import_.values[name] = value;
    }
}

void OnnxNode::set(std::size_t output, const OnnxValue& value) {
    if (output < output_count()) {
        put(output, value);
    }
    done_.insert(output);
}

void OnnxNode::finish() {
    OnnxValue absent;
    absent.kind = OnnxValue::Kind::absent;
    for (std::size_t i = 0; i < output_count(); ++i) {
        if (done_.count(i) == 0) {
            put(i, absent);
        }
    }
}

void OnnxNode::fail() {
    for (std::size_t i = 0; i < output_count(); ++i) {
        put(i, {});
    }
}

} // namespace systolica
