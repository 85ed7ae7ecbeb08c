// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// What becomes of chains when they are mapped: parts of an operation, axes, names, and what executes on the fly.

#include <algorithm>

#include <gtest/gtest.h>

#include "../example_graphs.h"
#include "training_cases.h"
#include "training_checks.h"

namespace systolica {
namespace {

ChipConfig chip(unsigned tiles) {
    return example_chip(tiles, 8, Dataflow::ws, {65536, 65536, 65536, 65536});
}

struct Mapped {
    TrainingGraph graph;
    Plan plan;

    // Rows that execute in the groups of an operation, in order of the stages.
    std::vector<std::string> stages_with(const std::string& name) const {
        std::vector<std::string> names;
        for (const Group& group : plan.groups) {
            for (const Layer::Stage& stage : group.layer.stages) {
                const std::string& row = plan.operations[stage.operation].name;
                if (plan.operations[group.operation].name == name && (names.empty() || names.back() != row)) {
                    names.push_back(row);
                }
            }
        }
        return names;
    }
};

Mapped mapped(Net& net, const TrainingOptions& options, const ChipConfig& on, const MappingOptions& mapping = {}) {
    Mapped one{training_graph(net.finish(), options), {}};
    one.plan = make_training_plan(one.graph, options.backward_lowering, on, mapping);
    check_training_plan(one.graph, one.plan, options.backward_lowering, 1, 1);
    check_every_order(one.graph, one.plan, 1, 2);
    return one;
}

OperatorSpec constant_sum(const std::string& name, const std::string& input) {
    OperatorSpec spec;
    spec.name = name;
    spec.kind = OpKind::add;
    spec.inputs = {input};
    spec.constant = true;
    return spec;
}

// Of a kernel of 1 and a stride of 2 three phases of four are zeros that the vector unit writes, a stage of its own.
TEST(PlannedChains, LeaveRoomForThePhasesThatNothingReaches) {
    Net net({1, 4, 5, 5}, 2);
    OperatorSpec up;
    up.name = "up";
    up.kind = OpKind::conv_transpose;
    up.inputs = {"input"};
    up.out_channels = 4;
    up.window.stride_h = up.window.stride_w = 2;
    net.add(up);
    std::string last = "up";
    for (const char* name : {"a", "b", "c", "d"}) {
        net.add(constant_sum(name, last));
        last = name;
    }
    const Mapped one = mapped(net, {}, chip(2));
    for (const Group& group : one.plan.groups) {
        EXPECT_LE(group.layer.stages.size(), kVectorStages);
    }
}

// Each phase has a part of the sums alone: they wait until all are stored.
TEST(PlannedChains, SumsDoNotFollowAnInputGradientInPhases) {
    Net net({1, 4, 8, 8}, 2);
    OperatorSpec first;
    first.name = "first";
    first.inputs = {"input"};
    first.out_channels = 8;
    first.bias = true;
    net.add(first);
    OperatorSpec second = first;
    second.name = "second";
    second.inputs = {"first"};
    second.window.kernel_h = second.window.kernel_w = 3;
    second.window.stride_h = second.window.stride_w = 2;
    net.add(second);
    const Mapped one = mapped(net, {}, chip(2));
    EXPECT_EQ(one.stages_with("second.dX"), std::vector<std::string>{});
    EXPECT_EQ(one.stages_with("first.db"), std::vector<std::string>{"first.db"});
}

// A scale of each image and channel behind a pointwise convolution, whose images are no tall image then.
TEST(PlannedChains, WhatDiffersFromImageToImageKeepsTheirRowsApart) {
    Net net({1, 8, 6, 6}, 3);
    net.conv("a", "input", 8);
    net.op(OpKind::global_avg_pool, "mean", {"a"});
    net.conv("squeeze", "mean", 8);
    net.op(OpKind::mul, "scaled", {"a", "squeeze"});
    net.conv("b", "scaled", 8);
    const Mapped one = mapped(net, {}, chip(4));
    EXPECT_EQ(one.stages_with("b.dX"),
              std::vector<std::string>{"scaled.d1"}); // sums over an image, beside the gradient
}

TEST(PlannedChains, WeightsChangeWhereTheirGradientIsMade) {
    Net net({1, 16, 8, 8}, 2);
    net.conv("a", "input", 64, 3);
    const Mapped one = mapped(net, {}, chip(1));
    EXPECT_EQ(one.stages_with("a.dW"), std::vector<std::string>{"a.upd"});
    const auto row = std::find_if(one.plan.operations.begin(), one.plan.operations.end(),
                                  [](const PlannedOperation& operation) { return operation.name == "a.dW"; });
    EXPECT_EQ(row->dram_write_bytes, 0u); // the gradient stays on chip
}

TEST(PlannedChains, GradientsThatMicroBatchesAddUpAreStored) {
    Net net({1, 16, 8, 8}, 2);
    net.conv("a", "input", 64, 3);
    TrainingOptions options;
    options.micro_batch = 1;
    const Mapped one = mapped(net, options, chip(1));
    EXPECT_EQ(one.stages_with("a.dW@1"), std::vector<std::string>{});
    EXPECT_EQ(one.stages_with("a.upd"), std::vector<std::string>{"a.upd"});
}

// Names of layers may look like those of gradients.
TEST(PlannedChains, AreNotMisledByNamesOfLayers) {
    for (const char* name : {"x.d0", "x.d1", "x.dW"}) {
        SCOPED_TRACE(name);
        Net net({1, 1, 1, 1}, 2);
        for (const char* factor : {"a", "b"}) {
            OperatorSpec spec;
            spec.name = factor;
            spec.kind = OpKind::resize_nearest;
            spec.inputs = {"input"};
            spec.target = {1, 0, factor[0] == 'a' ? 5u : 7u, factor[0] == 'a' ? 7u : 4u};
            net.add(spec);
        }
        OperatorSpec spec;
        spec.name = name;
        spec.kind = OpKind::matmul;
        spec.inputs = {"a", "b"};
        net.add(spec);
        OperatorSpec quotient;
        quotient.name = std::string(name) + ".d1";
        quotient.kind = OpKind::div;
        quotient.inputs = {name, name};
        net.add(quotient);
        TrainingOptions options;
        options.input_gradient_of_first_layer = true;
        options.loss = false;
        MappingOptions unfused;
        unfused.fusion = false;
        const Mapped one = mapped(net, options, chip(1), unfused);
        for (const Group& group : one.plan.groups) {
            if (one.plan.operations[group.operation].name == std::string(name) + ".d1.d0") {
                EXPECT_EQ(group.layer.stages.size(), 1u); // a division; of the divisor a product and a sign more
            }
        }
    }
}

// Cross-entropy along height: a label and a loss for each column and channel.
TEST(PlannedChains, ALossAlongAnotherAxisHasAllOfItInATile) {
    Net net({1, 3, 8, 4}, 2);
    net.conv("a", "input", 4);
    OperatorSpec spec;
    spec.name = "classes";
    spec.kind = OpKind::softmax;
    spec.inputs = {"a"};
    spec.axes = {Dim::height};
    net.add(spec);
    for (const unsigned tiles : {1u, 4u}) {
        Net again = net;
        const Mapped one = mapped(again, {}, chip(tiles));
        EXPECT_EQ(one.stages_with("classes"), std::vector<std::string>{"classes"});
    }
}

} // namespace
} // namespace systolica
