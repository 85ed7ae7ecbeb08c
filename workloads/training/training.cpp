// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "workloads/training/training.h"

#include "workloads/training/expansion.h"
#include "workloads/training/recompute.h"

#include <algorithm>
#include <limits>

namespace systolica {

namespace {

bool is_loss(const Operator& op) {
    return operator_row(op.kind).backward == Backward::loss;
}

std::string unused_name(const Graph& graph, const std::string& name) {
    std::string candidate = name;
    const auto used = [&](const Tensor& tensor) { return tensor.name == candidate; };
    for (int i = 2; std::any_of(graph.tensors.begin(), graph.tensors.end(), used); ++i) {
        candidate = name + "#" + std::to_string(i);
    }
    return candidate;
}

// A network that ends in one result without a loss gets softmax with cross-entropy over its channels; a softmax at its
// end becomes that, along its axis.
void add_loss(Graph& graph) {
    const bool present = std::any_of(graph.operators.begin(), graph.operators.end(), is_loss);
    const auto unread = [](const Tensor& tensor) { return tensor.producer >= 0 && tensor.consumers.empty(); };
    const auto last = std::find_if(graph.tensors.begin(), graph.tensors.end(), unread);
    if (present || graph.table_of_rows || std::count_if(graph.tensors.begin(), graph.tensors.end(), unread) != 1) {
        return;
    }
    Operator& end = graph.operators[static_cast<std::size_t>(last->producer)];
    if (end.kind == OpKind::softmax) {
        end.kind = OpKind::softmax_cross_entropy;
        last->shape.of(axis_of(end)) = 1;
        return;
    }
    const int index = static_cast<int>(graph.operators.size());
    Operator loss;
    loss.kind = OpKind::softmax_cross_entropy;
    loss.name = unused_name(graph, op_kind_name(loss.kind));
    loss.inputs = {end.output};
    loss.output = static_cast<int>(graph.tensors.size());
    Shape shape = last->shape;
    shape.c = 1;
    last->consumers.push_back(index);
    graph.tensors.push_back({loss.name, shape, index, {}});
    graph.operators.push_back(std::move(loss));
}

// Without losses that nothing reads; whose input is then a result of the network.
Graph without_loss(const Graph& graph) {
    Graph out = graph;
    out.operators.clear();
    out.tensors.clear();
    std::vector<int> now(graph.tensors.size(), -1);
    for (std::size_t i = 0; i < graph.tensors.size(); ++i) {
        const int producer = graph.tensors[i].producer;
        const bool gone = producer >= 0 && is_loss(graph.operators[static_cast<std::size_t>(producer)]) &&
                          graph.tensors[i].consumers.empty();
        if (!gone) {
            now[i] = static_cast<int>(out.tensors.size());
            out.tensors.push_back({graph.tensors[i].name, graph.tensors[i].shape, -1, {}});
        }
    }
    for (Operator op : graph.operators) {
        if (now[static_cast<std::size_t>(op.output)] < 0) {
            continue;
        }
        const int index = static_cast<int>(out.operators.size());
        op.output = now[static_cast<std::size_t>(op.output)];
        out.tensors[static_cast<std::size_t>(op.output)].producer = index;
        for (int& input : op.inputs) {
            input = now[static_cast<std::size_t>(input)];
            std::vector<int>& consumers = out.tensors[static_cast<std::size_t>(input)].consumers;
            if (consumers.empty() || consumers.back() != index) {
                consumers.push_back(index);
            }
        }
        out.operators.push_back(std::move(op));
    }
    return out;
}

void check_work(const Graph& graph, BackwardLowering lowering) {
    if (lowering == BackwardLowering::direct) {
        return; // as many MACs as forward
    }
    const std::uint64_t most = kMaxWork / 2;
    std::uint64_t sum = 0;
    for (const Operator& op : graph.operators) {
        if (operator_row(op.kind).backward != Backward::matrix) {
            continue;
        }
        for (const MatrixWork& work :
             {input_gradient_work(graph, op, lowering), weight_gradient_work(graph, op, lowering)}) {
            const std::uint64_t executed = padded_macs(work, 1, 1);
            sum = executed > most ? kMaxWork : sum + executed;
        }
        if (sum >= kMaxWork) {
            throw InputError(op.where, op.name, "expected at most 2^60 MACs with dilated gradients, got more");
        }
    }
}

} // namespace

const char* pass_name(Pass pass) {
    switch (pass) {
    case Pass::forward:
        return "forward";
    case Pass::backward:
        return "backward";
    case Pass::backward_data:
        return "backward_data";
    case Pass::backward_weight:
        return "backward_weight";
    case Pass::update:
        return "update";
    }
    return "";
}

OperationCounts TrainingGraph::counts(const TrainingOperation& operation) const {
    const auto both = [&](std::uint64_t OperationCounts::*which) {
        return operation.per_image.*which * micro_batch + operation.per_iteration.*which;
    };
    return {both(&OperationCounts::macs),    both(&OperationCounts::elementwise), both(&OperationCounts::reduce),
            both(&OperationCounts::special), both(&OperationCounts::read),        both(&OperationCounts::write)};
}

TrainingGraph training_graph(const Graph& network, const TrainingOptions& options) {
    const std::uint64_t micro_batch = options.micro_batch == 0 ? network.batch : options.micro_batch;
    if (micro_batch > network.batch || network.batch % micro_batch != 0) {
        throw InputError({"--microbatch", 0, 0}, "",
                         "expected a divisor of the batch " + std::to_string(network.batch) + ", got '" +
                             std::to_string(micro_batch) + "'");
    }
    Graph forward = options.loss ? network : without_loss(network);
    if (options.loss) {
        add_loss(forward);
    }
    if (forward.operators.empty()) {
        throw InputError({network.name, 0, 0}, "", "expected an operator beside the loss, got none");
    }
    forward.batch = micro_batch;
    for (Tensor& tensor : forward.tensors) {
        tensor.shape.n = micro_batch;
    }
    check_work(forward, options.backward_lowering);
    std::vector<bool> dropped = dropped_results(forward, options);
    return Expansion(std::move(forward), network.batch, options, std::move(dropped)).build();
}

} // namespace systolica
