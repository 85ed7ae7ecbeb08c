// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "data_flow.h"

namespace systolica {

DataFlow::DataFlow(const TrainingGraph& graph) : sources_(graph.operations.size()), writers_(graph.operations.size()) {
    std::vector<int> last_writer(graph.tensors.size(), kFromOutside);
    const auto storage = [&](int tensor) -> const std::vector<int>& {
        return graph.tensors[static_cast<std::size_t>(tensor)].storage;
    };
    for (std::size_t i = 0; i < graph.operations.size(); ++i) {
        const TrainingOperation& operation = graph.operations[i];
        if (operation.view) {
            continue;
        }
        for (const int tensor : operation.inputs) {
            for (const int holder : storage(tensor)) {
                const int writer = last_writer[static_cast<std::size_t>(holder)];
                sources_[i].push_back({tensor, holder, writer});
                writers_[i].insert(writer);
            }
        }
        for (const int tensor : operation.outputs) {
            for (const int holder : storage(tensor)) {
                last_writer[static_cast<std::size_t>(holder)] = static_cast<int>(i);
            }
        }
    }
}

} // namespace systolica
