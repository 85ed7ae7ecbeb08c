// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "workloads/onnx/handlers.h"

#include "workloads/onnx/folding.h"

#include <map>

namespace systolica {

namespace {

// What is only computed from constants and shapes: folding.cpp.
void read_constant_only(OnnxNode& node) {
    OnnxNode::refuse("", "expected inputs that are constants or shapes (" + node.type() +
                             " of the network's data is not supported), got a result of the network");
}

const std::map<std::string, OnnxHandler>& handlers() {
    static const std::map<std::string, OnnxHandler> table{
        {"Conv", read_conv},
        {"ConvTranspose", read_conv_transpose},
        {"MaxPool", read_pool},
        {"AveragePool", read_pool},
        {"GlobalAveragePool", read_global_pool},
        {"GlobalMaxPool", read_global_pool},
        {"Pad", read_pad},
        {"Resize", read_resize},
        {"Upsample", read_resize},
        {"Relu", read_activation},
        {"LeakyRelu", read_activation},
        {"Sigmoid", read_activation},
        {"Tanh", read_activation},
        {"Swish", read_activation},
        {"Gelu", read_activation},
        {"HardSigmoid", read_activation},
        {"HardSwish", read_activation},
        {"Dropout", read_activation},
        {"Clip", read_clip},
        {"Identity", read_same},
        {"Cast", read_same},
        {"BatchNormalization", read_batch_norm},
        {"LayerNormalization", read_layer_norm},
        {"LRN", read_lrn},
        {"Softmax", read_softmax},
        {"SoftmaxCrossEntropyLoss", read_loss},
        {"Add", read_arithmetic},
        {"Sub", read_arithmetic},
        {"Mul", read_arithmetic},
        {"Div", read_arithmetic},
        {"Pow", read_arithmetic},
        {"Sum", read_sum},
        {"Neg", read_unary},
        {"Reciprocal", read_unary},
        {"Sqrt", read_unary},
        {"Gemm", read_gemm},
        {"MatMul", read_matmul},
        {"Gather", read_gather},
        {"Reshape", read_view},
        {"Flatten", read_view},
        {"Squeeze", read_view},
        {"Unsqueeze", read_view},
        {"Transpose", read_transpose},
        {"Concat", read_concat},
        {"Split", read_split},
        {"Slice", read_slice},
        {"ReduceMean", read_reduce},
        {"ReduceSum", read_reduce},
        {"Constant", constant_node},
        {"ConstantOfShape", read_constant_only},
        {"Shape", read_constant_only},
        {"Size", read_constant_only},
        {"Floor", read_constant_only},
        {"Ceil", read_constant_only},
    };
    return table;
}

} // namespace

OnnxHandler handler_of(const std::string& type) {
    const auto found = handlers().find(type);
    return found == handlers().end() ? nullptr : found->second;
}

const std::string& supported_operators() {
    static const std::string all = [] {
        std::string text;
        for (const auto& [type, handler] : handlers()) {
            text += (text.empty() ? "" : ", ") + type;
        }
        return text;
    }();
    return all;
}

} // namespace systolica
