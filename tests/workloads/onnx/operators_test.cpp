// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "imported.h"

#include <gtest/gtest.h>

namespace systolica {
namespace {

// 13 positions, stride 3: ceil(13 / 3) = 5 outputs reach 4 * 3 + 4 = 16 positions, so 3 are padded.
TEST(OnnxOperators, AutoPadGivesTheInputOverTheStrideRoundedUp) {
    for (const bool upper : {true, false}) {
        OnnxModel m = one_input({0, 2, 13, 13});
        m.weights("w", {4, 2, 4, 4});
        onnx::NodeProto& conv = m.node("Conv", {"x", "w"}, "y");
        set(conv, "strides", IntList{3, 3});
        set(conv, "auto_pad", upper ? "SAME_UPPER" : "SAME_LOWER");
        m.output("y");
        const Graph graph = imported(m);
        const Window& window = graph.operators[0].window;
        EXPECT_EQ(graph.output_of(graph.operators[0]).shape, (Shape{1, 4, 5, 5}));
        EXPECT_EQ(window.pad_top, upper ? 1u : 2u);
        EXPECT_EQ(window.pad_bottom, upper ? 2u : 1u);
        EXPECT_EQ(window.pad_left, window.pad_top);
        EXPECT_EQ(window.pad_right, window.pad_bottom);
    }
    OnnxModel m = one_input({0, 2, 13, 13});
    onnx::NodeProto& pool = m.node("MaxPool", {"x"}, "y");
    set(pool, "kernel_shape", IntList{4, 4});
    set(pool, "strides", IntList{3, 3});
    set(pool, "auto_pad", "VALID");
    m.output("y");
    EXPECT_EQ(layers(imported(m)), "maxpool 1 x 2 x 4 x 4"); // (13 - 4) / 3 + 1
}

// ONNX's stride is 1, that of native YAML the kernel.
TEST(OnnxOperators, APoolMovesByOneUnlessTold) {
    OnnxModel m = one_input({0, 2, 8, 8});
    set(m.node("AveragePool", {"x"}, "y"), "kernel_shape", IntList{3, 3});
    m.output("y");
    const Graph graph = imported(m);
    EXPECT_EQ(layers(graph), "avgpool 1 x 2 x 6 x 6");
    EXPECT_FALSE(graph.operators[0].count_include_pad);
}

TEST(OnnxOperators, ClipIsRelu6InAllItsForms) {
    OnnxModel attributes = one_input({0, 4}, 6);
    onnx::NodeProto& clip = attributes.node("Clip", {"x"}, "y");
    set(clip, "min", 0.0F);
    set(clip, "max", 6.0F);
    attributes.output("y");
    EXPECT_EQ(layers(imported(attributes)), "relu6 1 x 4 x 1 x 1");

    OnnxModel constants = one_input({0, 4}, 12);
    set(constants.node("Constant", {}, "low"), "value_float", 0.0F);
    constants.number("high", 6);
    constants.node("Clip", {"x", "low", "high"}, "y");
    constants.output("y");
    EXPECT_EQ(layers(imported(constants)), "relu6 1 x 4 x 1 x 1");

    OnnxModel open = one_input({0, 4}, 12); // no upper limit
    open.number("low", 0);
    open.node("Clip", {"x", "low", ""}, "y");
    open.output("y");
    EXPECT_EQ(layers(imported(open)), "relu 1 x 4 x 1 x 1");
}

TEST(OnnxOperators, SoftmaxJoinsItsDimensionsBeforeOperatorSet13) {
    for (const std::int64_t opset : {12, 13}) {
        OnnxModel m = one_input({0, 4, 5, 6}, opset);
        set(m.node("Softmax", {"x"}, "y"), "axis", std::int64_t{2});
        m.output("y");
        // 12: 4 rows of 30; 13: along the height as it is.
        EXPECT_EQ(layers(imported(m)),
                  opset == 12 ? "reshape 1 x 4 x 30 x 1; softmax 1 x 4 x 30 x 1" : "softmax 1 x 4 x 5 x 6");
    }
}

TEST(OnnxOperators, GemmTakesWeightsEitherWayRound) {
    for (const bool transposed : {false, true}) {
        OnnxModel m = one_input({0, 8});
        m.weights("w", transposed ? IntList{3, 8} : IntList{8, 3});
        m.weights("c", {1, 3});
        onnx::NodeProto& gemm = m.node("Gemm", {"x", "w", "c"}, "y");
        set(gemm, "transB", std::int64_t{transposed});
        set(gemm, "alpha", 0.5F);
        m.output("y");
        const Graph graph = imported(m, 7);
        EXPECT_EQ(layers(graph), "fc 7 x 3 x 1 x 1");
        EXPECT_EQ(macs(graph), 7u * 8 * 3);
        EXPECT_EQ(parameter_count(graph), 8u * 3 + 3);
    }
}

TEST(OnnxOperators, MatMulWithWeightsMultipliesTheLastDimension) {
    OnnxModel m = one_input({0, 10, 8});
    m.weights("w", {8, 3});
    m.node("MatMul", {"x", "w"}, "y");
    m.weights("b", {3});
    m.node("Add", {"b", "y"}, "z");
    m.output("z", {0, 10, 3});
    const Graph graph = imported(m, 2);
    EXPECT_EQ(layers(graph), "fc 2 x 10 x 3 x 1; add 2 x 10 x 3 x 1");
    EXPECT_EQ(macs(graph), 2u * 10 * 8 * 3);
    EXPECT_EQ(parameter_count(graph), 8u * 3 + 3);
}

// One block of attention with 4 heads of 8, 10 positions, as PyTorch writes it.
TEST(OnnxOperators, AttentionKeepsItsProducts) {
    OnnxModel m = one_input({0, 10, 32});
    m.integers("heads", {0, 0, 4, 8});
    for (const std::string part : {"q", "k"}) {
        m.weights(part + ".w", {32, 32});
        m.node("MatMul", {"x", part + ".w"}, part);
        m.node("Reshape", {part, "heads"}, part + ".heads");
        set(m.node("Transpose", {part + ".heads"}, part + ".turned"), "perm",
            part == "q" ? IntList{0, 2, 1, 3} : IntList{0, 2, 3, 1});
    }
    m.node("MatMul", {"q.turned", "k.turned"}, "scores");
    m.number("scale", 2.5);
    m.node("Div", {"scores", "scale"}, "scaled");
    set(m.node("Softmax", {"scaled"}, "weights"), "axis", std::int64_t{-1});
    m.output("weights", {0, 4, 10, 10});
    const Graph graph = imported(m, 3);
    EXPECT_EQ(macs(graph), 3u * (2 * 10 * 32 * 32 + 4 * 10 * 10 * 8));
    const Operator& softmax = graph.operators.back();
    EXPECT_EQ(graph.output_of(softmax).shape, (Shape{3, 4, 10, 10}));
    EXPECT_EQ(axis_of(softmax), Dim::width);
    const Operator& scaled = graph.operators[graph.operators.size() - 2];
    EXPECT_TRUE(scaled.constant);
    EXPECT_EQ(scaled.value, 2.5);
}

// ShuffleNet: five dimensions between two of four.
TEST(OnnxOperators, AChannelShuffleOfFiveDimensionsIsATransposeOfThree) {
    OnnxModel m = one_input({1, 12, 7, 7});
    m.integers("split", {1, 3, 4, 7, 7});
    m.integers("join", {1, 12, 7, 7});
    m.node("Reshape", {"x", "split"}, "groups");
    set(m.node("Transpose", {"groups"}, "turned"), "perm", IntList{0, 2, 1, 3, 4});
    m.node("Reshape", {"turned", "join"}, "y");
    m.output("y", {1, 12, 7, 7});
    EXPECT_EQ(layers(imported(m, 5)), "reshape 5 x 3 x 4 x 49; transpose 5 x 4 x 3 x 49; reshape 5 x 12 x 7 x 7");
}

TEST(OnnxOperators, ASplitIsASliceAPart) {
    OnnxModel m = one_input({0, 9, 4, 4});
    onnx::NodeProto& split = m.node("Split", {"x"}, "a", "split");
    split.add_output("b");
    set(split, "axis", std::int64_t{1});
    m.integers("parts", {4, 5});
    split.add_input("parts");
    set(m.node("Concat", {"b", "a"}, "y"), "axis", std::int64_t{-3});
    m.output("y");
    const Graph graph = imported(m);
    EXPECT_EQ(layers(graph), "slice 1 x 4 x 4 x 4; slice 1 x 5 x 4 x 4; concat 1 x 9 x 4 x 4");
    EXPECT_EQ(graph.operators[0].name, "split.0");
    EXPECT_EQ(graph.operators[1].name, "split.1");
    EXPECT_EQ(graph.operators[1].start, 4u);
}

TEST(OnnxOperators, SlicesCountFromTheEndAndLeaveTheBatch) {
    OnnxModel m = one_input({0, 8, 10, 10});
    m.integers("starts", {0, -4, 2});
    m.integers("ends", {9223372036854775807, 9223372036854775807, -1});
    m.integers("axes", {0, 1, 3});
    m.node("Slice", {"x", "starts", "ends", "axes"}, "y");
    m.output("y");
    const Graph graph = imported(m);
    EXPECT_EQ(layers(graph), "slice 1 x 4 x 10 x 10; slice 1 x 4 x 10 x 7");
    EXPECT_EQ(graph.operators[0].start, 4u);
    EXPECT_EQ(graph.operators[1].start, 2u);
}

// Half the height, computed from the shape: the batch never becomes a number.
TEST(OnnxOperators, ShapesAreFollowedThroughArithmetic) {
    OnnxModel m = one_input({0, 6, 8, 5});
    m.node("Shape", {"x"}, "shape");
    m.integers("two", {2}, true);
    m.integers("zero", {0}, true);
    m.integers("axis", {0});
    m.node("Gather", {"shape", "two"}, "h");
    m.node("Div", {"h", "two"}, "half");
    m.node("Gather", {"shape", "zero"}, "n");
    m.node("Unsqueeze", {"n", "axis"}, "n1");
    m.node("Unsqueeze", {"half", "axis"}, "half1");
    m.integers("rest", {-1});
    set(m.node("Concat", {"n1", "rest", "half1"}, "wanted"), "axis", std::int64_t{0});
    m.node("Reshape", {"x", "wanted"}, "y");
    m.output("y");
    EXPECT_EQ(layers(imported(m, 3)), "reshape 3 x 60 x 4 x 1"); // 240 elements over 4
}

TEST(OnnxOperators, ConstantsOnTheLeftKeepTheirMeaning) {
    OnnxModel m = one_input({0, 4});
    m.number("one", 1);
    m.node("Sub", {"one", "x"}, "rest");
    m.output("rest");
    const Graph graph = imported(m);
    ASSERT_EQ(layers(graph), "mul 1 x 4 x 1 x 1; add 1 x 4 x 1 x 1"); // 1 - x = x * -1 + 1
    EXPECT_EQ(graph.operators[0].value, -1.0);
    EXPECT_EQ(graph.operators[0].name, "rest.neg");
    EXPECT_EQ(graph.operators[1].value, 1.0);
}

TEST(OnnxOperators, MeanOverThePositionsIsAGlobalPool) {
    OnnxModel m = one_input({0, 4, 6, 6}, 11);
    onnx::NodeProto& mean = m.node("ReduceMean", {"x"}, "y");
    set(mean, "axes", IntList{-1, 2});
    set(mean, "keepdims", std::int64_t{0});
    m.weights("w", {4, 2});
    m.node("Gemm", {"y", "w"}, "z");
    m.output("z");
    EXPECT_EQ(layers(imported(m)), "gap 1 x 4 x 1 x 1; fc 1 x 2 x 1 x 1");
}

TEST(OnnxOperators, AResizeFollowsScalesOrSizes) {
    OnnxModel scales = one_input({0, 4, 6, 7}, 9);
    onnx::TensorProto& list = scales.weights("s", {4});
    list.clear_raw_data();
    for (const float scale : {1.0F, 1.0F, 2.0F, 1.5F}) {
        list.add_float_data(scale);
    }
    scales.node("Upsample", {"x", "s"}, "y");
    scales.output("y");
    EXPECT_EQ(layers(imported(scales)), "resize_nearest 1 x 4 x 12 x 10"); // floor(7 * 1.5)

    OnnxModel sizes = one_input({0, 4, 6, 7});
    sizes.integers("s", {1, 4, 9, 20});
    set(sizes.node("Resize", {"x", "", "", "s"}, "y"), "mode", "linear");
    sizes.output("y");
    EXPECT_EQ(layers(imported(sizes)), "resize_bilinear 1 x 4 x 9 x 20");
}

// (6 - 1) * 2 + 3 = 13 positions; 12 are wanted, so one is cut off, at the end unless told.
TEST(OnnxOperators, ATransposedConvolutionHasTheShapeThatIsAskedFor) {
    OnnxModel m = one_input({0, 4, 6, 6});
    m.weights("w", {4, 2, 3, 3});
    onnx::NodeProto& node = m.node("ConvTranspose", {"x", "w"}, "y");
    set(node, "strides", IntList{2, 2});
    set(node, "group", std::int64_t{2});
    set(node, "output_shape", IntList{12, 12});
    m.output("y");
    const Graph graph = imported(m);
    EXPECT_EQ(layers(graph), "conv_transpose 1 x 4 x 12 x 12");
    EXPECT_EQ(graph.operators[0].window.pad_top + graph.operators[0].window.pad_bottom, 1u);
    EXPECT_EQ(parameter_count(graph), 4u * 2 * 9);
}

TEST(OnnxOperators, AnEmbeddingIsATableOfRows) {
    OnnxModel m = one_input({0, 16});
    m.weights("table", {1000, 32});
    m.node("Gather", {"table", "x"}, "y");
    m.weights("scale", {32});
    onnx::NodeProto& norm = m.node("LayerNormalization", {"y", "scale", "scale"}, "z");
    set(norm, "axis", std::int64_t{-1});
    m.output("z", {0, 16, 32});
    const Graph graph = imported(m, 2);
    EXPECT_EQ(layers(graph), "embedding 2 x 16 x 32 x 1; layer_norm 2 x 16 x 32 x 1");
    EXPECT_EQ(parameter_count(graph), 1000u * 32 + 2 * 32);
}

// gelu(x) = x * (1 + erf(x / sqrt(2))) * 0.5 (Hendrycks and Gimpel, arXiv:1606.08415), the half early or late.
TEST(OnnxOperators, GeluIsRecognisedInItsParts) {
    for (const bool early : {false, true}) {
        OnnxModel m = one_input({0, 4, 8});
        m.number("root", 1.41421356F);
        m.number("one", 1);
        m.number("half", 0.5F);
        m.node("Relu", {"x"}, "r");
        m.node("Div", {"r", "root"}, "d");
        m.node("Erf", {"d"}, "e");
        m.node("Add", {"e", "one"}, "a");
        if (early) {
            m.node("Mul", {"r", "half"}, "h");
            m.node("Mul", {"h", "a"}, "y");
        } else {
            m.node("Mul", {"r", "a"}, "p");
            m.node("Mul", {"p", "half"}, "y");
        }
        m.output("y");
        const Graph graph = imported(m);
        EXPECT_EQ(layers(graph), "relu 1 x 4 x 8 x 1; gelu 1 x 4 x 8 x 1");
        EXPECT_EQ(graph.operators[1].name, "y");
    }
}

TEST(OnnxOperators, AnErfOfSomethingElseIsNoGelu) {
    OnnxModel m = one_input({0, 4, 8});
    m.number("root", 1.5F);
    m.number("one", 1);
    m.number("half", 0.5F);
    m.node("Div", {"x", "root"}, "d");
    m.node("Erf", {"d"}, "e");
    m.node("Add", {"e", "one"}, "a");
    m.node("Mul", {"x", "a"}, "p");
    m.node("Mul", {"p", "half"}, "y");
    m.output("y");
    EXPECT_THROW(imported(m), InputError);
}

} // namespace
} // namespace systolica
