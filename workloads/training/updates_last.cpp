// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "workloads/training/updates_last.h"

#include "workloads/training/expansion.h"

namespace systolica {

TrainingGraph updates_last(const TrainingGraph& graph) {
    TrainingGraph out = graph;
    out.operations.clear();
    std::vector<int> now(graph.operations.size(), -1);
    for (const bool updates : {false, true}) {
        for (std::size_t i = 0; i < graph.operations.size(); ++i) {
            if ((graph.operations[i].pass == Pass::update) == updates) {
                now[i] = static_cast<int>(out.operations.size());
                out.operations.push_back(graph.operations[i]);
                out.operations.back().needs.clear();
            }
        }
    }
    for (TrainingTensor& tensor : out.tensors) {
        tensor.producer = tensor.producer < 0 ? -1 : now[static_cast<std::size_t>(tensor.producer)];
        tensor.first_use = tensor.last_use = -1;
    }
    complete(out);
    return out;
}

} // namespace systolica
