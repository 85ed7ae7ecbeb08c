// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "mapping/training/chains.h"

#include <algorithm>
#include <set>

#include <gtest/gtest.h>

#include "../example_graphs.h"
#include "base/data_files.h"
#include "machine/commands/command.h"
#include "mapping/training/stage.h"
#include "training_cases.h"
#include "workloads/reader.h"

namespace systolica {
namespace {

using Names = std::vector<std::string>;

// The chain that an operation is in, by name.
Names chain_with(const TrainingGraph& graph, const std::string& name, bool fusion = true) {
    for (const std::vector<int>& chain : chains_of(graph, fusion)) {
        Names names;
        for (const int op : chain) {
            names.push_back(graph.operations[static_cast<std::size_t>(op)].name);
        }
        if (std::find(names.begin(), names.end(), name) != names.end()) {
            return names;
        }
    }
    return {};
}

TrainingGraph training(Net& net) {
    return training_graph(net.finish(), {});
}

// conv a, batch-norm n, relu r, conv b, mean.
TrainingGraph two_convolutions() {
    Net net({1, 8, 8, 8}, 2);
    net.conv("a", "input", 8, 3);
    net.op(OpKind::batch_norm, "n", {"a"});
    net.op(OpKind::relu, "r", {"n"});
    net.conv("b", "r", 8, 3);
    net.op(OpKind::global_avg_pool, "mean", {"b"});
    return training(net);
}

// relu r, conv b, batch-norm n, sum with r, relu.
TrainingGraph residual() {
    Net net({1, 8, 8, 8}, 2);
    net.conv("a", "input", 8, 3);
    net.op(OpKind::relu, "r", {"a"});
    net.conv("b", "r", 8, 3);
    net.op(OpKind::batch_norm, "n", {"b"});
    net.op(OpKind::add, "sum", {"n", "r"});
    net.op(OpKind::relu, "end", {"sum"});
    net.op(OpKind::global_avg_pool, "mean", {"end"});
    return training(net);
}

TEST(TrainingChains, ReluFollowsTheNormalisation) {
    EXPECT_EQ(chain_with(two_convolutions(), "r"), (Names{"n", "r"}));
}

TEST(TrainingChains, StatisticsAreTakenBesideTheConvolution) {
    EXPECT_EQ(chain_with(two_convolutions(), "n.stats"), (Names{"a", "n.stats"}));
}

TEST(TrainingChains, GradientOfAnActivationAndSumsOfABatchNormFollowAnInputGradient) {
    EXPECT_EQ(chain_with(two_convolutions(), "r.bwd"), (Names{"b.dX", "r.bwd", "n.bwd_red"}));
}

TEST(TrainingChains, WhatReadsSumsWaitsForAllOfThem) {
    EXPECT_EQ(chain_with(two_convolutions(), "n.bwd_dx"), Names{"n.bwd_dx"});
}

TEST(TrainingChains, ASumOfTwoBranchesAndReluFollowTheBranchThatComesLast) {
    EXPECT_EQ(chain_with(residual(), "end"), (Names{"n", "sum", "end"}));
}

TEST(TrainingChains, GradientsAreAddedWhereTheLastOneIsMade) {
    EXPECT_EQ(chain_with(residual(), "r.grad_acc0"), (Names{"b.dX", "r.grad_acc0", "r.bwd"}));
}

TEST(TrainingChains, OfThreeStreamsBesideTheFirstTheThirdIsLeftOut) {
    Net net({1, 8, 8, 8}, 2); // a sum of gradients, relu and batch-norm sums would read one each
    net.conv("a", "input", 8, 3);
    net.op(OpKind::batch_norm, "n", {"a"});
    net.op(OpKind::relu, "r", {"n"});
    net.conv("b", "r", 8, 3);
    net.op(OpKind::add, "sum", {"b", "r"});
    net.op(OpKind::global_avg_pool, "mean", {"sum"});
    const TrainingGraph graph = training(net);
    EXPECT_EQ(chain_with(graph, "b.dX"), (Names{"b.dX", "r.grad_acc0", "r.bwd"}));
    EXPECT_EQ(chain_with(graph, "n.bwd_red"), Names{"n.bwd_red"});
}

TEST(TrainingChains, GradientOfABiasFollowsTheInputGradientThatOthersReadToo) {
    Net net({1, 8, 8, 8}, 2);
    OperatorSpec spec;
    spec.name = "a";
    spec.inputs = {"input"};
    spec.out_channels = 8;
    spec.bias = true;
    net.add(spec);
    net.conv("b", "a", 8, 3);
    net.op(OpKind::global_avg_pool, "mean", {"b"});
    EXPECT_EQ(chain_with(training(net), "a.db"), (Names{"b.dX", "a.db"}));
}

TEST(TrainingChains, NothingButSumsFollowsAResultThatOthersReadToo) {
    Net net({1, 8, 8, 8}, 2);
    net.conv("a", "input", 8, 3);
    net.op(OpKind::relu, "r", {"a"});
    net.op(OpKind::relu6, "s", {"a"});
    net.op(OpKind::add, "sum", {"r", "s"});
    net.op(OpKind::global_avg_pool, "mean", {"sum"});
    const TrainingGraph graph = training(net);
    EXPECT_EQ(chain_with(graph, "a"), Names{"a"});
    EXPECT_EQ(chain_with(graph, "r"), Names{"r"}); // kept for its gradient, which makes a second reader
}

TEST(TrainingChains, AnOperandThatIsNotMadeYetEndsAChain) {
    Net net({1, 8, 8, 8}, 2);
    net.conv("a", "input", 8, 3);
    net.conv("b", "input", 8, 3);
    net.op(OpKind::add, "sum", {"a", "b"});
    net.op(OpKind::global_avg_pool, "mean", {"sum"});
    const TrainingGraph graph = training(net);
    EXPECT_EQ(chain_with(graph, "a"), Names{"a"});
    EXPECT_EQ(chain_with(graph, "sum"), (Names{"b", "sum"}));
}

TEST(TrainingChains, AViewEndsAChain) {
    Net net({1, 8, 4, 4}, 2);
    net.conv("a", "input", 8, 3);
    net.op(OpKind::flatten, "flat", {"a"});
    net.op(OpKind::relu, "r", {"flat"});
    const TrainingGraph graph = training(net);
    EXPECT_EQ(chain_with(graph, "a"), Names{"a"});
    EXPECT_EQ(chain_with(graph, "flat"), Names{});
}

TEST(TrainingChains, WorkAlongAnAxisIsNotFollowed) {
    Net net({1, 8, 4, 4}, 2);
    net.op(OpKind::layer_norm, "n", {"input"});
    net.op(OpKind::relu, "r", {"n"});
    net.op(OpKind::global_avg_pool, "mean", {"r"});
    EXPECT_EQ(chain_with(training(net), "n"), Names{"n"});
}

TEST(TrainingChains, WithoutFusionEachOperationIsAlone) {
    const TrainingGraph graph = residual();
    for (const std::vector<int>& chain : chains_of(graph, false)) {
        EXPECT_EQ(chain.size(), 1u);
    }
    EXPECT_EQ(chain_with(graph, "end", false), Names{"end"});
}

// Every operation but the views is in one chain, after all that it needs.
void check_chains(const TrainingGraph& graph) {
    for (const bool fusion : {true, false}) {
        std::set<int> done;
        for (const std::vector<int>& chain : chains_of(graph, fusion)) {
            std::size_t kernels = 0, streams = 0;
            for (const int index : chain) {
                const TrainingOperation& operation = graph.operations[static_cast<std::size_t>(index)];
                EXPECT_FALSE(operation.view);
                EXPECT_TRUE(index == chain[0] || operation.pass != Pass::update) << operation.name;
                for (const int need : operation.needs) {
                    EXPECT_TRUE(done.count(need) > 0) << operation.name << " comes before what it needs";
                }
                EXPECT_TRUE(done.insert(index).second) << operation.name << " is executed twice";
                for (const TrainingStage& stage : stages_of(graph, operation)) {
                    kernels += chain.size() > 1 ? stage.kernels.size() : 0;
                    streams += chain.size() > 1 ? stage.operands.size() : 0;
                }
            }
            EXPECT_LE(kernels, kVectorStages);
            EXPECT_LE(streams, 2u);
        }
        const auto views = std::count_if(graph.operations.begin(), graph.operations.end(),
                                         [](const TrainingOperation& operation) { return operation.view; });
        EXPECT_EQ(done.size() + static_cast<std::size_t>(views), graph.operations.size());
    }
}

TEST(TrainingChains, OfNetworksHoldEveryOperationOnceAfterWhatItNeeds) {
    for (const std::string& name : bundled_names("workloads")) {
        SCOPED_TRACE(name);
        check_chains(training_graph(read_workload(name, 4), {}));
        TrainingOptions options;
        options.micro_batch = 2;
        options.recompute = Recompute::sqrt;
        check_chains(training_graph(read_workload(name, 4), options));
    }
}

TEST(TrainingChains, OfRandomGraphsHoldEveryOperationOnceAfterWhatItNeeds) {
    for (std::uint64_t seed = 0; seed < 500; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        check_chains(random_training_case(seed, Kinds::of_images).graph);
        check_chains(random_training_case(seed, Kinds::all).graph);
        ASSERT_FALSE(HasFailure());
    }
}

} // namespace
} // namespace systolica
