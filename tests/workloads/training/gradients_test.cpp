// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "random_networks.h"
#include "workloads/operator_table.h"
#include "workloads/reader.h"
#include "workloads/yaml_reader.h"

namespace systolica {
namespace {

constexpr std::uint64_t kNetworks = 400;

std::uint64_t sum_macs(const TrainingGraph& graph, const std::vector<const TrainingOperation*>& operations, Pass pass) {
    std::uint64_t sum = 0;
    for (const TrainingOperation* operation : operations) {
        sum += operation->pass == pass ? graph.counts(*operation).macs : 0;
    }
    return sum;
}

TrainingOptions with_image(bool of_image) {
    TrainingOptions options;
    options.input_gradient_of_first_layer = of_image;
    return options;
}

TEST(TrainingGradients, ProductsCostTheSameInEveryDirection) {
    std::uint64_t products = 0;
    for (std::uint64_t seed = 0; seed < kNetworks; ++seed) {
        const TrainingGraph graph = training_graph(random_network(seed, 3), with_image(seed % 2 == 0));
        for (int layer = 0; layer < static_cast<int>(graph.forward.operators.size()); ++layer) {
            const Operator& op = graph.forward.operators[static_cast<std::size_t>(layer)];
            const std::uint64_t forward = macs(graph.forward, op);
            const auto operations = operations_of(graph, layer);
            EXPECT_EQ(sum_macs(graph, operations, Pass::forward), forward);
            if (forward == 0) {
                EXPECT_EQ(sum_macs(graph, operations, Pass::backward_data), 0u);
                EXPECT_EQ(sum_macs(graph, operations, Pass::backward_weight), 0u);
                continue;
            }
            ++products;
            std::uint64_t inputs = 0;
            const bool reached = has_gradient(graph.forward, op.output, seed % 2 == 0);
            for (const int input : op.inputs) {
                inputs += reached && has_gradient(graph.forward, input, seed % 2 == 0) ? 1 : 0;
            }
            EXPECT_EQ(sum_macs(graph, operations, Pass::backward_data), inputs * forward) << seed << " " << op.name;
            EXPECT_EQ(sum_macs(graph, operations, Pass::backward_weight),
                      reached && learns(graph.forward, layer) ? forward : 0)
                << seed << " " << op.name;
        }
    }
    EXPECT_GT(products, kNetworks);
}

TEST(TrainingGradients, EveryParameterThatTheLossSeesIsUpdatedOnceAndLast) {
    for (std::uint64_t seed = 0; seed < kNetworks; ++seed) {
        TrainingOptions options;
        options.micro_batch = seed % 3 == 0 ? 2 : 4;
        const TrainingGraph graph = training_graph(random_network(seed, 4), options);
        std::map<int, int> written; // parameter tensor -> times
        std::map<int, int> last_read;
        for (int i = 0; i < static_cast<int>(graph.operations.size()); ++i) {
            const TrainingOperation& operation = graph.operations[static_cast<std::size_t>(i)];
            for (const int input : operation.inputs) {
                if (graph.tensors[static_cast<std::size_t>(input)].role == TensorRole::parameter) {
                    last_read[input] = i;
                }
            }
            for (const int output : operation.outputs) {
                if (graph.tensors[static_cast<std::size_t>(output)].role == TensorRole::parameter) {
                    EXPECT_EQ(operation.pass, Pass::update);
                    ++written[output];
                }
            }
        }
        std::uint64_t updated = 0;
        for (const auto& [tensor, times] : written) {
            EXPECT_EQ(times, 1) << seed;
            EXPECT_EQ(graph.operations[static_cast<std::size_t>(last_read[tensor])].pass, Pass::update) << seed;
            updated += graph.tensors[static_cast<std::size_t>(tensor)].shape.c;
        }
        std::uint64_t expected = 0;
        for (const Operator& op : graph.forward.operators) {
            expected += has_gradient(graph.forward, op.output, false) ? parameter_count(graph.forward, op) : 0;
        }
        EXPECT_EQ(updated, expected) << seed;
    }
}

// A tensor read k times by operators that hand a gradient back gets k - 1 additions of its size, none otherwise.
TEST(TrainingGradients, ForksAddUpWhatComesBack) {
    std::uint64_t forks = 0;
    for (std::uint64_t seed = 0; seed < kNetworks; ++seed) {
        const bool of_image = seed % 2 == 0;
        const TrainingGraph graph = training_graph(random_network(seed, 2), with_image(of_image));
        for (std::size_t t = 0; t < graph.forward.tensors.size(); ++t) {
            const Tensor& tensor = graph.forward.tensors[t];
            std::uint64_t uses = 0;
            for (const int consumer : tensor.consumers) {
                const Operator& op = graph.forward.operators[static_cast<std::size_t>(consumer)];
                const bool back = is_loss(graph.forward, consumer) ||
                                  (has_gradient(graph.forward, op.output, of_image) && op.kind != OpKind::embedding);
                uses += back ? static_cast<std::uint64_t>(
                                   std::count(op.inputs.begin(), op.inputs.end(), static_cast<int>(t)))
                             : 0;
            }
            const bool wanted = has_gradient(graph.forward, static_cast<int>(t), of_image);
            const std::uint64_t expected = wanted && uses > 1 ? uses - 1 : 0;
            std::uint64_t additions = 0;
            for (const TrainingOperation& operation : graph.operations) {
                if (operation.op == "grad_add" && operation.layer_name == tensor.name) {
                    ++additions;
                    EXPECT_EQ(graph.counts(operation).elementwise, tensor.shape.elements());
                    EXPECT_EQ(graph.counts(operation).read, 2 * tensor.shape.elements());
                    EXPECT_EQ(graph.counts(operation).write, tensor.shape.elements());
                }
            }
            EXPECT_EQ(additions, expected) << seed << " " << tensor.name;
            forks += expected;
        }
    }
    EXPECT_GT(forks, kNetworks / 4);
}

TEST(TrainingGradients, ResultsWithoutALossGetTheirGradientFromOutside) {
    TrainingOptions options;
    options.loss = false;
    const TrainingGraph graph = training_graph(read_workload("lenet", 1), options);
    EXPECT_EQ(graph.operations.front().pass, Pass::forward);
    const auto first_back = std::find_if(graph.operations.begin(), graph.operations.end(),
                                         [](const TrainingOperation& o) { return o.pass != Pass::forward; });
    EXPECT_EQ(first_back->name, "fc7.dX");
    EXPECT_EQ(graph.tensors[static_cast<std::size_t>(first_back->inputs[0])].name, "fc7.gradient");
    for (const TrainingOperation& operation : graph.operations) {
        EXPECT_NE(operation.op.substr(0, 10), "softmax_ce");
    }
}

std::string words(const TrainingGraph& graph) {
    std::string text;
    for (const TrainingOperation& operation : graph.operations) {
        text += (text.empty() ? "" : " ") + operation.name + ":" + operation.op;
    }
    return text;
}

Graph network(const std::string& operators) {
    return read_yaml_workload("name: n\ninput: {channels: 4, height: 8, width: 8}\noperators:\n" + operators, "n.yaml",
                              2);
}

TEST(TrainingGradients, ANetworkWithoutALossGetsOne) {
    const std::string back = " f.dW:fc_bwd_weight f.upd:sgd_momentum";
    EXPECT_EQ(words(training_graph(network("- {name: f, op: fc, out_channels: 5}\n"), {})),
              "f:fc softmax_ce:softmax_ce softmax_ce.bwd:softmax_ce_bwd" + back);
    EXPECT_EQ(words(training_graph(network("- {name: f, op: fc, out_channels: 5}\n- {name: p, op: softmax}\n"), {})),
              "f:fc p:softmax_ce p.bwd:softmax_ce_bwd" + back);
}

TEST(TrainingGradients, WhatTheLossDoesNotSeeIsNotTrained) {
    EXPECT_EQ(words(training_graph(network("- {name: a, op: fc, out_channels: 4}\n"
                                           "- {name: b, op: fc, out_channels: 4, inputs: a}\n"
                                           "- {name: l, op: softmax_ce, inputs: a}\n"),
                                   {})),
              "a:fc b:fc l:softmax_ce l.bwd:softmax_ce_bwd a.dW:fc_bwd_weight a.upd:sgd_momentum");
}

// The gradient of a concatenation comes in parts, of a sum whole: both without an operation of their own.
TEST(TrainingGradients, JointsAndViewsHandGradientsOn) {
    EXPECT_EQ(words(training_graph(network("- {name: a, op: fc, out_channels: 4}\n"
                                           "- {name: b, op: fc, out_channels: 3, inputs: a}\n"
                                           "- {name: c, op: concat, inputs: [a, b]}\n"
                                           "- {name: f, op: flatten}\n"
                                           "- {name: l, op: softmax_ce}\n"),
                                   {})),
              "a:fc b:fc c:concat f:flatten l:softmax_ce l.bwd:softmax_ce_bwd b.dX:fc_bwd_data b.dW:fc_bwd_weight "
              "b.upd:sgd_momentum a.grad_acc0:grad_add a.dW:fc_bwd_weight a.upd:sgd_momentum");
}

TEST(TrainingGradients, RowsOfATopologyTableAreTrainedAlone) {
    Graph graph = network("- {name: f, op: fc, out_channels: 5}\n");
    graph.table_of_rows = true;
    EXPECT_EQ(words(training_graph(graph, {})), "f:fc f.dW:fc_bwd_weight f.upd:sgd_momentum");
}

// Per parameter (formulas.md 3): SGD 2 operations, momentum 4, with weight decay 6; each state is read and written.
TEST(TrainingGradients, OptimisersCostTheirOperationsAParameter) {
    struct Expected {
        Optimizer optimizer;
        std::uint64_t elementwise, special, read, write;
    };
    for (const Expected& e : {Expected{Optimizer::sgd, 2, 0, 2, 1}, Expected{Optimizer::momentum, 4, 0, 3, 2},
                              Expected{Optimizer::momentum_wd, 6, 0, 3, 2}, Expected{Optimizer::adam, 10, 2, 4, 3}}) {
        TrainingOptions options;
        options.optimizer = e.optimizer;
        const TrainingGraph graph = training_graph(read_workload("resnet18", 2), options);
        OperationCounts sum;
        for (const TrainingOperation& operation : graph.operations) {
            if (operation.pass == Pass::update) {
                const OperationCounts counts = graph.counts(operation);
                sum.elementwise += counts.elementwise;
                sum.special += counts.special;
                sum.read += counts.read;
                sum.write += counts.write;
            }
        }
        const std::uint64_t parameters = 11689512; // published
        EXPECT_EQ(sum.elementwise, e.elementwise * parameters);
        EXPECT_EQ(sum.special, e.special * parameters);
        EXPECT_EQ(sum.read, e.read * parameters);
        EXPECT_EQ(sum.write, e.write * parameters);
    }
}

} // namespace
} // namespace systolica
