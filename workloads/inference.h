// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// From a network as trained to what inference executes: dropout and identity are gone, softmax_cross_entropy becomes
// softmax, flatten and reshape are views, and a batch-norm that follows a convolution (also transposed) or
// fully_connected directly (as its only consumer) is folded into weights and bias where asked for. Rows of a folded or
// dropped operation vanish; names of the others stay.
#pragma once

#include "workloads/graph.h"

namespace systolica {

struct InferenceOptions {
    bool fold_batch_norm = true;
};

// Throws InputError where nothing is left to execute.
Graph inference_graph(const Graph& network, const InferenceOptions& options);

} // namespace systolica
