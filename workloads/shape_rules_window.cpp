// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "workloads/shape_rule_list.h"

#include <algorithm>
#include <tuple>

namespace systolica {

namespace {

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

ShapeResult check_numbers(const Axes& axes) {
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
    return {};
}

ShapeResult check_window(const Axes& axes) {
    const ShapeResult numbers = check_numbers(axes);
    if (!numbers.ok()) {
        return numbers;
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

// `depth` channels meet in each output.
ShapeResult check_weights(const OperatorSpec& spec, std::uint64_t depth, const Shape& out) {
    const Window& window = spec.window;
    if (!product_within({spec.out_channels, depth, window.kernel_h, window.kernel_w}, kMaxElements)) {
        return wrong("out_channels", "expected at most 2^48 weights, got more");
    }
    if (!product_within({out.n, out.h, out.w, out.c, depth, window.kernel_h, window.kernel_w}, kMaxWork)) {
        return wrong("", "expected at most 2^60 MACs, got more");
    }
    return check_shape(out);
}

ShapeResult check_out_channels(const OperatorSpec& spec) {
    if (spec.out_channels == 0 || spec.out_channels > kMaxDimension) {
        return wrong("out_channels", "expected a whole number from 1 to " + std::to_string(kMaxDimension) + ", got '" +
                                         std::to_string(spec.out_channels) + "'");
    }
    return {};
}

ShapeResult check_channels(const OperatorSpec& spec, const Shape& in) {
    const ShapeResult channels = check_out_channels(spec);
    if (!channels.ok()) {
        return channels;
    }
    const std::string groups = std::to_string(spec.groups);
    if (spec.groups == 0 || in.c % spec.groups != 0) {
        return wrong("groups", "expected a divisor of the " + std::to_string(in.c) + " input channels, got " + groups);
    }
    if (spec.out_channels % spec.groups != 0) {
        return wrong("out_channels",
                     "expected a multiple of the " + groups + " groups, got " + std::to_string(spec.out_channels));
    }
    return {};
}

} // namespace

ShapeResult conv_shape(OperatorSpec& spec, const std::vector<Shape>& inputs) {
    const Shape& in = inputs[0];
    if (spec.depthwise) {
        spec.groups = in.c;
        spec.out_channels = spec.out_channels == 0 ? in.c : spec.out_channels;
    }
    const ShapeResult channels = check_channels(spec, in);
    if (!channels.ok()) {
        return channels;
    }
    const Axes axes = axes_of(spec.window, in);
    const ShapeResult window = check_window(axes);
    if (!window.ok()) {
        return window;
    }
    return check_weights(spec, in.c / spec.groups,
                         {in.n, spec.out_channels, positions(axes.h, false), positions(axes.w, false)});
}

ShapeResult fully_connected_shape(OperatorSpec& spec, const std::vector<Shape>& inputs) {
    const Shape& in = inputs[0];
    spec.window = {};
    spec.groups = 1;
    const ShapeResult channels = check_out_channels(spec);
    if (!channels.ok()) {
        return channels;
    }
    Shape out = in;
    out.of(axis_of(spec)) = spec.out_channels;
    return check_weights(spec, in.of(axis_of(spec)), out);
}

ShapeResult pool_shape(OperatorSpec& spec, const std::vector<Shape>& inputs) {
    const Shape& in = inputs[0];
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

// The adjoint of a convolution: each input position adds a kernel to the output (PyTorch's ConvTranspose2d).
ShapeResult conv_transpose_shape(OperatorSpec& spec, const std::vector<Shape>& inputs) {
    const Shape& in = inputs[0];
    const ShapeResult channels = check_channels(spec, in);
    if (!channels.ok()) {
        return channels;
    }
    const Axes axes = axes_of(spec.window, in);
    const ShapeResult numbers = check_numbers(axes);
    if (!numbers.ok()) {
        return numbers;
    }
    Shape out{in.n, spec.out_channels, 0, 0};
    for (const auto& [axis, output_pad, result] :
         {std::tuple{axes.h, spec.output_pad_h, &out.h}, std::tuple{axes.w, spec.output_pad_w, &out.w}}) {
        if (output_pad >= std::max(axis.stride, axis.dilation)) { // those positions would have no value
            return wrong("output_pad",
                         "expected less than the stride or the dilation, got " + std::to_string(output_pad));
        }
        const std::uint64_t span = (axis.in - 1) * axis.stride + axis.extent() + output_pad;
        if (span <= axis.pad_before + axis.pad_after) {
            return wrong("pad", "expected less than the " + std::to_string(span) + " positions of the result, got " +
                                    std::to_string(axis.pad_before + axis.pad_after));
        }
        *result = span - axis.pad_before - axis.pad_after;
    }
    const ShapeResult fits = check_shape(out);
    if (!fits.ok()) {
        return fits;
    }
    const ShapeResult work =
        check_weights(spec, in.c / spec.groups, {in.n, spec.out_channels, in.h, in.w}); // a kernel an input position
    return work.ok() ? fits : work;
}

ShapeResult global_pool_shape(OperatorSpec& spec, const std::vector<Shape>& inputs) {
    const Shape& in = inputs[0];
    spec.window = {};
    spec.window.kernel_h = in.h;
    spec.window.kernel_w = in.w;
    return {{in.n, in.c, 1, 1}, "", ""};
}

ShapeResult pad_shape(OperatorSpec& spec, const std::vector<Shape>& inputs) {
    const Shape& in = inputs[0];
    const Axes axes = axes_of(spec.window, in);
    const ShapeResult numbers = check_numbers(axes);
    return numbers.ok() ? check_shape({in.n, in.c, axes.h.padded(), axes.w.padded()}) : numbers;
}

} // namespace systolica
