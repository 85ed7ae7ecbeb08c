// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "workloads/training/memory.h"

#include "base/integer.h"

#include <algorithm>

namespace systolica {

std::uint64_t activation_bytes(const TrainingTensor& tensor, unsigned activation_bits, unsigned gradient_bits) {
    const bool gradient = tensor.role == TensorRole::gradient && gradient_bits != 0;
    switch (tensor.role) {
    case TensorRole::activation:
    case TensorRole::gradient:
        return tensor.view() ? 0 : ceil_div(tensor.shape.elements() * (gradient ? gradient_bits : activation_bits), 8);
    case TensorRole::statistics:
    case TensorRole::label:
        return tensor.view() ? 0 : tensor.shape.elements() * 4;
    default:
        return 0;
    }
}

TrainingMemory activation_memory(const TrainingGraph& graph, unsigned activation_bits, unsigned gradient_bits) {
    TrainingMemory memory;
    std::vector<std::uint64_t> begins(graph.operations.size() + 1, 0);
    std::vector<std::uint64_t> ends(graph.operations.size() + 1, 0); // behind the last use
    for (const TrainingTensor& tensor : graph.tensors) {
        const std::uint64_t bytes = activation_bytes(tensor, activation_bits, gradient_bits);
        if (bytes > 0) {
            begins[static_cast<std::size_t>(tensor.first_use)] += bytes;
            ends[static_cast<std::size_t>(tensor.last_use) + 1] += bytes;
            memory.kept_bytes += tensor.kept ? bytes : 0;
        }
    }
    memory.kept_bytes /= graph.batch / graph.micro_batch; // each keeps the same
    std::uint64_t live = 0;
    for (std::size_t i = 0; i < graph.operations.size(); ++i) {
        live += begins[i] - ends[i];
        if (live > memory.peak_bytes) {
            memory.peak_bytes = live;
            memory.peak_operation = static_cast<int>(i);
        }
    }
    return memory;
}

} // namespace systolica
