// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "workloads/yaml_writer.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <sstream>

#include "workloads/operator_table.h"

namespace systolica {

namespace {

constexpr const char* kImage = "input";

std::string text(std::uint64_t value) {
    return std::to_string(value);
}

// Plain where no reader of YAML could take it for anything but a string.
std::string quoted(const std::string& name) {
    static const std::vector<std::string> words{"null", "true", "false", "yes", "no", "on", "off", "y", "n"};
    const auto letter = [](unsigned char c) { return c < 0x80 && (std::isalpha(c) != 0 || c == '_'); };
    std::string lower;
    bool plain = !name.empty() && letter(static_cast<unsigned char>(name[0]));
    for (const char c : name) {
        const auto byte = static_cast<unsigned char>(c);
        plain = plain && (letter(byte) || (byte >= '0' && byte <= '9') || c == '.' || c == '/' || c == '-');
        lower += static_cast<char>(std::tolower(byte));
    }
    if (plain && std::find(words.begin(), words.end(), lower) == words.end()) {
        return name;
    }
    std::string out = "\"";
    for (const char c : name) {
        out += c == '"' || c == '\\' ? std::string("\\") + c : std::string(1, c);
    }
    return out + "\"";
}

std::string pair_text(std::uint64_t h, std::uint64_t w) {
    return h == w ? text(h) : "[" + text(h) + ", " + text(w) + "]";
}

std::string pad_text(const Window& window) {
    if (window.pad_top == window.pad_bottom && window.pad_left == window.pad_right) {
        return pair_text(window.pad_top, window.pad_left);
    }
    return "[" + text(window.pad_top) + ", " + text(window.pad_left) + ", " + text(window.pad_bottom) + ", " +
           text(window.pad_right) + "]";
}

std::string number_text(double value) {
    char digits[32];
    const auto [end, error] = std::to_chars(digits, digits + sizeof digits, value);
    return std::string(digits, error == std::errc() ? end : digits);
}

const char* dim_name(Dim dim) {
    return dim == Dim::channels ? "channels" : dim == Dim::height ? "height" : "width";
}

std::string axes_text(const std::vector<Dim>& axes) {
    std::string list;
    for (const Dim dim : axes) {
        list += (list.empty() ? "" : ", ") + std::string(dim_name(dim));
    }
    return axes.size() == 1 ? list : "[" + list + "]";
}

// Rows and columns that a transposed convolution adds: the shape rule of its output, turned round.
std::uint64_t output_pad(std::uint64_t out, std::uint64_t pads, std::uint64_t in, std::uint64_t stride,
                         std::uint64_t extent) {
    return out + pads - (in - 1) * stride - extent;
}

// The value of a key of the operator's row in the operator table; "" where the reader takes the same without it.
class KeyText {
public:
    KeyText(const Graph& graph, const Operator& op)
        : op_(op), window_(op.window), in_(graph.input_of(op).shape), out_(graph.output_of(op).shape) {}

    std::string of(const std::string& key) const {
        const std::string shaped = of_shape(key);
        return !shaped.empty() ? shaped : of_window(key) + of_attribute(key);
    }

private:
    // What the graph keeps as the shape of the result only.
    std::string of_shape(const std::string& key) const {
        if (key == "out_channels" || key == "length") {
            return text(out_.of(axis_of(op_)));
        }
        if (key == "channels") {
            return text(out_.c);
        }
        const bool resize = op_.kind == OpKind::resize_nearest || op_.kind == OpKind::resize_bilinear;
        if (key == "height" && (resize || out_.h != 1)) {
            return text(out_.h);
        }
        return key == "width" && (resize || out_.w != 1) ? text(out_.w) : "";
    }

