// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// A network as a program for SimDIT's machine: operations of an inference or of an iteration of training, in order,
// each as work for machine/simdit. What SimDIT's programs leave out is left out: softmax, dropout; a loss is refused.
// What its machine has no rule for is refused, too.
#pragma once

#include <string>
#include <vector>

#include "machine/simdit/config.h"
#include "machine/simdit/work.h"
#include "workloads/graph.h"
#include "workloads/training/training.h"

namespace systolica {

struct SimditTask {
    const char* word; // SimDIT's name of the operation
    SimditWork work;
};

struct SimditOperation {
    std::string name, op, pass;    // as in layers.csv
    GemmShape product;             // groups 0: none
    std::vector<SimditTask> tasks; // one; updates have one for each tensor of parameters, views have none
    std::vector<int> operands;     // tensors of the network or iteration
    int result = -1;
    bool result_kept = false;     // training: waits for the backward pass
    unsigned kept_operands = 0;   // of a gradient: tensors that have waited for it
    unsigned tensor_operands = 0; // of all operands those that are no parameters or statistics

    bool view() const { return tasks.empty(); }
    const SimditProduct* product_task() const {
        return tasks.empty() ? nullptr : std::get_if<SimditProduct>(&tasks.front().work);
    }
};

using SimditProgram = std::vector<SimditOperation>;

// `network` is the graph as trained. Both throw InputError, one problem an operator.
SimditProgram simdit_inference_program(const SimditConfig& config, const Graph& network, bool fold_batch_norm);

// The image lies in memory with the padding that is needed, and has a gradient of that size, as in SimDIT's programs
// (ResNet: 229 x 229).
SimditProgram simdit_training_program(const SimditConfig& config, const Graph& network, const TrainingOptions& options);

// A SIMD result is written with the array's bits where the next operation of the program is one of the array. SimDIT
// transposes before the gradients of a convolution, which costs nothing but is an operation; so are views.
void set_result_bits(SimditProgram& program);

// SimDIT's pairs: the SIMD array takes the result of a convolution from the output buffer (ReLU, add, batch-norm
// statistics, update of its weights; update of a fully connected layer's weights). Only where nothing else reads it.
void fuse(const SimditConfig& config, SimditProgram& program);

} // namespace systolica
