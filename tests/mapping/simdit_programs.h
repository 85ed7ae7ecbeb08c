// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// SimDIT's programs from our networks: operations of an inference or of a training iteration, in order, as work for
// machine/simdit. What SimDIT's programs leave out is left out here: loss, softmax, dropout.
#pragma once

#include <string>
#include <vector>

#include "machine/simdit/config.h"
#include "machine/simdit/work.h"
#include "workloads/graph.h"

namespace systolica {

struct SimditOperation {
    std::string op;   // SimDIT's word
    std::string pass; // of a product in training: forward, dX, dW
    SimditWork work;
};

using SimditProgram = std::vector<SimditOperation>;

SimditProgram simdit_inference(const std::string& net, std::uint64_t batch);
SimditProgram simdit_training(const Graph& network, bool gradient_of_image);

// A convolution hands its result to the SIMD operation that follows, if that is ReLU or add.
void fuse(const SimditConfig& config, SimditProgram& program);

// The network as SimDIT's training program has it: the image of the residual networks comes padded, 229 x 229; VGG-16
// has no bias in its convolutions (and no gradient of its image).
Graph simdit_network(const std::string& net, std::uint64_t batch);

} // namespace systolica
