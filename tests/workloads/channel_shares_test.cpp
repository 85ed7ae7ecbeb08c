// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// The share of one chip: products divide equally, and what was whole is put together before somebody needs it whole.
#include "workloads/channel_shares.h"

#include "workloads/inference.h"
#include "workloads/reader.h"

#include <gtest/gtest.h>

#include <set>

namespace systolica {
namespace {

Graph network(const std::string& name) {
    return inference_graph(read_workload(name, 2), {true});
}

TEST(ChannelShares, ChipsTogetherDoTheProductsOfOneWithItsWeights) {
    for (const char* name : {"resnet50", "resnet18", "vgg16", "mobilenetv2"}) {
        const Graph whole = network(name);
        for (const std::uint64_t chips : {2U, 4U, 8U}) {
            const ChannelShares share = share_channels(whole, chips);
            EXPECT_EQ(macs(share.graph) * chips, macs(whole)) << name << ", " << chips;
            EXPECT_EQ(parameter_count(share.graph) * chips, parameter_count(whole)) << name << ", " << chips;
            ASSERT_EQ(share.graph.operators.size(), whole.operators.size());
            for (std::size_t i = 0; i < whole.operators.size(); ++i) {
                EXPECT_EQ(share.graph.operators[i].name, whole.operators[i].name);
            }
        }
    }
}

// By the definition: a tensor is exchanged when a product over channels (or softmax) reads it, once however many do.
TEST(ChannelShares, EveryTensorThatIsNeededWholeIsGatheredOnce) {
    const Graph whole = network("resnet50");
    std::set<std::string> needed;
    for (const Operator& op : whole.operators) {
        const Tensor& input = whole.input_of(op);
        if ((macs(whole, op) > 0 || op.kind == OpKind::softmax) && input.producer >= 0) {
            needed.insert(input.name);
        }
        if (whole.output_of(op).consumers.empty() && op.kind != OpKind::softmax) {
            needed.insert(whole.output_of(op).name);
        }
    }
    const ChannelShares share = share_channels(whole, 4);
    std::set<std::string> gathered;
    for (const ChannelShares::Gathered& it : share.gathered) {
        const Tensor& part = share.graph.tensors[static_cast<std::size_t>(it.part)];
        const Tensor& all = share.graph.tensors[static_cast<std::size_t>(it.whole)];
        EXPECT_TRUE(gathered.insert(all.name).second) << all.name;
        EXPECT_EQ(part.name, all.name + ".part");
        EXPECT_EQ(part.shape.elements() * 4, all.shape.elements());
        EXPECT_GE(part.producer, 0);
        EXPECT_EQ(all.producer, -1);
        EXPECT_NE(part.consumers.size(), 1U); // nobody may take it from the place where it was made
    }
    EXPECT_EQ(gathered, needed);
}

TEST(ChannelShares, ProductsThatDoNotDivideAreRefusedOneLineEach) {
    try {
        share_channels(network("lenet"), 4);
        FAIL();
    } catch (const InputError& error) {
        ASSERT_EQ(error.problems().list().size(), 2U); // 6 and 10 channels
        EXPECT_EQ(error.problems().list()[0].key, "conv1");
        EXPECT_EQ(error.problems().list()[0].message, "expected output channels that divide among 4 chips, got 6");
        EXPECT_EQ(error.problems().list()[1].key, "fc7");
    }
    EXPECT_THROW(share_channels(network("transformer_block"), 2), InputError);
}

} // namespace
} // namespace systolica
