// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "vector_work.h"

#include <gtest/gtest.h>

namespace systolica {

std::vector<Form> forms_named(const TrainingGraph& graph, const std::string& name) {
    for (std::size_t i = 0; i < graph.operations.size(); ++i) {
        if (graph.operations[i].name == name) {
            return forms_of(graph, graph.operations[i], static_cast<std::uint32_t>(i), BackwardLowering::direct);
        }
    }
    ADD_FAILURE() << "no operation " << name;
    return {Form()};
}

double cycles(const Layer& layer) {
    double sum = 0;
    for (const Layer::Stage& stage : layer.stages) {
        const VectorCost cost = default_vector_costs()[static_cast<std::size_t>(stage.kernel)];
        sum += cost.per_tap * stage.taps + cost.per_element;
    }
    return sum;
}

OperatorSpec spec_of(OpKind kind) {
    OperatorSpec spec;
    spec.name = "x";
    spec.kind = kind;
    spec.inputs = {"input"};
    spec.window.kernel_h = spec.window.kernel_w = 2;
    spec.size = 3;
    return spec;
}

TrainingOptions without_loss() {
    TrainingOptions options;
    options.input_gradient_of_first_layer = true;
    options.loss = false;
    return options;
}

TrainingGraph alone(const OperatorSpec& spec) {
    Net net({1, 8, 6, 6}, 2);
    net.add(spec);
    return training_graph(net.finish(), without_loss());
}

TrainingGraph with_batch_norm(Optimizer optimizer) {
    Net net({1, 8, 6, 6}, 2);
    OperatorSpec conv;
    conv.name = "conv";
    conv.inputs = {"input"};
    conv.out_channels = 8;
    conv.bias = true;
    net.add(conv);
    net.op(OpKind::batch_norm, "n", {"conv"});
    net.op(OpKind::dropout, "drop", {"n"});
    net.op(OpKind::add, "sum", {"drop", "conv"});
    net.op(OpKind::global_avg_pool, "mean", {"sum"});
    net.op(OpKind::flatten, "flat", {"mean"});
    TrainingOptions with_loss;
    with_loss.optimizer = optimizer;
    return training_graph(net.finish(), with_loss);
}

} // namespace systolica
