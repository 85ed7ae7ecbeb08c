// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// Operations of training that work on each element alone: what the vector unit does to a stream that flows by. They can
// lead a group or follow another operation, on its results before they are stored.
#pragma once

#include <optional>
#include <vector>

#include "machine/vector_unit/config.h"
#include "mapping/layer.h"
#include "workloads/training/training.h"

namespace systolica {

struct TrainingStage {
    struct Operand { // read beside the stream
        int tensor = -1;
        Shape shape; // as seen: parameters are flat, but lie like this
        bool gathered = false;
        std::uint64_t first_channel = 0;
    };
    struct Constants { // so many values a channel
        int tensor = -1;
        unsigned values = 1;
    };
    struct Sums { // over the axes that it lacks
        int tensor = -1;
        Stretch lacks;
        std::uint64_t values = 1;
        int before = -1; // a tensor as large that goes into it once (running statistics)
    };

    std::vector<VectorKernel> kernels; // one after the other
    int stream = -1;
    Shape shape; // of the stream
    std::vector<Operand> operands;
    std::vector<Constants> constants;
    int output = -1; // takes the stream's place; -1: the stream goes on as it is
    bool output_gathered = false;
    std::vector<Operand> results; // further tensors of the stream's shape
    std::vector<Sums> sums;
};

// Which axes a tensor of shape `part` lacks beside one of shape `whole`.
Stretch lacking(const Shape& part, const Shape& whole);

// None for operations that are not of this kind. An update has a stage for weights and one for a bias.
std::vector<TrainingStage> stages_of(const TrainingGraph& graph, const TrainingOperation& operation);

// The stage with `stream` flowing by, if it can be the one: the operands of a sum or a product are alike.
std::optional<TrainingStage> on_stream(const TrainingStage& stage, int stream);

} // namespace systolica
