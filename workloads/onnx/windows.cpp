// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "workloads/onnx/handlers.h"

#include <algorithm>
#include <cmath>

#include "workloads/shape_rules.h"

namespace systolica {

namespace {

std::uint64_t whole(const std::string& field, std::int64_t value, std::int64_t least) {
    if (value < least || static_cast<std::uint64_t>(value) > kMaxDimension) {
        OnnxNode::refuse(field, "expected a whole number from " + std::to_string(least) + " to " +
                                    std::to_string(kMaxDimension) + ", got " + std::to_string(value));
    }
    return static_cast<std::uint64_t>(value);
}

// A list with a number for each spatial dimension; a second dimension that is not there has `otherwise`.
std::vector<std::uint64_t> spatial_list(const OnnxNode& node, const std::string& field, std::size_t count,
                                        std::int64_t least, std::uint64_t otherwise) {
    std::vector<std::uint64_t> list;
    for (const std::int64_t value : node.integer_list(field)) {
        list.push_back(whole(field, value, least));
    }
    if (node.has(field) && list.size() != count) {
        OnnxNode::refuse(field, "expected " + std::to_string(count) + " numbers, got " + std::to_string(list.size()));
    }
    list.resize(2, otherwise);
    return list;
}

struct SpatialWindow {
    Window window;
    std::size_t count = 0; // spatial dimensions
    std::string auto_pad;
};

// Kernel, strides, dilations and pads; automatic ones are filled in later, when the sizes are known.
SpatialWindow read_window(const OnnxNode& node, const OnnxValue& image, const std::vector<std::uint64_t>& kernel) {
    SpatialWindow result;
    result.count = image.dims.size() - 2;
    if (result.count == 0) {
        OnnxNode::refuse("inputs[0]", "expected one or two spatial dimensions, got " + dims_text(image));
    }
    Window& window = result.window;
    window.kernel_h = kernel[0];
    window.kernel_w = kernel[1];
    const std::vector<std::uint64_t> strides = spatial_list(node, "strides", result.count, 1, 1);
    const std::vector<std::uint64_t> dilations = spatial_list(node, "dilations", result.count, 1, 1);
    window.stride_h = strides[0];
    window.stride_w = strides[1];
    window.dilation_h = dilations[0];
    window.dilation_w = dilations[1];
    result.auto_pad = node.text("auto_pad", "NOTSET");
    for (const char* known : {"NOTSET", "SAME_UPPER", "SAME_LOWER", "VALID"}) {
        if (result.auto_pad == known) {
            const std::vector<std::int64_t> pads = node.integer_list("pads");
            if (node.has("pads") && pads.size() != 2 * result.count) {
                OnnxNode::refuse("pads", "expected " + std::to_string(2 * result.count) + " numbers, got " +
                                             std::to_string(pads.size()));
            }
            std::uint64_t* const places[] = {&window.pad_top, &window.pad_left, &window.pad_bottom, &window.pad_right};
            for (std::size_t i = 0; i < pads.size(); ++i) {
                const std::size_t place = result.count == 2 ? i : 2 * i;
                *places[place] = whole("pads", pads[i], 0);
                if (pads[i] != 0 && result.auto_pad != "NOTSET") {
                    OnnxNode::refuse("pads", "expected none beside auto_pad " + result.auto_pad + ", got some");
                }
            }
            return result;
        }
    }
    OnnxNode::refuse("auto_pad", "expected NOTSET, SAME_UPPER, SAME_LOWER or VALID, got '" + result.auto_pad + "'");
}

void share(std::uint64_t total, bool more_before, std::uint64_t& before, std::uint64_t& after) {
    before = more_before ? total - total / 2 : total / 2;
    after = total - before;
}

// ONNX, Conv: the output has ceil(input / stride) positions.
void pad_to_same(SpatialWindow& spatial, const Shape& in) {
    if (spatial.auto_pad != "SAME_UPPER" && spatial.auto_pad != "SAME_LOWER") {
        return;
    }
    Window& w = spatial.window;
    const auto total = [](std::uint64_t size, std::uint64_t kernel, std::uint64_t stride, std::uint64_t dilation) {
        const std::uint64_t span = (size - 1) / stride * stride + (kernel - 1) * dilation + 1;
        return span > size ? span - size : 0;
    };
    const bool lower = spatial.auto_pad == "SAME_LOWER";
    share(total(in.h, w.kernel_h, w.stride_h, w.dilation_h), lower, w.pad_top, w.pad_bottom);
    share(total(in.w, w.kernel_w, w.stride_w, w.dilation_w), lower, w.pad_left, w.pad_right);
}

// [N, C, L] stays one of three.
Dims image_dims(const OnnxValue& like, const Shape& shape) {
    Dims dims{1, shape.c, shape.h, shape.w};
    dims.resize(like.dims.size());
    return dims;
}

OnnxValue image_layer(OnnxNode& node, OperatorSpec spec, const OnnxValue& image) {
    OnnxValue out = node.layer(std::move(spec), {image}, {});
    out.dims = image_dims(image, out.shape);
    return out;
}

// Weights of a convolution: dims[0], dims[1], then the kernel, which the attribute repeats.
std::vector<std::uint64_t> read_kernel(const OnnxNode& node, const OnnxValue& image, const OnnxValue& weights) {
    if (weights.dims.size() != image.dims.size() || weights.dims.size() < 3) {
        OnnxNode::refuse("inputs[1]", "expected weights of as many dimensions as the input " + dims_text(image) +
                                          ", 3 or 4, got " + dims_text(weights));
    }
    std::vector<std::uint64_t> kernel(weights.dims.begin() + 2, weights.dims.end());
    kernel.resize(2, 1);
    if (node.has("kernel_shape") && spatial_list(node, "kernel_shape", image.dims.size() - 2, 1, 1) != kernel) {
        OnnxNode::refuse("kernel_shape", "expected the kernel of the weights " + dims_text(weights) + ", got another");
    }
    return kernel;
}

void read_bias(const OnnxNode& node, OperatorSpec& spec) {
    spec.bias = node.has(2);
    if (spec.bias && node.weights(2).dims != Dims{spec.out_channels}) {
        OnnxNode::refuse("inputs[2]", "expected a bias of " + dims_text(Dims{spec.out_channels}) + ", got " +
                                          dims_text(node.weights(2)));
    }
}

} // namespace

void read_conv(OnnxNode& node) {
    const OnnxValue image = node.image(0);
    const OnnxValue& weights = node.weights(1);
    const std::vector<std::uint64_t> kernel = read_kernel(node, image, weights);
    SpatialWindow spatial = read_window(node, image, kernel);
    OperatorSpec spec;
    spec.kind = OpKind::conv;
    spec.groups = whole("group", node.integer("group", 1), 1);
    spec.out_channels = weights.dims[0];
    if (weights.dims[1] * spec.groups != image.dims[1]) {
        OnnxNode::refuse("inputs[1]", "expected weights for the " + std::to_string(image.dims[1]) +
                                          " input channels, got " + dims_text(weights) + " in " +
                                          std::to_string(spec.groups) + " groups");
    }
    pad_to_same(spatial, image.shape);
    spec.window = spatial.window;
    read_bias(node, spec);
    node.set(0, image_layer(node, spec, image));
}

void read_conv_transpose(OnnxNode& node) {
    const OnnxValue image = node.image(0);
    const OnnxValue& weights = node.weights(1);
    const std::vector<std::uint64_t> kernel = read_kernel(node, image, weights);
    SpatialWindow spatial = read_window(node, image, kernel);
    OperatorSpec spec;
    spec.kind = OpKind::conv_transpose;
    spec.groups = whole("group", node.integer("group", 1), 1);
    if (weights.dims[1] == 0 || spec.groups > kMaxDimension / weights.dims[1]) {
        OnnxNode::refuse("inputs[1]", "expected up to " + std::to_string(kMaxDimension) + " output channels, got " +
                                          dims_text(weights) + " in " + std::to_string(spec.groups) + " groups");
    }
    spec.out_channels = weights.dims[1] * spec.groups;
    if (weights.dims[0] != image.dims[1]) {
        OnnxNode::refuse("inputs[1]", "expected weights for the " + std::to_string(image.dims[1]) +
                                          " input channels, got " + dims_text(weights));
    }
    const std::vector<std::uint64_t> output_pad = spatial_list(node, "output_padding", spatial.count, 0, 0);
    spec.output_pad_h = output_pad[0];
    spec.output_pad_w = output_pad[1];
    Window& w = spatial.window;
    const bool sized = node.has("output_shape");
    if (sized || spatial.auto_pad == "SAME_UPPER" || spatial.auto_pad == "SAME_LOWER") {
        // ONNX, ConvTranspose: pads are what makes the output that large; SAME means input x stride.
        const auto padding = [&](std::uint64_t in, std::uint64_t stride, std::uint64_t span, std::uint64_t wanted) {
            const std::uint64_t full = (in - 1) * stride + span;
            wanted = sized ? wanted : in * stride;
            if (wanted > full) {
                OnnxNode::refuse(sized ? "output_shape" : "auto_pad", "expected at most " + std::to_string(full) +
                                                                          " positions, got " + std::to_string(wanted));
            }
            return full - wanted;
        };
        const std::vector<std::uint64_t> wanted = spatial_list(node, "output_shape", spatial.count, 1, 1);
        const bool more_before = spatial.auto_pad != "SAME_UPPER";
        share(padding(image.shape.h, w.stride_h, (w.kernel_h - 1) * w.dilation_h + 1 + output_pad[0], wanted[0]),
              more_before, w.pad_top, w.pad_bottom);
        share(padding(image.shape.w, w.stride_w, (w.kernel_w - 1) * w.dilation_w + 1 + output_pad[1], wanted[1]),
              more_before, w.pad_left, w.pad_right);
    }
    spec.window = w;
    read_bias(node, spec);
    node.set(0, image_layer(node, spec, image));
}

void read_pool(OnnxNode& node) {
    const OnnxValue image = node.image(0);
    if (image.dims.size() < 3) {
        OnnxNode::refuse("inputs[0]", "expected one or two spatial dimensions, got " + dims_text(image));
    }
    if (!node.has("kernel_shape")) {
        OnnxNode::refuse("kernel_shape", "expected a list, got nothing");
    }
    SpatialWindow spatial = read_window(node, image, spatial_list(node, "kernel_shape", image.dims.size() - 2, 1, 1));
    OperatorSpec spec;
    spec.kind = node.type() == "MaxPool" ? OpKind::max_pool : OpKind::avg_pool;
    if (spec.kind == OpKind::avg_pool && (spatial.window.dilation_h != 1 || spatial.window.dilation_w != 1)) {
        OnnxNode::refuse("dilations", "expected 1 for an average, got another");
    }
    spec.ceil_mode = node.flag("ceil_mode", false) && spatial.auto_pad == "NOTSET";
    spec.count_include_pad = node.flag("count_include_pad", false);
    pad_to_same(spatial, image.shape);
    spec.window = spatial.window;
    node.set(0, image_layer(node, spec, image));
}

void read_global_pool(OnnxNode& node) {
    const OnnxValue image = node.image(0);
    if (image.dims.size() < 3) {
        OnnxNode::refuse("inputs[0]", "expected one or two spatial dimensions, got " + dims_text(image));
    }
    OperatorSpec spec;
    spec.kind = OpKind::global_avg_pool;
    if (node.type() == "GlobalMaxPool") {
        spec.kind = OpKind::max_pool;
        spec.window.kernel_h = spec.window.stride_h = image.shape.h;
        spec.window.kernel_w = spec.window.stride_w = image.shape.w;
    }
    node.set(0, image_layer(node, spec, image));
}

void read_pad(OnnxNode& node) {
    const OnnxValue image = node.image(0);
    if (node.text("mode", "constant") != "constant") {
        OnnxNode::refuse("mode", "expected constant, got '" + node.text("mode", "") + "'");
    }
    const std::string old = node.has("paddings") ? "paddings" : "pads"; // operator set 1
    const std::vector<std::int64_t> pads = node.integers(old, 1);
    const std::size_t rank = image.dims.size();
    if (pads.size() != 2 * rank || node.has(3)) {
        OnnxNode::refuse("pads", "expected two numbers for each of " + std::to_string(rank) + " dimensions, got " +
                                     (node.has(3) ? "some of chosen axes" : std::to_string(pads.size())));
    }
    if ((node.has("value") && node.real("value", 0) != 0) || (node.has(2) && node.number(2) != 0)) {
        OnnxNode::refuse("value", "expected zeros, got others");
    }
    std::vector<std::uint64_t> both[2]; // before, after
    for (std::size_t i = 0; i < 2 * rank; ++i) {
        if (i % rank < 2 && pads[i] != 0) {
            OnnxNode::refuse("pads", "expected none of batch and channels, got some");
        }
        if (i % rank >= 2) {
            both[i / rank].push_back(whole("pads", pads[i], 0));
        }
    }
    both[0].resize(2, 0);
    both[1].resize(2, 0);
    OperatorSpec spec;
    spec.kind = OpKind::pad;
    spec.window.pad_top = both[0][0];
    spec.window.pad_left = both[0][1];
    spec.window.pad_bottom = both[1][0];
    spec.window.pad_right = both[1][1];
    const bool none = std::all_of(pads.begin(), pads.end(), [](std::int64_t pad) { return pad == 0; });
    node.set(0, none ? image : image_layer(node, spec, image));
}

namespace {

// Sizes of a resize, one a dimension, from the scales or as they are asked for.
std::vector<double> resized(const OnnxNode& node, const OnnxValue& image) {
    const bool second = node.type() == "Upsample" || node.opset() < 11; // X, scales; later X, roi, scales, sizes
    const bool sizes = !second && node.has(3);
    std::vector<double> numbers;
    if (node.has("scales")) {
        for (const float scale : node.real_list("scales")) {
            numbers.push_back(static_cast<double>(scale));
        }
    } else {
        for (const OnnxNumber& number : node.numbers(sizes ? 3 : second ? 1 : 2)) {
            const bool lead =
                numbers.empty() && (number.batch || number.value == static_cast<double>(node.fixed_batch()));
            numbers.push_back(sizes && lead ? 1 : number.value);
        }
    }
    if (numbers.size() != image.dims.size()) {
        OnnxNode::refuse("scales", "expected one for each dimension of " + dims_text(image) + ", got " +
                                       std::to_string(numbers.size()));
    }
    for (std::size_t i = 0; i < numbers.size(); ++i) {
        const auto dim = static_cast<double>(image.dims[i]);
        numbers[i] = sizes ? numbers[i] : std::floor(dim * numbers[i]);
        if (!(numbers[i] >= 1) || numbers[i] > static_cast<double>(kMaxDimension) || (i < 2 && numbers[i] != dim)) {
            OnnxNode::refuse(sizes ? "sizes" : "scales",
                             "expected the batch and the channels as they are and others from 1 to " +
                                 std::to_string(kMaxDimension) + ", got another at axis " + std::to_string(i));
        }
    }
    return numbers;
}

} // namespace

void read_resize(OnnxNode& node) {
    const OnnxValue image = node.image(0);
    const std::string mode = node.text("mode", "nearest");
    if (mode != "nearest" && mode != "linear" && mode != "bilinear") {
        OnnxNode::refuse("mode", "expected nearest or linear, got '" + mode + "'");
    }
    if (node.has("axes") ||
        (node.has("keep_aspect_ratio_policy") && node.text("keep_aspect_ratio_policy", "") != "stretch")) {
        OnnxNode::refuse(node.has("axes") ? "axes" : "keep_aspect_ratio_policy", "expected none, got one");
    }
    if (image.dims.size() < 3) {
        OnnxNode::refuse("inputs[0]", "expected one or two spatial dimensions, got " + dims_text(image));
    }
    std::vector<double> sizes = resized(node, image);
    sizes.resize(4, 1);
    OperatorSpec spec;
    spec.kind = mode == "nearest" ? OpKind::resize_nearest : OpKind::resize_bilinear;
    spec.target.h = static_cast<std::uint64_t>(sizes[2]);
    spec.target.w = static_cast<std::uint64_t>(sizes[3]);
    node.set(0, image_layer(node, spec, image));
}

} // namespace systolica