    std::string of_window(const std::string& key) const {
        const bool pool = op_.kind == OpKind::max_pool || op_.kind == OpKind::avg_pool; // stride: the kernel
        if (key == "kernel") {
            return pair_text(window_.kernel_h, window_.kernel_w);
        }
        if (key == "stride") {
            const bool usual = pool ? window_.stride_h == window_.kernel_h && window_.stride_w == window_.kernel_w
                                    : window_.stride_h == 1 && window_.stride_w == 1;
            return usual ? "" : pair_text(window_.stride_h, window_.stride_w);
        }
        if (key == "dilation") {
            return unless("1", pair_text(window_.dilation_h, window_.dilation_w));
        }
        if (key == "pad") {
            return op_.kind == OpKind::pad ? pad_text(window_) : unless("0", pad_text(window_));
        }
        if (key == "output_pad") {
            return unless("0",
                          pair_text(output_pad(out_.h, window_.pad_top + window_.pad_bottom, in_.h, window_.stride_h,
                                               (window_.kernel_h - 1) * window_.dilation_h + 1),
                                    output_pad(out_.w, window_.pad_left + window_.pad_right, in_.w, window_.stride_w,
                                               (window_.kernel_w - 1) * window_.dilation_w + 1)));
        }
        return "";
    }

    std::string of_attribute(const std::string& key) const {
        if (key == "groups") {
            return unless("1", text(op_.groups));
        }
        if (key == "axis") {
            return unless("channels", dim_name(axis_of(op_)));
        }
        if (key == "axes") {
            return axes_text(op_.axes);
        }
        if (key == "size") {
            return text(op_.size);
        }
        if (key == "start") {
            return unless("0", text(op_.start));
        }
        if (key == "value" && op_.constant) {
            return number_text(op_.value);
        }
        if (key == "operand" && op_.learned) {
            return "[" + text(op_.operand.c) + ", " + text(op_.operand.h) + ", " + text(op_.operand.w) + "]";
        }
        if (key == "count_include_pad") {
            return op_.count_include_pad ? "" : "false";
        }
        const bool set = (key == "bias" && op_.bias) || (key == "ceil_mode" && op_.ceil_mode) ||
                         (key == "transpose_a" && op_.transpose_a) || (key == "transpose_b" && op_.transpose_b);
        return set ? "true" : "";
    }

    static std::string unless(const std::string& usual, const std::string& value) {
        return value == usual ? "" : value;
    }

    const Operator& op_;
    const Window& window_;
    const Shape& in_;
    const Shape& out_;
};

std::string inputs_text(const Graph& graph, const Operator& op, const std::string& previous) {
    std::string list;
    for (std::size_t i = 0; i < op.inputs.size(); ++i) {
        list += (i == 0 ? "" : ", ") + quoted(graph.input_of(op, i).name);
    }
    if (op.inputs.size() == 1) {
        return graph.input_of(op).name == previous ? "" : ", inputs: " + list;
    }
    return ", inputs: [" + list + "]";
}

std::string operator_text(const Graph& graph, const Operator& op, const std::string& previous) {
    const OperatorRow& row = operator_row(op.kind);
    std::string line = "  - {name: " + quoted(op.name) + ", op: " + row.word + inputs_text(graph, op, previous);
    const KeyText keys(graph, op);
    std::istringstream in(row.keys);
    for (std::string key; in >> key;) {
        key.erase(std::remove(key.begin(), key.end(), '*'), key.end());
        const std::string value = keys.of(key);
        line += value.empty() ? "" : ", " + key + ": " + value;
    }
    return line + "}\n";
}

} // namespace

std::string native_yaml(const Graph& graph) {
    std::vector<const Tensor*> images;
    for (const Tensor& tensor : graph.tensors) {
        if (tensor.producer < 0) {
            images.push_back(&tensor);
        }
    }
    if (graph.table_of_rows || images.size() != 1 || images[0]->name != kImage) {
        throw InputError({graph.name, 0, 0}, "",
                         "expected a network with one input, which is what native YAML describes, got " +
                             (graph.table_of_rows ? std::string("rows of a table") : text(images.size())));
    }
    const Shape& image = images[0]->shape;
    std::string out = "name: " + quoted(graph.name) + "\ninput: {channels: " + text(image.c) +
                      ", height: " + text(image.h) + ", width: " + text(image.w) + "}\noperators:\n";
    std::string previous = kImage;
    for (const Operator& op : graph.operators) {
        out += operator_text(graph, op, previous);
        previous = graph.output_of(op).name;
    }
    return out;
}

} // namespace systolica
