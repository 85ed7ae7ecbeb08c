// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// What a platform executes for a workload: the plan, and the program of each tile.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "base/run_result.h"
#include "machine/commands/command_source.h"
#include "machine/exchange/gradient_exchange.h"
#include "mapping/plan.h"
#include "mapping/training/kept_traffic.h"
#include "platforms/simulation.h"

namespace systolica {

struct MappedRun {
    std::optional<TrainingResult> training;               // what is known before the run
    std::unique_ptr<const Plan> plan;                     // the programs refer to it
    std::vector<std::unique_ptr<CommandSource>> programs; // by tile
    std::optional<GradientExchange> exchange;             // with other chips
};

// What is known of an iteration before it is run.
TrainingResult training_result(const Platform& platform, const Graph& network, const KeptTraffic& traffic);

// A program more for each tile, for another chip that runs the same plan.
void add_programs(MappedRun& run, unsigned tiles);

// Throws InputError, one problem an operation, for a network that does not fit the platform.
MappedRun map_run(const Platform& platform, const Graph& network, const SimulationOptions& options);

} // namespace systolica
