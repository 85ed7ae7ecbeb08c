// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// Random small networks with random training options, on random small chips.
#pragma once

#include <cstdint>
#include <string>

#include "mapping/training/plan.h"

namespace systolica {

struct TrainingCase {
    TrainingGraph graph;
    ChipConfig chip;
    MappingOptions options;
    BackwardLowering lowering = BackwardLowering::direct;

    Plan plan() const { return make_training_plan(graph, lowering, chip, options); }
    std::string text() const;
};

enum class Kinds : std::uint8_t { of_images, all }; // of operators: as random_graph, as random_operators

TrainingCase random_training_case(std::uint64_t seed, Kinds kinds);

} // namespace systolica
