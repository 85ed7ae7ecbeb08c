// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// SimDIT's programs: the networks as it has them, and the operations of mapping/simdit under its names.
#pragma once

#include <string>

#include "mapping/simdit/program.h"

namespace systolica {

SimditProgram simdit_inference(const SimditConfig& config, const std::string& net, std::uint64_t batch);
SimditProgram simdit_training(const SimditConfig& config, const Graph& network, bool gradient_of_image);

// As in the recorded classes: forward, dX or dW for a product of training, otherwise nothing.
std::string simdit_pass(const SimditTask& task, const std::string& pass);

// The network as SimDIT's training program has it: the image of the residual networks comes padded, 229 x 229; VGG-16
// has no bias in its convolutions (and no gradient of its image).
Graph simdit_network(const std::string& net, std::uint64_t batch);

} // namespace systolica
