// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// What becomes of a network on SimDIT's machine: result bits, pairs, what is left out, what is refused.

#include <gtest/gtest.h>

#include "mapping/simdit/plan.h"
#include "mapping/simdit/program.h"
#include "workloads/yaml_reader.h"

namespace systolica {
namespace {

SimditConfig machine() {
    SimditConfig config;
    config.vector1_buffer_bytes = config.vector2_buffer_bytes = 1 << 20;
    config.weight_buffer_bytes = config.ifmap_buffer_bytes = config.ofmap_buffer_bytes = 1 << 20;
    config.bias_buffer_bytes = 1 << 14;
    return config;
}

Graph network(const std::string& layers, unsigned side = 16) {
    const std::string size = std::to_string(side);
    return read_yaml_workload(
        "name: n\ninput: {channels: 3, height: " + size + ", width: " + size + "}\noperators:\n" + layers, "n.yaml", 2);
}

const char* const kResidual = "  - {name: a, op: conv, out_channels: 8, kernel: 3, pad: 1}\n"
                              "  - {name: r, op: relu}\n"
                              "  - {name: b, op: conv, out_channels: 8, kernel: 3, pad: 1}\n"
                              "  - {name: s, op: add, inputs: [b, r]}\n"
                              "  - {name: d, op: dropout}\n"
                              "  - {name: g, op: gap}\n"
                              "  - {name: f, op: flatten}\n"
                              "  - {name: c, op: fc, out_channels: 10, bias: true}\n"
                              "  - {name: l, op: softmax_ce}\n";

std::vector<std::string> names(const SimditProgram& program) {
    std::vector<std::string> list;
    for (const SimditOperation& operation : program) {
        list.push_back(operation.name);
    }
    return list;
}

const SimditOperation& find(const SimditProgram& program, const std::string& name) {
    for (const SimditOperation& operation : program) {
        if (operation.name == name) {
            return operation;
        }
    }
    throw std::runtime_error("no operation " + name);
}

bool feeds_array(const SimditProgram& program, const std::string& name) {
    return std::get<SimditVector>(find(program, name).tasks.at(0).work).feeds_array;
}

bool stays(const SimditProgram& program, const std::string& name) {
    return find(program, name).product_task()->result_stays;
}

TrainingOptions training_options() {
    TrainingOptions options;
    options.optimizer = Optimizer::sgd;
    options.loss = false;
    options.backward_lowering = BackwardLowering::dilated;
    return options;
}

TEST(SimditProgram, InferenceLeavesDropoutAndSoftmaxOut) {
    const SimditProgram program = simdit_inference_program(machine(), network(kResidual), true);
    EXPECT_EQ(names(program), (std::vector<std::string>{"a", "r", "b", "s", "g", "f", "c"}));
    EXPECT_TRUE(find(program, "f").view());
    EXPECT_EQ(find(program, "a").product.macs(), 2u * 16 * 16 * 8 * 3 * 9);
}

TEST(SimditProgram, ResultsFeedTheArrayOnlyIfItComesNext) {
    const SimditProgram program = simdit_inference_program(machine(), network(kResidual), true);
    EXPECT_TRUE(feeds_array(program, "r"));
    EXPECT_FALSE(feeds_array(program, "s"));
    EXPECT_FALSE(feeds_array(program, "g")); // the view comes next
}

TEST(SimditProgram, GradientsOfConvolutionsBeginWithATranspose) {
    const SimditProgram program = simdit_training_program(machine(), network(kResidual), training_options());
    // Backwards: c, g, s (no work), b, the sum of r's gradients, r, a.
    EXPECT_TRUE(feeds_array(program, "r")); // forward, b comes next
    EXPECT_FALSE(feeds_array(program, "g.bwd"));
    EXPECT_FALSE(feeds_array(program, "r.bwd"));
    EXPECT_FALSE(feeds_array(program, "b.upd"));
    EXPECT_EQ(find(program, "c.upd").tasks.size(), 2u); // weights and bias
    EXPECT_STREQ(find(program, "c.upd").tasks[0].word, "sgd2d");
}

TEST(SimditProgram, PairsStayOnChipWhereNothingElseReadsTheResult) {
    SimditProgram program = simdit_inference_program(machine(), network(kResidual), true);
    fuse(machine(), program);
    EXPECT_TRUE(stays(program, "a"));
    EXPECT_TRUE(stays(program, "b"));
    EXPECT_TRUE(std::get<SimditVector>(find(program, "s").tasks[0].work).operand_stays);
    EXPECT_FALSE(stays(program, "c"));

    // The sum reads the convolution beside its ReLU.
    program = simdit_inference_program(machine(),
                                       network("  - {name: a, op: conv, out_channels: 8, kernel: 1}\n"
                                               "  - {name: r, op: relu}\n"
                                               "  - {name: s, op: add, inputs: [a, r]}\n"),
                                       true);
    fuse(machine(), program);
    EXPECT_FALSE(stays(program, "a"));
}

TEST(SimditProgram, UpdatesTakeWeightGradientsOnChipInTraining) {
    SimditProgram program = simdit_training_program(machine(), network(kResidual), training_options());
    fuse(machine(), program);
    EXPECT_TRUE(stays(program, "b.dW"));
    EXPECT_FALSE(stays(program, "b.dX"));
    EXPECT_FALSE(stays(program, "c.dW")); // its bias gradient comes first
    // Batch-norm reads its input twice, for the statistics and to normalise.
    program = simdit_training_program(machine(),
                                      network("  - {name: a, op: conv, out_channels: 8, kernel: 1}\n"
                                              "  - {name: n, op: bn}\n"
                                              "  - {name: r, op: relu}\n"),
                                      training_options());
    fuse(machine(), program);
    EXPECT_FALSE(stays(program, "a"));
}

TEST(SimditProgram, OptimisersReadAndWriteTheirStateBeside) {
    TrainingOptions options = training_options();
    options.optimizer = Optimizer::adam;
    const SimditProgram program = simdit_training_program(machine(), network(kResidual), options);
    const auto& update = std::get<SimditVector>(find(program, "b.upd").tasks.at(0).work);
    EXPECT_EQ(update.reads, 4u); // weights, gradient, two moments
    EXPECT_EQ(update.writes, 3u);
    EXPECT_EQ(update.steps, 10u + 2 * machine().div_cycles); // a root and a division
}

// 7 x 7 with stride 2 and padding 3 over 16: windows end at 2 * 7 + 7 = 21 of 22.
TEST(SimditProgram, ImageIsStoredAsItsWindowsCoverItWhereTheyLeavePaddingOut) {
    TrainingOptions options = training_options();
    options.input_gradient_of_first_layer = true;
    const std::string layers = "  - {name: a, op: conv, out_channels: 8, kernel: 7, stride: 2, pad: 3}\n"
                               "  - {name: r, op: relu}\n";
    const SimditProgram odd = simdit_training_program(machine(), network(layers), options);
    EXPECT_EQ(find(odd, "a.dX").product_task()->out_h, 21u);
    EXPECT_EQ(find(odd, "a.dW").product_task()->out_h, 7u);
    const SimditProgram even = simdit_training_program(machine(), network(layers, 15), options); // 2 * 7 + 7 = 21
    EXPECT_EQ(find(even, "a.dX").product_task()->out_h, 15u);
    EXPECT_EQ(find(even, "a.dW").product_task()->out_h, 7u);
}

TEST(SimditProgram, ConvolutionBiasesLearnOnlyIfTheMachineSaysSo) {
    const Graph graph = network("  - {name: a, op: conv, out_channels: 8, kernel: 1, bias: true}\n"
                                "  - {name: r, op: relu}\n");
    SimditConfig config = machine();
    EXPECT_EQ(find(simdit_training_program(config, graph, training_options()), "a.db").op, "bias_grad");
    config.convolution_bias_gradients = false;
    const SimditProgram without = simdit_training_program(config, graph, training_options());
    EXPECT_EQ(names(without), (std::vector<std::string>{"a", "r", "r.bwd", "a.dW", "a.upd"}));
}

// Forward, the ReLU's result is kept (for both gradients below), the convolutions' are not: their gradients read their
// inputs. Channels are padded to 64 lanes or rows; the array reads 8 bits, the SIMD array 32.
TEST(SimditProgram, KeptTrafficIsWhatTheForwardPassLeavesForTheBackwardPass) {
    const SimditProgram program =
        simdit_training_program(machine(),
                                network("  - {name: a, op: conv, out_channels: 64, kernel: 1}\n"
                                        "  - {name: r, op: relu}\n"
                                        "  - {name: b, op: conv, out_channels: 64, kernel: 1}\n"),
                                training_options());
    EXPECT_EQ(names(program),
              (std::vector<std::string>{"a", "r", "b", "b.dX", "b.dW", "b.upd", "r.bwd", "a.dW", "a.upd"}));
    const KeptTraffic traffic = simdit_kept_traffic(machine(), program);
    constexpr std::uint64_t kPlane = 2 * 16 * 16;
    EXPECT_EQ(traffic.written_bytes, kPlane * 64 * 1); // b comes next
    // r.bwd: result of r. Weight gradients: the channels of the input are images, two images padded to 64 rows.
    EXPECT_EQ(traffic.read_bytes, kPlane * 64 * 4 + 16 * 16 * 64 * (64 + 3));
}

std::vector<std::string> problems(const std::string& layers, const TrainingOptions& options) {
    std::vector<std::string> texts;
    try {
        simdit_training_program(machine(), network(layers), options);
    } catch (const InputError& error) {
        for (const Problem& problem : error.problems().list()) {
            texts.push_back(problem.text());
        }
    }
    return texts;
}

TEST(SimditProgram, WhatTheMachineHasNoRuleForIsRefusedAtItsPlace) {
    EXPECT_EQ(problems("  - {name: a, op: conv, out_channels: 8, kernel: 1}\n"
                       "  - {name: n, op: lrn, size: 5}\n"
                       "  - {name: g, op: gap}\n"
                       "  - {name: m, op: mul, inputs: [n, g]}\n"
                       "  - {name: p, op: maxpool, kernel: 2, dilation: 2}\n",
                       training_options()),
              (std::vector<std::string>{
                  "n.yaml:5:5: n: expected an operator that dataflow simdit has a rule for (docs/simdit.md), got lrn",
                  "n.yaml:7:5: m: expected operands of the result's shape with dataflow simdit, got one that is "
                  "stretched",
                  "n.yaml:8:5: p: expected a pool without dilation with dataflow simdit, got dilation 2 x 2"}));
    TrainingOptions with_loss = training_options();
    with_loss.loss = true;
    EXPECT_EQ(problems(kResidual, with_loss),
              (std::vector<std::string>{"n.yaml:12:5: l: expected training.loss: false with dataflow simdit, which has "
                                        "no rule for a loss, got true"}));
}

} // namespace
} // namespace systolica
