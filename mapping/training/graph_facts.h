// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// What planning asks of a training graph as a whole.
#pragma once

#include <vector>

#include "mapping/plan.h"
#include "workloads/training/training.h"

namespace systolica {

std::vector<PlannedOperation> planned_operations(const TrainingGraph& graph); // the rows of layers.csv

struct BiasOfWeights {
    int weights = -1;
    int bias = -1;
};

// The forward pass says which bias lies behind which weights.
std::vector<BiasOfWeights> biases_of(const TrainingGraph& graph);

// By tensor: results of one position whose channels are seen as pixels later, the gradient of what was flattened.
std::vector<bool> raised_tensors(const TrainingGraph& graph);

// The update that is all that reads a gradient of weights; -1: others do, or it reads it for a bias.
int only_update_of(const TrainingGraph& graph, int gradient);

} // namespace systolica
