// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "workloads/training/expansion.h"

#include <algorithm>

namespace systolica {

namespace {

// Follows the operations in order, holder by holder: a tensor and its views are one memory.
class Uses {
public:
    explicit Uses(TrainingGraph& graph)
        : graph_(graph), writer_(graph.tensors.size(), -1), readers_(graph.tensors.size()) {}

    void follow() {
        for (std::size_t i = 0; i < graph_.operations.size(); ++i) {
            TrainingOperation& operation = graph_.operations[i];
            if (operation.view) {
                continue;
            }
            const int index = static_cast<int>(i);
            for (const int input : operation.inputs) {
                for (const int holder : holders(input)) {
                    need(operation, writer_[static_cast<std::size_t>(holder)]);
                    readers_[static_cast<std::size_t>(holder)].push_back(index);
                    use(holder, index);
                    note_kept(holder, operation);
                }
            }
            for (const int output : operation.outputs) { // after all that read or wrote what was there
                std::vector<int>& readers = readers_[static_cast<std::size_t>(output)];
                need(operation, writer_[static_cast<std::size_t>(output)]);
                for (const int reader : readers) {
                    need(operation, reader == index ? -1 : reader);
                }
                readers.clear();
                writer_[static_cast<std::size_t>(output)] = index;
                use(output, index);
            }
            std::sort(operation.needs.begin(), operation.needs.end());
            operation.needs.erase(std::unique(operation.needs.begin(), operation.needs.end()), operation.needs.end());
        }
    }

private:
    const std::vector<int>& holders(int tensor) const { return of(tensor).storage; }
    TrainingTensor& of(int tensor) const { return graph_.tensors[static_cast<std::size_t>(tensor)]; }

    static void need(TrainingOperation& operation, int other) {
        if (other >= 0) {
            operation.needs.push_back(other);
        }
    }

    void use(int holder, int index) {
        TrainingTensor& tensor = of(holder);
        tensor.first_use = tensor.first_use < 0 ? index : tensor.first_use;
        tensor.last_use = index;
    }

    void note_kept(int holder, const TrainingOperation& reader) {
        TrainingTensor& tensor = of(holder);
        const bool going_back = reader.pass != Pass::forward || reader.recomputation;
        const bool of_forward = tensor.role == TensorRole::activation || tensor.role == TensorRole::statistics ||
                                tensor.role == TensorRole::label;
        const bool first_time = tensor.producer < 0 || !operation_of(tensor).recomputation;
        tensor.kept = tensor.kept || (going_back && of_forward && first_time);
    }

    const TrainingOperation& operation_of(const TrainingTensor& tensor) const {
        return graph_.operations[static_cast<std::size_t>(tensor.producer)];
    }

    TrainingGraph& graph_;
    std::vector<int> writer_;
    std::vector<std::vector<int>> readers_; // since the last write
};

} // namespace

void complete(TrainingGraph& graph) {
    Uses(graph).follow();
}

} // namespace systolica
