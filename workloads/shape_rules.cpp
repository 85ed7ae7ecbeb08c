// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "workloads/shape_rules.h"

#include <algorithm>
#include <initializer_list>
#include <tuple>

namespace systolica {

namespace {

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

// One direction of a window.
struct Axis {
    std::uint64_t in, kernel, stride, dilation, pad_before, pad_after;

    std::uint64_t extent() const { return (kernel - 1) * dilation + 1; }
    std::uint64_t padded() const { return in + pad_before + pad_after; }
};

struct Axes {
    Axis h, w;
};

Axes axes_of(const Window& window, const Shape& in) {
    return {{in.h, window.kernel_h, window.stride_h, window.dilation_h, window.pad_top, window.pad_bottom},
            {in.w, window.kernel_w, window.stride_w, window.dilation_w, window.pad_left, window.pad_right}};
}

ShapeResult check_window(const Axes& axes) {
    for (const Axis& axis : {axes.h, axes.w}) {
        for (const auto& [field, value, least] :
             {std::tuple{"kernel", axis.kernel, 1u}, std::tuple{"stride", axis.stride, 1u},
              std::tuple{"dilation", axis.dilation, 1u}, std::tuple{"pad", axis.pad_before, 0u},
              std::tuple{"pad", axis.pad_after, 0u}}) {
            if (value < least || value > kMaxDimension) {
                return wrong(field, "expected a whole number from " + std::to_string(least) + " to " +
                                        std::to_string(kMaxDimension) + ", got '" + std::to_string(value) + "'");
            }
        }
    }
    if (axes.h.extent() > axes.h.padded() || axes.w.extent() > axes.w.padded()) {
        return wrong("kernel", "expected at most " + std::to_string(axes.h.padded()) + " x " +
                                   std::to_string(axes.w.padded()) + " (the input with its padding), got " +
                                   std::to_string(axes.h.extent()) + " x " + std::to_string(axes.w.extent()));
    }
    return {};
}

std::uint64_t positions(const Axis& axis, bool ceil_mode) {
    const std::uint64_t room = axis.padded() - axis.extent();
    const std::uint64_t floor_positions = room / axis.stride + 1;
    // PyTorch's rule: a last partial window counts only if it starts inside the input or the padding before it.
    const bool partial = ceil_mode && room % axis.stride != 0;
    return partial && floor_positions * axis.stride < axis.in + axis.pad_before ? floor_positions + 1 : floor_positions;
}

ShapeResult check_weights(const OperatorSpec& spec, const Shape& in, const Shape& out) {
    const Window& window = spec.window;
    const std::uint64_t depth = in.c / spec.groups;
    if (!product_within({out.c, depth, window.kernel_h, window.kernel_w}, kMaxElements)) {
        return wrong("out_channels", "expected at most 2^48 weights, got more");
    }
    if (!product_within({out.n, out.h, out.w, out.c, depth, window.kernel_h, window.kernel_w}, kMaxWork)) {
        return wrong("", "expected at most 2^60 MACs, got more");
    }
    return check_shape(out);
}

ShapeResult conv_shape(OperatorSpec& spec, const Shape& in) {
    if (spec.depthwise) {
        spec.groups = in.c;
        spec.out_channels = spec.out_channels == 0 ? in.c : spec.out_channels;
    }
    if (spec.out_channels == 0 || spec.out_channels > kMaxDimension) {
        return wrong("out_channels", "expected a whole number from 1 to " + std::to_string(kMaxDimension) + ", got '" +
                                         std::to_string(spec.out_channels) + "'");
    }
    const std::string groups = std::to_string(spec.groups);
    if (spec.groups == 0 || in.c % spec.groups != 0) {
        return wrong("groups", "expected a divisor of the " + std::to_string(in.c) + " input channels, got " + groups);
    }
    if (spec.out_channels % spec.groups != 0) {
        return wrong("out_channels",
                     "expected a multiple of the " + groups + " groups, got " + std::to_string(spec.out_channels));
    }
    const Axes axes = axes_of(spec.window, in);
    const ShapeResult window = check_window(axes);
    if (!window.ok()) {
        return window;
    }
    return check_weights(spec, in, {in.n, spec.out_channels, positions(axes.h, false), positions(axes.w, false)});
}

ShapeResult fully_connected_shape(OperatorSpec& spec, const Shape& in) {
    spec.window = {};
    spec.groups = 1;
    if (spec.out_channels == 0 || spec.out_channels > kMaxDimension) {
        return wrong("out_channels", "expected a whole number from 1 to " + std::to_string(kMaxDimension) + ", got '" +
                                         std::to_string(spec.out_channels) + "'");
    }
    return check_weights(spec, in, {in.n, spec.out_channels, in.h, in.w});
}

ShapeResult pool_shape(const OperatorSpec& spec, const Shape& in) {
    const Axes axes = axes_of(spec.window, in);
    const ShapeResult window = check_window(axes);
    if (!window.ok()) {
        return window;
    }
    for (const Axis& axis : {axes.h, axes.w}) {
        // Otherwise a window could lie in the padding alone and have no value.
        if (axis.pad_before >= axis.extent() || axis.pad_after >= axis.extent()) {
            return wrong("pad", "expected less than the kernel's " + std::to_string(axis.extent()) + ", got " +
                                    std::to_string(std::max(axis.pad_before, axis.pad_after)));
        }
    }
    const Shape out{in.n, in.c, positions(axes.h, spec.ceil_mode), positions(axes.w, spec.ceil_mode)};
    if (!product_within({out.n, out.c, out.h, out.w, spec.window.kernel_h, spec.window.kernel_w}, kMaxWork)) {
        return wrong("kernel", "expected at most 2^60 window positions, got more");
    }
    return check_shape(out);
}

ShapeResult add_shape(const std::vector<Shape>& inputs) {
    for (std::size_t i = 1; i < inputs.size(); ++i) {
        if (inputs[i] != inputs[0]) {
            return wrong("inputs[" + std::to_string(i) + "]", "expected the shape of the first input, " +
                                                                  shape_text(inputs[0]) + ", got " +
                                                                  shape_text(inputs[i]));
        }
    }
    return {inputs[0], "", ""};
}

ShapeResult concat_shape(const std::vector<Shape>& inputs) {
    Shape out = inputs[0];
    for (std::size_t i = 1; i < inputs.size(); ++i) {
        if (inputs[i].n != out.n || inputs[i].h != out.h || inputs[i].w != out.w) {
            return wrong("inputs[" + std::to_string(i) + "]",
                         "expected " + std::to_string(out.h) + " x " + std::to_string(out.w) +
                             " pixels like the first input, got " + shape_text(inputs[i]));
        }
        out.c += inputs[i].c;
    }
    return check_shape(out);
}

ShapeResult check_input_count(const OperatorSpec& spec, std::size_t count) {
    const bool joins = spec.kind == OpKind::add || spec.kind == OpKind::concat;
    if (joins ? count >= 2 : count == 1) {
        return {};
    }
    return wrong("inputs", std::string("expected ") + (joins ? "two or more inputs" : "one input") + ", got " +
                               std::to_string(count));
}

} // namespace

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
    if (!count.ok()) {
        return count;
    }
    const Shape& in = inputs[0];
    switch (spec.kind) {
    case OpKind::conv:
        return conv_shape(spec, in);
    case OpKind::fully_connected:
        return fully_connected_shape(spec, in);
    case OpKind::max_pool:
    case OpKind::avg_pool:
        return pool_shape(spec, in);
    case OpKind::global_avg_pool:
        spec.window = {};
        spec.window.kernel_h = in.h;
        spec.window.kernel_w = in.w;
        return {{in.n, in.c, 1, 1}, "", ""};
    case OpKind::add:
        return add_shape(inputs);
    case OpKind::concat:
        return concat_shape(inputs);
    case OpKind::flatten:
        return check_shape({in.n, in.per_image(), 1, 1});
    case OpKind::softmax_cross_entropy:
        return {{in.n, 1, in.h, in.w}, "", ""}; // one loss a pixel, classes are channels
    case OpKind::batch_norm:
    case OpKind::relu:
    case OpKind::relu6:
    case OpKind::softmax:
    case OpKind::dropout:
        break;
    }
    return {in, "", ""};
}

} // namespace systolica
