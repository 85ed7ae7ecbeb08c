// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "mapping/fusion.h"

#include <set>

#include <gtest/gtest.h>

#include "example_graphs.h"
#include "machine/commands/command.h"

namespace systolica {
namespace {

using Groups = std::vector<std::vector<int>>;

// Of its kinds' words, not of the product's list.
bool element_wise(OpKind kind) {
    static const std::set<std::string> words{"bn",   "relu", "relu6", "leaky_relu",   "sigmoid",
                                             "tanh", "silu", "gelu",  "hard_sigmoid", "hard_swish",
                                             "add",  "sub",  "mul",   "div",          "pow"};
    return words.count(op_kind_name(kind)) > 0;
}

TEST(Fusion, VectorWorkJoinsTheConvolutionBeforeIt) {
    Net net({1, 4, 8, 8}, 1);
    net.conv("c", "input", 8);
    net.op(OpKind::batch_norm, "b", {"c"});
    net.op(OpKind::relu, "r", {"b"});
    const Graph graph = net.finish();
    EXPECT_EQ(fuse(graph, true), (Groups{{0, 1, 2}}));
    EXPECT_EQ(fuse(graph, false), (Groups{{0}, {1}, {2}}));
}

TEST(Fusion, AResidualAddJoinsTheBranchThatIsMadeLast) {
    Net net({1, 4, 8, 8}, 1);
    net.conv("a", "input", 8);
    net.conv("b", "input", 8);
    net.op(OpKind::add, "sum", {"a", "b"});
    net.op(OpKind::relu, "r", {"sum"});
    EXPECT_EQ(fuse(net.finish(), true), (Groups{{0}, {1, 2, 3}}));
}

TEST(Fusion, AnAddOfTheGraphsInputJoinsItsConvolution) {
    Net net({1, 8, 8, 8}, 1);
    net.conv("a", "input", 8);
    net.op(OpKind::add, "sum", {"a", "input"});
    EXPECT_EQ(fuse(net.finish(), true), (Groups{{0, 1}}));
}

TEST(Fusion, AResultThatIsReadTwiceIsStored) {
    Net net({1, 4, 8, 8}, 1);
    net.conv("c", "input", 8);
    net.op(OpKind::relu, "r", {"c"});
    net.conv("d", "c", 8);
    EXPECT_EQ(fuse(net.finish(), true), (Groups{{0}, {1}, {2}}));
}

TEST(Fusion, XPlusXStaysApart) {
    Net net({1, 4, 8, 8}, 1);
    net.conv("x", "input", 8);
    net.op(OpKind::add, "twice", {"x", "x"});
    EXPECT_EQ(fuse(net.finish(), true), (Groups{{0}, {1}}));
}

TEST(Fusion, OneAddAGroup) {
    Net net({1, 8, 8, 8}, 1);
    net.conv("a", "input", 8);
    net.op(OpKind::add, "one", {"a", "input"});
    net.op(OpKind::add, "two", {"one", "input"});
    EXPECT_EQ(fuse(net.finish(), true), (Groups{{0, 1}, {2}}));
}

TEST(Fusion, AGroupHoldsNoMoreStagesThanACommand) {
    Net net({1, 8, 8, 8}, 1);
    net.conv("c", "input", 8);
    std::string last = "c";
    for (int i = 0; i < 10; ++i) {
        net.op(OpKind::relu, "r" + std::to_string(i), {last});
        last = "r" + std::to_string(i);
    }
    const Groups groups = fuse(net.finish(), true);
    ASSERT_EQ(groups.size(), 3u);
    EXPECT_EQ(groups[0].size(), 1 + kVectorStages); // the matrix work is no stage
    EXPECT_EQ(groups[1].size(), kVectorStages);
    EXPECT_EQ(groups[2].size(), 10 - 2 * kVectorStages);
}

TEST(Fusion, ConcatFlattenAndSoftmaxStandAlone) {
    Net net({1, 4, 2, 2}, 1);
    net.conv("a", "input", 4);
    net.op(OpKind::concat, "both", {"a", "input"});
    net.op(OpKind::relu, "r", {"both"});
    net.op(OpKind::flatten, "f", {"r"});
    net.op(OpKind::softmax, "s", {"f"});
    net.op(OpKind::relu, "r2", {"s"});
    EXPECT_EQ(fuse(net.finish(), true), (Groups{{0}, {1}, {2}, {3}, {4}, {5}}));
}

TEST(Fusion, RandomGraphsKeepTheOrderOfDependencies) {
    for (std::uint64_t seed = 0; seed < 500; ++seed) {
        const Graph graph = random_graph(seed, 1);
        SCOPED_TRACE("seed " + std::to_string(seed));
        const Groups groups = fuse(graph, true);
        std::vector<int> group_of(graph.operators.size(), -1);
        for (std::size_t g = 0; g < groups.size(); ++g) {
            for (std::size_t i = 0; i < groups[g].size(); ++i) {
                const auto op = static_cast<std::size_t>(groups[g][i]);
                ASSERT_EQ(group_of[op], -1) << "executed twice";
                group_of[op] = static_cast<int>(g);
                if (i > 0) { // element-wise on the only reader of what came before
                    ASSERT_TRUE(element_wise(graph.operators[op].kind));
                    const Operator& before = graph.operators[static_cast<std::size_t>(groups[g][i - 1])];
                    ASSERT_EQ(graph.output_of(before).consumers, std::vector<int>{groups[g][i]});
                }
            }
        }
        for (std::size_t op = 0; op < graph.operators.size(); ++op) {
            ASSERT_GE(group_of[op], 0) << "not executed";
            for (const int input : graph.operators[op].inputs) {
                const int producer = graph.tensors[static_cast<std::size_t>(input)].producer;
                if (producer >= 0) {
                    ASSERT_LE(group_of[static_cast<std::size_t>(producer)], group_of[op]);
                }
            }
        }
    }
}

} // namespace
} // namespace systolica
