// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// Memory that activations and their gradients take over an iteration, when each lives from its first use to its last.
// Parameters, their gradients and the optimiser's state are not in it: they live all the time.
#pragma once

#include <cstdint>

#include "workloads/training/training.h"

namespace systolica {

struct TrainingMemory {
    std::uint64_t kept_bytes = 0; // forward tensors of one micro-batch that wait for the backward pass
    std::uint64_t peak_bytes = 0;
    int peak_operation = 0; // the first at which it is reached
};

// Bytes of a tensor in that memory, 0 for those not in it. Statistics and labels have 32 bits.
std::uint64_t activation_bytes(const TrainingTensor& tensor, unsigned activation_bits,
                               unsigned gradient_bits = 0); // 0: as activations

TrainingMemory activation_memory(const TrainingGraph& graph, unsigned activation_bits, unsigned gradient_bits = 0);

} // namespace systolica
