// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "onnx_export.h"

#include <stdexcept>

namespace systolica {

namespace {

std::int64_t whole(std::uint64_t value) {
    return static_cast<std::int64_t>(value);
}

class Exporter {
public:
    Exporter(const Graph& graph, OnnxStyle style, OnnxModel::Data data)
        : graph_(graph), old_(style == OnnxStyle::old_style), data_(data), model_(old_ ? 8 : 13) {}

    OnnxModel run() {
        const Shape& image = graph_.tensors[0].shape;
        model_.input("input", {old_ ? 1 : 0, whole(image.c), whole(image.h), whole(image.w)});
        for (const Operator& op : graph_.operators) {
            add(op);
        }
        model_.output(graph_.operators.back().name);
        if (old_) {
            for (const onnx::TensorProto& tensor : model_.graph().initializer()) {
                model_.input(tensor.name(), IntList(tensor.dims().begin(), tensor.dims().end()));
            }
        }
        return model_;
    }

private:
    onnx::NodeProto& node(const char* type, const Operator& op, std::vector<std::string> more = {}) {
        std::vector<std::string> inputs;
        for (std::size_t i = 0; i < op.inputs.size(); ++i) {
            inputs.push_back(graph_.input_of(op, i).name);
        }
        inputs.insert(inputs.end(), more.begin(), more.end());
        return model_.node(type, inputs, op.name);
    }

    std::string weights(const Operator& op, const std::string& part, const IntList& dims) {
        model_.weights(op.name + "." + part, dims, data_);
        return op.name + "." + part;
    }

    void window(onnx::NodeProto& node, const Window& w) {
        set(node, "kernel_shape", IntList{whole(w.kernel_h), whole(w.kernel_w)});
        set(node, "strides", IntList{whole(w.stride_h), whole(w.stride_w)});
        set(node, "pads", IntList{whole(w.pad_top), whole(w.pad_left), whole(w.pad_bottom), whole(w.pad_right)});
    }

    void matrix(const Operator& op) {
        const std::int64_t in = whole(graph_.input_of(op).shape.c / op.groups);
        const std::int64_t out = whole(graph_.output_of(op).shape.c);
        const bool conv = op.kind == OpKind::conv;
        std::vector<std::string> parts{
            weights(op, "weight",
                    conv ? IntList{out, in, whole(op.window.kernel_h), whole(op.window.kernel_w)} : IntList{out, in})};
        if (op.bias) {
            parts.push_back(weights(op, "bias", {out}));
        }
        onnx::NodeProto& proto = node(conv ? "Conv" : "Gemm", op, parts);
        if (conv) {
            window(proto, op.window);
            set(proto, "group", whole(op.groups));
        } else {
            set(proto, "transB", std::int64_t{1});
        }
    }

    void batch_norm(const Operator& op) {
        const IntList channels{whole(graph_.input_of(op).shape.c)};
        std::vector<std::string> parts;
        for (const char* part : {"scale", "shift", "mean", "variance"}) {
            parts.push_back(weights(op, part, channels));
        }
        node("BatchNormalization", op, parts);
    }

    void relu6(const Operator& op) {
        if (old_) {
            onnx::NodeProto& clip = node("Clip", op);
            set(clip, "min", 0.0F);
            set(clip, "max", 6.0F);
            return;
        }
        model_.number(op.name + ".min", 0);
        model_.number(op.name + ".max", 6);
        node("Clip", op, {op.name + ".min", op.name + ".max"});
    }

    // PyTorch's x.view(x.size(0), -1) in the new style.
    void flatten(const Operator& op) {
        if (old_) {
            set(node("Flatten", op), "axis", std::int64_t{1});
            return;
        }
        model_.node("Shape", {graph_.input_of(op).name}, "shape");
        model_.integers("first", {0}, true);
        model_.node("Gather", {"shape", "first"}, "batch");
        model_.integers("zero", {0});
        model_.node("Unsqueeze", {"batch", "zero"}, "batches");
        model_.integers("rest", {-1});
        set(model_.node("Concat", {"batches", "rest"}, "wanted"), "axis", std::int64_t{0});
        node("Reshape", op, {"wanted"});
    }

    void loss(const Operator& op) {
        if (old_) { // there is no loss yet
            set(node("Softmax", op), "axis", std::int64_t{1});
            return;
        }
        model_.input("labels", {0});
        node("SoftmaxCrossEntropyLoss", op, {"labels"});
    }

    void pool(const Operator& op) {
        onnx::NodeProto& proto = node(op.kind == OpKind::max_pool ? "MaxPool" : "AveragePool", op);
        window(proto, op.window);
        if (op.kind == OpKind::avg_pool) {
            set(proto, "count_include_pad", std::int64_t{op.count_include_pad});
        }
    }

    void add(const Operator& op) {
        switch (op.kind) {
        case OpKind::conv:
        case OpKind::fully_connected:
            return matrix(op);
        case OpKind::batch_norm:
            return batch_norm(op);
        case OpKind::relu:
            node("Relu", op);
            return;
        case OpKind::relu6:
            return relu6(op);
        case OpKind::add:
            node("Add", op);
            return;
        case OpKind::max_pool:
        case OpKind::avg_pool:
            return pool(op);
        case OpKind::global_avg_pool:
            node("GlobalAveragePool", op);
            return;
        case OpKind::flatten:
            return flatten(op);
        case OpKind::dropout:
            node("Dropout", op);
            return;
        case OpKind::softmax_cross_entropy:
            return loss(op);
        default:
            throw std::logic_error(std::string("no export of ") + op_kind_name(op.kind));
        }
    }

    const Graph& graph_;
    bool old_;
    OnnxModel::Data data_;
    OnnxModel model_;
};

} // namespace

OnnxModel exported(const Graph& graph, OnnxStyle style, OnnxModel::Data data) {
    return Exporter(graph, style, data).run();
}

} // namespace systolica
