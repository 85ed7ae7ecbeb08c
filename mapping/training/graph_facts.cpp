// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "mapping/training/graph_facts.h"

#include <algorithm>

#include "mapping/training/stage.h"

namespace systolica {

std::vector<PlannedOperation> planned_operations(const TrainingGraph& graph) {
    std::vector<PlannedOperation> rows;
    for (const TrainingOperation& o : graph.operations) {
        PlannedOperation planned;
        planned.name = o.name;
        planned.op = o.op;
        planned.pass = pass_name(o.pass);
        planned.m = o.matrix.gemm.m;
        planned.n = o.matrix.gemm.n;
        planned.k = o.matrix.gemm.k;
        planned.macs = o.matrix.macs();
        planned.view = o.view;
        planned.recomputation = o.recomputation;
        rows.push_back(planned);
    }
    return rows;
}

std::vector<BiasOfWeights> biases_of(const TrainingGraph& graph) {
    std::vector<BiasOfWeights> biases;
    for (const TrainingOperation& o : graph.operations) {
        std::vector<int> parameters;
        for (const int tensor : o.inputs) {
            if (graph.tensors[static_cast<std::size_t>(tensor)].role == TensorRole::parameter) {
                parameters.push_back(tensor);
            }
        }
        if (o.pass == Pass::forward && o.matrix.groups > 0 && parameters.size() == 2) {
            biases.push_back({parameters[0], parameters[1]});
        }
    }
    return biases;
}

std::vector<bool> raised_tensors(const TrainingGraph& graph) {
    std::vector<bool> raised(graph.tensors.size(), false);
    for (const TrainingTensor& tensor : graph.tensors) {
        if (tensor.viewed.size() == 1 && tensor.shape.h * tensor.shape.w > 1) {
            const auto under = static_cast<std::size_t>(tensor.viewed[0]);
            raised[under] = graph.tensors[under].shape.h == 1 && graph.tensors[under].shape.w == 1;
        }
    }
    return raised;
}

int only_update_of(const TrainingGraph& graph, int gradient) {
    const int tensor = graph.operations[static_cast<std::size_t>(gradient)].outputs[0];
    int reader = -1;
    for (std::size_t i = 0; i < graph.operations.size(); ++i) {
        const std::vector<int>& inputs = graph.operations[i].inputs;
        if (std::find(inputs.begin(), inputs.end(), tensor) != inputs.end()) {
            if (reader >= 0) {
                return -1;
            }
            reader = static_cast<int>(i);
        }
    }
    if (reader < 0) {
        return -1;
    }
    const TrainingOperation& update = graph.operations[static_cast<std::size_t>(reader)];
    return update.pass == Pass::update && stages_of(graph, update)[0].stream == tensor ? reader : -1;
}

} // namespace systolica
