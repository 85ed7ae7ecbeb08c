// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// Gradients that chips exchange: each parameter's once, read by updates from where the sums are.
#include "mapping/training/exchange.h"

#include "../example_graphs.h"
#include "mapping/training/plan.h"
#include "workloads/reader.h"
#include "workloads/training/updates_last.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

namespace systolica {
namespace {

ChipConfig chip() {
    return example_chip(4, 32, Dataflow::ws, {256 << 10, 256 << 10, 256 << 10, 128 << 10});
}

struct Exchanged {
    Plan plan;
    GradientExchange exchange;
    std::uint64_t parameters = 0;
};

Exchanged exchanged(const std::string& network, const ExchangeOptions& options) {
    const TrainingGraph graph = updates_last(training_graph(read_workload(network, 2), {}));
    MappingOptions mapping;
    mapping.updates_apart = true;
    Exchanged it{make_training_plan(graph, BackwardLowering::direct, chip(), mapping), {}, 0};
    for (const TrainingTensor& tensor : graph.tensors) {
        it.parameters += tensor.role == TensorRole::parameter ? tensor.shape.elements() : 0;
    }
    it.exchange = exchange_gradients(it.plan, network, options);
    return it;
}

TEST(GradientsOfSeveralChips, AreExchangedOnceEach) {
    for (const char* network : {"lenet", "resnet18", "mobilenetv2"}) {
        const Exchanged it = exchanged(network, {1 << 20, true});
        EXPECT_EQ(it.exchange.bytes(), 4 * it.parameters) << network; // master_bits: 32
        std::set<std::pair<std::uint64_t, std::uint64_t>> pieces;
        for (const GradientBucket& bucket : it.exchange.buckets) {
            for (const MemoryPiece& piece : bucket.gradients) {
                EXPECT_TRUE(pieces.emplace(bucket.sums_address, piece.address).second) << network;
            }
            EXPECT_EQ(bucket.after.size(), bucket.gradients.size());
        }
    }
}

TEST(GradientsOfSeveralChips, UpdatesReadSumsThatHaveAPlaceOfTheirOwn) {
    const Exchanged it = exchanged("resnet18", {1 << 20, true});
    std::map<std::uint32_t, const GradientBucket*> by_post;
    std::uint64_t lowest = ~std::uint64_t{0};
    for (const GradientBucket& bucket : it.exchange.buckets) {
        EXPECT_TRUE(by_post.emplace(bucket.post, &bucket).second);
        lowest = std::min(lowest, bucket.sums_address);
    }
    for (const PlannedTensor& tensor : it.plan.tensors) { // nothing else lies there, nor uses the events
        const bool sum = by_post.count(tensor.event) > 0;
        EXPECT_EQ(tensor.view_of < 0 && tensor.parts.empty() && tensor.layout.base >= lowest, sum) << tensor.name;
    }
    std::uint64_t updates = 0;
    for (const Group& group : it.plan.groups) {
        const PlannedTensor& input = it.plan.tensors[static_cast<std::size_t>(group.input.tensor)];
        const bool update = it.plan.operations[group.operation].pass == "update";
        updates += update ? 1 : 0;
        EXPECT_EQ(by_post.count(input.event) > 0, update) << input.name;
        if (update) {
            const GradientBucket& bucket = *by_post.at(input.event);
            EXPECT_EQ(input.threshold, 1U);
            EXPECT_GE(input.layout.base, bucket.sums_address);
            EXPECT_LE(input.layout.base + input.layout.bytes(), bucket.sums_address + bucket.bytes());
            EXPECT_LE(bucket.sums_address + bucket.bytes(), it.plan.memory_bytes);
        }
    }
    EXPECT_GT(updates, 40U); // 21 convolutions and fully connected layers, 20 batch-norms
}

TEST(GradientsOfSeveralChips, WithoutOverlapEveryBucketWaitsForAllGradients) {
    const Exchanged with = exchanged("resnet18", {1 << 20, true});
    const Exchanged without = exchanged("resnet18", {1 << 20, false});
    std::size_t gradients = 0;
    for (const GradientBucket& bucket : with.exchange.buckets) {
        gradients += bucket.after.size();
    }
    EXPECT_GT(with.exchange.buckets.size(), 5U);
    for (const GradientBucket& bucket : without.exchange.buckets) {
        EXPECT_EQ(bucket.after.size(), gradients);
    }
}

TEST(GradientsOfSeveralChips, ThatDoNotFitTheMemoryAreRefused) {
    const TrainingGraph graph = updates_last(training_graph(read_workload("lenet", 2), {}));
    MappingOptions mapping;
    mapping.updates_apart = true;
    Plan plan = make_training_plan(graph, BackwardLowering::direct, chip(), mapping);
    plan.chip.dram.model = DramModel::controller;
    plan.memory_bytes = plan.chip.dram.capacity_bytes();
    EXPECT_THROW(exchange_gradients(plan, "lenet", {1 << 20, true}), InputError);
}

} // namespace
} // namespace systolica
