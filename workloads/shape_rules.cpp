// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "workloads/shape_rules.h"

#include "workloads/operator_table.h"
#include "workloads/shape_rule_list.h"

namespace systolica {

namespace {

ShapeResult check_input_count(const OperatorSpec& spec, std::size_t count) {
    const OperatorRow& row = operator_row(spec.kind);
    const std::size_t operands = count + (spec.constant || spec.learned ? 1 : 0);
    if (spec.constant && spec.learned) {
        return wrong("operand", "expected a value or an operand, got both");
    }
    if (count >= 1 && operands >= row.least_inputs && (row.most_inputs == 0 || operands <= row.most_inputs)) {
        return {};
    }
    const std::string expected = spec.constant           ? "one input beside the value"
                                 : spec.learned          ? "one input beside the operand"
                                 : row.most_inputs == 0  ? "two or more inputs"
                                 : row.least_inputs == 2 ? "two inputs"
                                                         : "one input";
    return wrong("inputs", "expected " + expected + ", got " + std::to_string(count));
}

} // namespace

ShapeResult wrong(std::string field, std::string message) {
    return {{}, std::move(field), std::move(message)};
}

bool product_within(std::initializer_list<std::uint64_t> factors, std::uint64_t limit) {
    std::uint64_t product = 1;
    for (const std::uint64_t factor : factors) {
        if (factor != 0 && product > limit / factor) {
            return false;
        }
        product *= factor;
    }
    return product <= limit;
}

std::string shape_text(const Shape& shape) {
    return std::to_string(shape.n) + " x " + std::to_string(shape.c) + " x " + std::to_string(shape.h) + " x " +
           std::to_string(shape.w);
}

ShapeResult check_shape(const Shape& shape) {
    for (const std::uint64_t dimension : {shape.n, shape.c, shape.h, shape.w}) {
        if (dimension == 0 || dimension > kMaxDimension) {
            return wrong("", "expected dimensions from 1 to " + std::to_string(kMaxDimension) + ", got " +
                                 shape_text(shape));
        }
    }
    if (!product_within({shape.n, shape.c, shape.h, shape.w}, kMaxElements)) {
        return wrong("", "expected a tensor of at most 2^48 elements, got " + shape_text(shape));
    }
    return {shape, "", ""};
}

ShapeResult apply_shape_rule(OperatorSpec& spec, const std::vector<Shape>& inputs) {
    const ShapeResult count = check_input_count(spec, inputs.size());
    return count.ok() ? operator_row(spec.kind).shape(spec, inputs) : count;
}

} // namespace systolica
