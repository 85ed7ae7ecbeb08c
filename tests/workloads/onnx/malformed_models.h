// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// Models that are wrong in one way each, and the line that a user should see (after the file's name).
#pragma once

#include <functional>
#include <ostream>
#include <string>
#include <vector>

#include "onnx_model.h"

namespace systolica {

struct MalformedModel {
    std::string name;
    std::string bytes;
    std::string line;
};

inline void PrintTo(const MalformedModel& model, std::ostream* out) {
    *out << model.name;
}

// Right: conv, relu, pool, flatten, gemm of a 3 x 32 x 32 image to 10 classes.
inline OnnxModel small_classifier() {
    OnnxModel m;
    m.input("image", {0, 3, 32, 32});
    m.weights("w", {8, 3, 3, 3});
    m.weights("b", {8});
    m.weights("fc.w", {8, 10});
    m.weights("fc.b", {10});
    set(m.node("Conv", {"image", "w", "b"}, "conv"), "pads", IntList{1, 1, 1, 1});
    m.node("Relu", {"conv"}, "relu");
    m.node("GlobalAveragePool", {"relu"}, "gap");
    m.node("Flatten", {"gap"}, "flat");
    m.node("Gemm", {"flat", "fc.w", "fc.b"}, "fc");
    m.output("fc", {0, 10});
    return m;
}

inline std::vector<MalformedModel> malformed_models() {
    std::vector<MalformedModel> all;
    const auto bytes = [](const char* name, const std::string& content, const char* line) {
        return MalformedModel{name, content, line};
    };
    // The small classifier, changed.
    const auto changed = [&](const char* name, const char* line,
                             const std::function<void(OnnxModel&, onnx::GraphProto&)>& change) {
        OnnxModel m = small_classifier();
        change(m, m.graph());
        all.push_back({name, m.model.SerializeAsString(), line});
    };
    // One node on an image of 1 x 8 x 16 x 16, with further inputs.
    const auto single = [&](const char* name, const char* line, const char* type, const std::vector<std::string>& more,
                            const std::function<void(OnnxModel&, onnx::NodeProto&)>& change) {
        OnnxModel m;
        m.input("x", {1, 8, 16, 16});
        std::vector<std::string> inputs{"x"};
        inputs.insert(inputs.end(), more.begin(), more.end());
        onnx::NodeProto& node = m.node(type, inputs, "y");
        m.output("y");
        change(m, node);
        all.push_back({name, m.model.SerializeAsString(), line});
    };

    // Files.
    const std::string whole = small_classifier().model.SerializeAsString();
    all.push_back(bytes("Empty", "", "expected an ONNX model, got an empty file"));
    all.push_back(bytes("Truncated", whole.substr(0, whole.size() / 2),
                        "expected an ONNX model, got a truncated file or something else"));
    all.push_back(bytes("Text", "name: resnet50\ninput: {channels: 3}\n",
                        "expected an ONNX model, got a truncated file or something else"));
    all.push_back(bytes("VersionOnly", std::string("\x08\x07", 2), "expected an ONNX model with a graph, got none"));
    all.push_back(
        bytes("BytesAfterTheModel", whole + '\xff', "expected an ONNX model, got a truncated file or something else"));
    changed("NoOperatorSet", "opset_import: expected an operator set of ONNX from 1 to 25, got none",
            [](OnnxModel& m, auto&) { m.model.clear_opset_import(); });
    changed("OperatorSetOfTheFuture", "opset_import: expected an operator set of ONNX from 1 to 25, got 1000",
            [](OnnxModel& m, auto&) { m.model.mutable_opset_import(0)->set_version(1000); });

    // How the graph hangs together.
    changed("NoNodes", "expected a graph with nodes, got none", [](auto&, auto& g) { g.clear_node(); });
    changed("NoOutputs", "expected at least one output of the graph, got none",
            [](auto&, auto& g) { g.clear_output(); });
    changed("DanglingOutput", "other: expected an output that a node makes, got one that none does",
            [](OnnxModel& m, auto&) { m.output("other"); });
    changed("MissingInput",
            "relu: expected an input, an initializer or what an earlier node makes, got 'conw' (did you "
            "mean 'conv'?)",
            [](auto&, auto& g) { g.mutable_node(1)->set_input(0, "conw"); });
    changed("MissingWeights",
            "conv: expected an input, an initializer or what an earlier node makes, got 'w' (did you mean "
            "'b'?)",
            [](auto&, auto& g) { g.mutable_initializer(0)->set_name("never.asked.for"); });
    changed("Cycle",
            "conv: expected inputs that earlier nodes make, got 'relu' of node 'relu', which comes later or is "
            "the node itself",
            [](auto&, auto& g) { g.mutable_node(0)->set_input(0, "relu"); });
    changed("OwnInput",
            "relu: expected inputs that earlier nodes make, got 'relu' of node 'relu', which comes later or "
            "is the node itself",
            [](auto&, auto& g) { g.mutable_node(1)->set_input(0, "relu"); });
    changed("NodesOutOfOrder",
            "relu: expected inputs that earlier nodes make, got 'conv' of node 'conv', which comes "
            "later or is the node itself",
            [](auto&, auto& g) { g.mutable_node()->SwapElements(0, 1); });
    changed("OutputMadeTwice", "relu: expected an output that nothing else makes, got 'conv' again",
            [](auto&, auto& g) {
                g.mutable_node(1)->set_output(0, "conv");
                g.mutable_node(2)->set_input(0, "conv");
            });
    changed("OutputNamedLikeWeights", "relu: expected an output that nothing else makes, got 'w' again",
            [](auto&, auto& g) {
                g.mutable_node(1)->set_output(0, "w");
                g.mutable_node(2)->set_input(0, "w");
            });
    changed("WeightsTwice", "w: expected each initializer once, got it again", [](OnnxModel& m, auto&) {
        m.weights("w", {8, 3, 3, 3});
    });
    changed("InputTwice", "image: expected each input once, got it again", [](OnnxModel& m, auto&) {
        m.input("image", {0, 3, 32, 32});
    });
    changed("NoInput", "input: expected an input that is no initializer and that a node reads, got none",
            [](OnnxModel& m, auto&) {
                m.weights("image", {1, 3, 32, 32});
            });
    changed(
        "TwoBatches", "other: expected the batch of the other inputs, 4, as the first dimension, got 5",
        [](OnnxModel& m, auto& g) {
            g.mutable_input(0)->mutable_type()->mutable_tensor_type()->mutable_shape()->mutable_dim(0)->set_dim_value(
                4);
            m.input("other", {5, 10});
            m.node("Add", {"fc", "other"}, "sum");
            m.output("sum");
        });

    // Operators.
    changed("UnknownOperator", "relu: expected a supported operator (",
            [](auto&, auto& g) { g.mutable_node(1)->set_op_type("Reluu"); });
    changed("OperatorOfAnotherDomain", "relu: expected a supported operator (",
            [](auto&, auto& g) { g.mutable_node(1)->set_domain("com.example"); });
    changed("NoOperatorType", "relu: expected a supported operator (",
            [](auto&, auto& g) { g.mutable_node(1)->clear_op_type(); });

    // Dimensions.
    const auto dimension = [&](const char* name, const char* line, int which, std::int64_t value) {
        changed(name, line, [=](auto&, auto& g) {
            g.mutable_input(0)
                ->mutable_type()
                ->mutable_tensor_type()
                ->mutable_shape()
                ->mutable_dim(which)
                ->set_dim_value(value);
        });
    };
    dimension("WrongChannels",
              "conv.inputs[1]: expected weights for the 4 input channels, got [8, 3, 3, 3] in 1 groups", 1, 4);
    dimension("NegativeDimension",
              "image: expected a number from 1 to 2147483648 as dimension 2 (only the first, the batch, may be open), "
              "got -32",
              2, -32);
    dimension("ZeroDimension",
              "image: expected a number from 1 to 2147483648 as dimension 3 (only the first, the batch, may be open), "
              "got 0",
              3, 0);
    dimension("HugeDimension",
              "image: expected a number from 1 to 2147483648 as dimension 2 (only the first, the batch, may be open), "
              "got 4611686018427387904",
              2, std::int64_t{1} << 62);
    changed("HugeProduct", "image: expected a tensor of at most 2^48 elements, got [1, 3, 2147483648, 2147483648]",
            [](auto&, auto& g) {
                for (const int which : {2, 3}) {
                    g.mutable_input(0)
                        ->mutable_type()
                        ->mutable_tensor_type()
                        ->mutable_shape()
                        ->mutable_dim(which)
                        ->set_dim_value(std::int64_t{1} << 31);
                }
            });
    changed(
        "OpenHeight",
        "image: expected a number from 1 to 2147483648 as dimension 2 (only the first, the batch, may be open), got "
        "'height'",
        [](auto&, auto& g) {
            g.mutable_input(0)->mutable_type()->mutable_tensor_type()->mutable_shape()->mutable_dim(2)->set_dim_param(
                "height");
        });
    changed("InputWithoutShape", "image: expected a tensor with a shape, got none",
            [](auto&, auto& g) { g.mutable_input(0)->clear_type(); });
    changed("NegativeWeights", "w: expected dimensions up to 2147483648, got -8",
            [](auto&, auto& g) { g.mutable_initializer(0)->set_dims(0, -8); });
    changed("HugeWeights", "w: expected a tensor of at most 2^48 elements, got [2147483648, 2147483648, 3, 3]",
            [](auto&, auto& g) {
                g.mutable_initializer(0)->set_dims(0, std::int64_t{1} << 31);
                g.mutable_initializer(0)->set_dims(1, std::int64_t{1} << 31);
            });
    changed("DataTooShort", "w: expected 864 bytes of data for [8, 3, 3, 3], got 100",
            [](auto&, auto& g) { g.mutable_initializer(0)->set_raw_data(std::string(100, '\0')); });
    changed("LargeDataTooShort", "fc.w: expected 400000 bytes of data for [8, 12500], got 320",
            [](auto&, auto& g) { g.mutable_initializer(2)->set_dims(1, 12500); });
    changed("LargeDataTooLong", "w: expected 864 bytes of data for [8, 3, 3, 3], got 100000",
            [](auto&, auto& g) { g.mutable_initializer(0)->set_raw_data(std::string(100000, '\0')); });
    changed(
        "OutputOfAnotherShape", "fc: expected 11 as dimension 1 of the output, as the file says, got [N, 10]",
        [](auto&, auto& g) {
            g.mutable_output(0)->mutable_type()->mutable_tensor_type()->mutable_shape()->mutable_dim(1)->set_dim_value(
                11);
        });
    changed("GemmOfOtherFeatures", "fc.inputs[1]: expected weights that take 8 features, got [9, 10]",
            [](auto&, auto& g) {
                g.mutable_initializer(2)->set_dims(0, 9);
                g.mutable_initializer(2)->set_raw_data(std::string(360, '\0'));
            });
    changed("BiasOfAnotherSize", "conv.inputs[2]: expected a bias of [8], got [10]",
            [](auto&, auto& g) { g.mutable_node(0)->set_input(2, "fc.b"); });
    changed("GemmOfAnImage", "fc.inputs[0]: expected batch and features, not transposed, got [N, 8, 1, 1]",
            [](auto&, auto& g) { g.mutable_node(4)->set_input(0, "gap"); });

    // Windows.
    single("ZeroStride", "y.strides: expected a whole number from 1 to 2147483648, got 0", "MaxPool", {},
           [](auto&, auto& node) {
               set(node, "kernel_shape", IntList{2, 2});
               set(node, "strides", IntList{0, 2});
           });
    single("KernelLargerThanTheInput",
           "y.kernel_shape: expected at most 16 x 16 (the input with its padding), got 17 x 17", "MaxPool", {},
           [](auto&, auto& node) {
               set(node, "kernel_shape", IntList{17, 17});
           });
    single("NoKernel", "y.kernel_shape: expected a list, got nothing", "AveragePool", {}, [](auto&, auto&) {});
    single("NegativePads", "y.pads: expected a whole number from 0 to 2147483648, got -1", "MaxPool", {},
           [](auto&, auto& node) {
               set(node, "kernel_shape", IntList{2, 2});
               set(node, "pads", IntList{-1, 0, 0, 0});
           });
    single("TooFewPads", "y.pads: expected 4 numbers, got 2", "MaxPool", {}, [](auto&, auto& node) {
        set(node, "kernel_shape", IntList{2, 2});
        set(node, "pads", IntList{1, 1});
    });
    single("UnknownAutoPad", "y.auto_pad: expected NOTSET, SAME_UPPER, SAME_LOWER or VALID, got 'SAME'", "MaxPool", {},
           [](auto&, auto& node) {
               set(node, "kernel_shape", IntList{2, 2});
               set(node, "auto_pad", "SAME");
           });
    single("AttributeOfAnotherType", "y.kernel_shape: expected a list of integers, got an attribute of another type",
           "MaxPool", {}, [](auto&, auto& node) { set(node, "kernel_shape", std::int64_t{2}); });
    single("KernelUnlikeTheWeights", "y.kernel_shape: expected the kernel of the weights [8, 8, 3, 3], got another",
           "Conv", {"w"}, [](OnnxModel& m, auto& node) {
               m.weights("w", {8, 8, 3, 3});
               set(node, "kernel_shape", IntList{5, 5});
           });
    single("GroupsThatDoNotDivide", "y.inputs[1]: expected a multiple of the 2 groups, got 9", "Conv", {"w"},
           [](OnnxModel& m, auto& node) {
               m.weights("w", {9, 4, 3, 3});
               set(node, "group", std::int64_t{2});
           });
    single("NoWeights", "y.inputs: expected at least 2, got 1", "Conv", {}, [](auto&, auto&) {});
    single("WeightsFromTheNetwork",
           "y.inputs[1]: expected weights (an initializer or a constant), got a result of the network", "Conv", {"x"},
           [](auto&, auto&) {});

    // Dimensions of nodes that have none of their own.
    single("ReshapeToOtherElements", "y.shape: expected 2048 elements an image like [N, 8, 16, 16], got another number",
           "Reshape", {"shape"}, [](OnnxModel& m, auto&) {
               m.integers("shape", {1, 2047});
           });
    single("ReshapeOverflow", "y.shape: expected 2048 elements an image like [N, 8, 16, 16], got another number",
           "Reshape", {"shape"}, [](OnnxModel& m, auto&) {
               m.integers("shape", {1, std::int64_t{1} << 31, std::int64_t{1} << 31, 2});
           });
    single("TwoOpenDimensions", "y.shape: expected at most one -1, got two", "Reshape", {"shape"},
           [](OnnxModel& m, auto&) {
               m.integers("shape", {-1, -1});
           });
    single("AxisTooLarge", "y.axis: expected from -4 to 3, got 4", "Softmax", {},
           [](auto&, auto& node) { set(node, "axis", std::int64_t{4}); });
    single("AxisMissing", "y.axis: expected an integer, got nothing", "Concat", {"x"}, [](auto&, auto&) {});
    single("ConcatOfOtherSizes",
           "y.inputs[1]: expected the dimensions of the first input, [N, 8, 16, 16], but for axis 1, got [N, 8, 8, 8]",
           "Concat", {"half"}, [](OnnxModel& m, auto& node) {
               set(node, "axis", std::int64_t{1});
               onnx::NodeProto& pool = m.node("MaxPool", {"x"}, "half");
               set(pool, "kernel_shape", IntList{2, 2});
               set(pool, "strides", IntList{2, 2});
               m.graph().mutable_node()->SwapElements(0, 1);
           });
    single("SplitThatDoesNotAddUp", "y.split: expected a part for each of 1 outputs, 8 together, got others", "Split",
           {}, [](auto&, auto& node) {
               set(node, "axis", std::int64_t{1});
               set(node, "split", IntList{7});
           });
    single("BatchMoved", "y.perm: expected the batch to stay the leading dimension, got axis 1", "Transpose", {},
           [](auto&, auto& node) {
               set(node, "perm", IntList{1, 0, 2, 3});
           });
    single("AddOfOtherSizes",
           "y.inputs[1]: expected the dimensions of the first input, [N, 8, 16, 16] (or 1 where it is stretched), got "
           "[7, 1, 1]",
           "Add", {"c"}, [](OnnxModel& m, auto&) {
               m.weights("c", {7, 1, 1});
           });
    single("ClipToOtherLimits", "y: expected limits of 0 and 6 (ReLU6), or 0 alone, got others", "Clip", {"low"},
           [](OnnxModel& m, auto&) { m.number("low", -1); });
    single("BatchNormOfOtherChannels", "y.inputs[2]: expected weights of [8], got [9]", "BatchNormalization",
           {"a", "b", "a", "a"}, [](OnnxModel& m, auto&) {
               m.weights("a", {8});
               m.weights("b", {9});
           });
    single("SecondOutputOfAPool",
           "z.inputs[0]: expected a result that is supported, got 'where' (the first output of most operators is the "
           "only one that is)",
           "MaxPool", {}, [](OnnxModel& m, auto& node) {
               set(node, "kernel_shape", IntList{2, 2});
               node.add_output("where");
               m.node("Relu", {"where"}, "z");
               m.output("z");
           });
    return all;
}

} // namespace systolica
