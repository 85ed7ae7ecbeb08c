// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "imported.h"

#include <gtest/gtest.h>

#include "base/diagnostics.h"

namespace systolica {
namespace {

TEST(OnnxGraph, NamesComeFromNodesAndAreUnique) {
    OnnxModel m = one_input({0, 4});
    m.node("Relu", {"x"}, "a", "twin");
    m.node("Relu", {"a"}, "b", "twin");
    m.node("Relu", {"b"}, "c").clear_name();
    m.node("Relu", {"c"}, "d", "input"); // taken by the image
    m.node("Relu", {"d"}, "e", "line\nbreak");
    m.output("e");
    const Graph graph = imported(m);
    std::vector<std::string> names;
    for (const Operator& op : graph.operators) {
        names.push_back(op.name);
    }
    EXPECT_EQ(names, (std::vector<std::string>{"twin", "twin#2", "Relu_2", "input#2", "line?break"}));
}

TEST(OnnxGraph, WhatNoOutputDependsOnIsLeftOut) {
    OnnxModel m = one_input({0, 4});
    m.input("unused", {0, 9});
    m.node("Relu", {"x"}, "y");
    m.node("Einsum", {"x"}, "dead");
    m.node("Identity", {"y"}, "z");
    m.output("z");
    const Graph graph = imported(m);
    EXPECT_EQ(layers(graph), "relu 1 x 4 x 1 x 1");
    EXPECT_EQ(graph.tensors[0].name, "input");
}

TEST(OnnxGraph, TwoInputsAndTwoOutputsKeepTheirNames) {
    OnnxModel m = one_input({0, 4});
    m.input("other", {0, 4});
    m.node("Add", {"x", "other"}, "sum");
    m.node("Relu", {"sum"}, "a");
    m.node("Sigmoid", {"sum"}, "b");
    m.output("a");
    m.output("b");
    const Graph graph = imported(m);
    EXPECT_EQ(layers(graph), "add 1 x 4 x 1 x 1; relu 1 x 4 x 1 x 1; sigmoid 1 x 4 x 1 x 1");
    EXPECT_EQ(graph.input_of(graph.operators[0], 0).name, "x");
    EXPECT_EQ(graph.input_of(graph.operators[0], 1).name, "other");
}

// What depends on a node that was refused is not mentioned.
TEST(OnnxGraph, OneMistakeIsOneLine) {
    OnnxModel m = one_input({0, 4, 8, 8});
    m.weights("w", {8, 5, 3, 3});
    m.node("Conv", {"x", "w"}, "bad");
    m.node("Relu", {"bad"}, "relu");
    m.node("Add", {"relu", "bad"}, "sum");
    m.output("sum");
    try {
        imported(m);
        FAIL() << "expected a problem";
    } catch (const InputError& error) {
        EXPECT_EQ(error.problems().list().size(), 1u) << error.what();
        EXPECT_EQ(error.problems().list()[0].key, "bad.inputs[1]");
    }
}

} // namespace
} // namespace systolica
