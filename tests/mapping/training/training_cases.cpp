// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "training_cases.h"

#include "../example_graphs.h"
#include "../random_numbers.h"
#include "../random_operators.h"

namespace systolica {

namespace {

TrainingOptions random_options(std::uint64_t batch, RandomNumbers& random) {
    TrainingOptions options;
    options.micro_batch = random.one_in(3) ? 1 : batch;
    options.optimizer =
        random.pick<Optimizer>({Optimizer::sgd, Optimizer::momentum, Optimizer::momentum_wd, Optimizer::adam});
    options.input_gradient_of_first_layer = random.one_in(4);
    options.loss = !random.one_in(4);
    options.backward_lowering = random.one_in(3) ? BackwardLowering::dilated : BackwardLowering::direct;
    options.recompute = random.one_in(3) ? Recompute::sqrt : Recompute::none;
    return options;
}

} // namespace

TrainingCase random_training_case(std::uint64_t seed, Kinds kinds) {
    RandomNumbers random(seed + 7000000);
    const std::uint64_t batch = random.pick<std::uint64_t>({1, 2, 3});
    TrainingCase one;
    const TrainingOptions options = random_options(batch, random);
    one.lowering = options.backward_lowering;
    one.graph =
        training_graph(kinds == Kinds::all ? random_operators(seed, batch) : random_graph(seed, batch), options);
    const auto tiles = static_cast<unsigned>(random.pick<std::uint64_t>({1, 2, 3, 4, 4, 16}));
    const auto bytes = [&] { return random.pick<std::uint64_t>({4096, 16384, 65536}); };
    one.chip = example_chip(tiles, random.flip() ? 4 : 8, random.pick<Dataflow>({Dataflow::os, Dataflow::ws}),
                            {bytes(), bytes(), bytes(), 2 * bytes()});
    Precision& precision = one.chip.precision;
    precision.activation_bits = random.one_in(3) ? 16 : 8;
    precision.weight_bits = random.pick<unsigned>({8, 16, 32});
    precision.gradient_bits = random.pick<unsigned>({0, 16, 32});
    precision.master_bits = random.one_in(4) ? 16 : 32;
    precision.accumulator_bits = random.one_in(5) ? 16 : 32;
    one.options.overlap = random.pick<Overlap>({Overlap::layer, Overlap::layer, Overlap::tile, Overlap::none});
    one.options.fusion = !random.one_in(3);
    one.options.split =
        random.pick<Split>({Split::automatic, Split::automatic, Split::channels, Split::rows, Split::batch});
    one.options.objective = tiles == 1 && random.one_in(3) ? Objective::traffic : Objective::time;
    return one;
}

std::string TrainingCase::text() const {
    return graph.forward.name + ": " + std::to_string(graph.operations.size()) + " operations, batch " +
           std::to_string(graph.batch) + " in " + std::to_string(graph.micro_batch) + ", " +
           std::to_string(chip.tiles) + " tiles, split " + std::to_string(static_cast<int>(options.split)) +
           ", overlap " + std::to_string(static_cast<int>(options.overlap)) + (options.fusion ? ", fusion" : "") +
           (lowering == BackwardLowering::dilated ? ", dilated" : "");
}

} // namespace systolica
