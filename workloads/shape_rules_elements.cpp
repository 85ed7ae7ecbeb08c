// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "workloads/shape_rule_list.h"

#include <algorithm>

namespace systolica {

namespace {

constexpr Dim kDims[] = {Dim::channels, Dim::height, Dim::width};

const char* dim_name(Dim dim) {
    return dim == Dim::channels ? "channels" : dim == Dim::height ? "height" : "width";
}

std::string nth_input(std::size_t i) {
    return "inputs[" + std::to_string(i) + "]";
}

} // namespace

ShapeResult same_shape(OperatorSpec&, const std::vector<Shape>& inputs) {
    return {inputs[0], "", ""};
}

// Dimensions of one position are stretched, as ONNX and NumPy do.
ShapeResult element_wise_shape(OperatorSpec& spec, const std::vector<Shape>& inputs) {
    std::vector<Shape> operands = inputs;
    if (spec.learned) {
        operands.push_back(spec.operand);
    }
    Shape out = inputs[0];
    for (std::size_t i = 1; i < operands.size(); ++i) {
        for (const Dim dim : kDims) {
            const std::uint64_t other = operands[i].of(dim);
            if (other != out.of(dim) && other != 1 && out.of(dim) != 1) {
                return wrong(i < inputs.size() ? nth_input(i) : "operand",
                             "expected the shape of the first input, " + shape_text(inputs[0]) +
                                 " (or 1 where it is stretched), got " + shape_text(operands[i]));
            }
            out.of(dim) = std::max(out.of(dim), other);
        }
    }
    return check_shape(out);
}

ShapeResult matmul_shape(OperatorSpec& spec, const std::vector<Shape>& inputs) {
    Shape a = inputs[0];
    Shape b = inputs[1];
    if (spec.transpose_a) {
        std::swap(a.h, a.w);
    }
    if (spec.transpose_b) {
        std::swap(b.h, b.w);
    }
    if (a.c != b.c || a.w != b.h) {
        return wrong(nth_input(1), "expected " + std::to_string(a.c) + " channels of " + std::to_string(a.w) +
                                       " rows (after transposition) like the columns of the first input, got " +
                                       shape_text(b));
    }
    const Shape out{a.n, a.c, a.h, b.w};
    if (!product_within({out.n, out.c, out.h, out.w, a.w}, kMaxWork)) {
        return wrong("", "expected at most 2^60 MACs, got more");
    }
    return check_shape(out);
}

ShapeResult embedding_shape(OperatorSpec& spec, const std::vector<Shape>& inputs) {
    const Dim axis = axis_of(spec);
    Shape out = inputs[0];
    if (out.of(axis) != 1) {
        return wrong(nth_input(0),
                     "expected one index a position, got " + std::to_string(out.of(axis)) + " " + dim_name(axis));
    }
    out.of(axis) = spec.out_channels;
    if (!product_within({spec.size, spec.out_channels}, kMaxElements)) {
        return wrong("size", "expected at most 2^48 weights, got more");
    }
    return check_shape(out);
}

ShapeResult lrn_shape(OperatorSpec& spec, const std::vector<Shape>& inputs) {
    spec.size = spec.size == 0 ? 5 : spec.size; // AlexNet's, GoogLeNet's
    if (!product_within({inputs[0].elements(), spec.size}, kMaxWork)) {
        return wrong("size", "expected at most 2^60 window positions, got more");
    }
    return {inputs[0], "", ""};
}

// One loss a position, classes lie along the axis.
ShapeResult loss_shape(OperatorSpec& spec, const std::vector<Shape>& inputs) {
    Shape out = inputs[0];
    out.of(axis_of(spec)) = 1;
    return {out, "", ""};
}

ShapeResult reduce_shape(OperatorSpec& spec, const std::vector<Shape>& inputs) {
    Shape out = inputs[0];
    for (const Dim dim : spec.axes) {
        out.of(dim) = 1;
    }
    return {out, "", ""};
}

ShapeResult resize_shape(OperatorSpec& spec, const std::vector<Shape>& inputs) {
    const Shape& in = inputs[0];
    if (!product_within({in.h, spec.scale_h}, kMaxDimension) || !product_within({in.w, spec.scale_w}, kMaxDimension)) {
        return wrong("scale", "expected dimensions up to " + std::to_string(kMaxDimension) + ", got more");
    }
    return check_shape({in.n, in.c, spec.target.h == 0 ? in.h * spec.scale_h : spec.target.h,
                        spec.target.w == 0 ? in.w * spec.scale_w : spec.target.w});
}

ShapeResult concat_shape(OperatorSpec& spec, const std::vector<Shape>& inputs) {
    const Dim axis = axis_of(spec);
    Shape out = inputs[0];
    for (std::size_t i = 1; i < inputs.size(); ++i) {
        Shape same = inputs[i];
        same.of(axis) = out.of(axis);
        if (same != out) {
            const std::string expected =
                axis == Dim::channels
                    ? std::to_string(out.h) + " x " + std::to_string(out.w) + " pixels like the first input"
                    : shape_text(inputs[0]) + " but for the " + dim_name(axis);
            return wrong(nth_input(i), "expected " + expected + ", got " + shape_text(inputs[i]));
        }
        out.of(axis) += inputs[i].of(axis);
    }
    return check_shape(out);
}

ShapeResult flatten_shape(OperatorSpec&, const std::vector<Shape>& inputs) {
    return check_shape({inputs[0].n, inputs[0].per_image(), 1, 1});
}

ShapeResult reshape_shape(OperatorSpec& spec, const std::vector<Shape>& inputs) {
    const Shape& in = inputs[0];
    // As of an image: height and width are 1 unless given.
    const Shape out{in.n, spec.target.c, std::max<std::uint64_t>(spec.target.h, 1),
                    std::max<std::uint64_t>(spec.target.w, 1)};
    const ShapeResult fits = check_shape(out);
    if (fits.ok() && out.per_image() != in.per_image()) {
        return wrong("channels", "expected channels x height x width = " + std::to_string(in.per_image()) +
                                     " elements, got " + std::to_string(out.per_image()));
    }
    return fits;
}

ShapeResult transpose_shape(OperatorSpec& spec, const std::vector<Shape>& inputs) {
    for (const Dim dim : kDims) {
        if (std::count(spec.axes.begin(), spec.axes.end(), dim) != 1 || spec.axes.size() != 3) {
            return wrong("axes", "expected channels, height and width once each, in their new order");
        }
    }
    Shape out = inputs[0];
    for (std::size_t i = 0; i < 3; ++i) {
        out.of(kDims[i]) = inputs[0].of(spec.axes[i]);
    }
    return {out, "", ""};
}

ShapeResult slice_shape(OperatorSpec& spec, const std::vector<Shape>& inputs) {
    const Dim axis = axis_of(spec);
    const std::uint64_t whole = inputs[0].of(axis);
    if (spec.length == 0 || spec.start >= whole || spec.length > whole - spec.start) {
        return wrong("length", "expected a part of the " + std::to_string(whole) + " " + dim_name(axis) + ", got " +
                                   std::to_string(spec.length) + " from " + std::to_string(spec.start));
    }
    Shape out = inputs[0];
    out.of(axis) = spec.length;
    return {out, "", ""};
}

} // namespace systolica
