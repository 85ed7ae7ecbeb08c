// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// The shape rules of the operators: from what a user wrote about an operator and the shapes that reach it to the
// shape that leaves it, or to what is wrong. Limits keep every product that a consumer of the graph may form
// (elements, MACs, window taps) far inside 64 bits.
#pragma once

#include <string>
#include <vector>

#include "workloads/graph.h"

namespace systolica {

constexpr std::uint64_t kMaxDimension = std::uint64_t{1} << 31;
constexpr std::uint64_t kMaxElements = std::uint64_t{1} << 48; // of a tensor, the weights of an operator included
constexpr std::uint64_t kMaxWork = std::uint64_t{1} << 60;     // MACs of a network, window taps of a pooling operator

// An operator as written.
struct OperatorSpec : OperatorAttributes {
    std::string name;
    OpKind kind = OpKind::conv;
    std::vector<std::string> inputs; // names of tensors
    std::uint64_t out_channels = 0;  // conv, conv_transpose, fully_connected, embedding
    bool depthwise = false;          // conv: one group an input channel; out_channels 0 is then as many as come in
    std::uint64_t output_pad_h = 0, output_pad_w = 0; // conv_transpose: rows and columns added at the end
    std::uint64_t length = 0;                         // slice: positions along its axis
    Shape target{1, 0, 0, 0}; // reshape: channels, height, width; resize: height, width, 0 where the scale says it
    std::uint64_t scale_h = 1, scale_w = 1; // resize
    std::string tensor;                     // name of the result where it is not that of the operator
};

struct ShapeResult {
    Shape shape;
    std::string field;   // what is wrong: a member of OperatorSpec as the native YAML calls it, "" for the operator
    std::string message; // "expected ..., got ...", "" when the shape holds

    bool ok() const { return message.empty(); }
};

// Applies the rule of spec.kind; fills in what depends on the inputs (groups of a depth-wise convolution, window of a
// global pool).
ShapeResult apply_shape_rule(OperatorSpec& spec, const std::vector<Shape>& inputs);

// Dimensions and elements within the limits; `message` says which is not.
ShapeResult check_shape(const Shape& shape);

std::string shape_text(const Shape& shape); // "1 x 64 x 56 x 56"

} // namespace systolica
