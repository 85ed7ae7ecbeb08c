// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "platforms/mapped_run.h"

#include "base/diagnostics.h"
#include "base/integer.h"
#include "mapping/gather_parts.h"
#include "mapping/pipeline.h"
#include "mapping/tile_program.h"
#include "mapping/training/exchange.h"
#include "mapping/training/plan.h"
#include "platforms/mapped_simdit.h"
#include "platforms/noc_checks.h"
#include "workloads/inference.h"
#include "workloads/training/memory.h"
#include "workloads/training/updates_last.h"

namespace systolica {

namespace {

void check_pipeline(const Platform& platform, const Graph& network, bool training) {
    const MappingOptions& mapping = platform.mapping;
    if (mapping.split != Split::pipeline) {
        return;
    }
    const auto refuse = [&](const std::string& key, const std::string& message) {
        const auto origin = platform.origins.find(key);
        throw InputError(origin == platform.origins.end() ? Location{platform.file, 0, 0} : origin->second.where, key,
                         message);
    };
    if (training) {
        refuse("mapping.split", "expected auto, channels, rows or batch in training, got pipeline");
    }
    const std::uint64_t least = ceil_div(network.batch, kMostMicrobatches);
    if (mapping.microbatch < least) {
        refuse("mapping.microbatch", "expected at least " + std::to_string(least) + " with a batch of " +
                                         std::to_string(network.batch) + ", got " + std::to_string(mapping.microbatch));
    }
}

bool exchanges(const SimulationOptions& options) {
    return options.training && options.parallel.data > 1;
}

Plan plan_of(const Platform& platform, const Graph& network, const SimulationOptions& options) {
    check_pipeline(platform, network, options.training);
    if (options.training) {
        const TrainingGraph graph = training_graph(network, platform.training);
        MappingOptions mapping = platform.mapping;
        mapping.updates_apart = exchanges(options);
        return make_training_plan(exchanges(options) ? updates_last(graph) : graph, platform.training.backward_lowering,
                                  platform.chip, mapping);
    }
    return make_plan(inference_graph(network, {platform.mapping.fold_batch_norm}), platform.chip, platform.mapping);
}

Plan plan_of_share(const Platform& platform, const Graph& network, std::uint64_t chips,
                   std::vector<ChannelShares::Gathered>& gathered) {
    ChannelShares share = share_channels(inference_graph(network, {platform.mapping.fold_batch_norm}), chips);
    gathered = std::move(share.gathered);
    return make_plan(share.graph, platform.chip, platform.mapping);
}

Plan plan_for(const Platform& platform, const Graph& network, const SimulationOptions& options) {
    if (options.mapped_for == nullptr) {
        return plan_of(platform, network, options);
    }
    const ChipConfig& mapped = options.mapped_for->chip;
    const ChipConfig& chip = platform.chip;
    const bool alike = mapped.tiles == chip.tiles && mapped.tile.pe_array.rows == chip.tile.pe_array.rows &&
                       mapped.tile.pe_array.cols == chip.tile.pe_array.cols &&
                       mapped.tile.pe_array.dataflow == chip.tile.pe_array.dataflow &&
                       mapped.precision.activation_bits == chip.precision.activation_bits &&
                       mapped.precision.weight_bits == chip.precision.weight_bits &&
                       mapped.precision.accumulator_bits == chip.precision.accumulator_bits;
    if (!alike) {
        throw InputError({options.mapped_for->file, 0, 0}, "",
                         "expected the tiles, arrays and precision of the simulated platform, got others");
    }
    Platform wanted = *options.mapped_for;
    wanted.chip.noc.multicast = wanted.chip.noc.multicast && chip.noc.multicast; // what is not there cannot be planned
    Plan plan = plan_of(wanted, network, options);
    for (const Pad pad : {Pad::ifmap, Pad::filter, Pad::ofmap, Pad::vector}) {
        if (chip.tile.pad(pad).capacity_bytes < mapped.tile.pad(pad).capacity_bytes) {
            throw InputError({options.mapped_for->file, 0, 0}, std::string("tile.scratchpad.") + pad_name(pad),
                             "expected a scratchpad no larger than the simulated one");
        }
    }
    plan.chip = chip;
    return plan;
}

const char* optimizer_name(Optimizer optimizer) {
    switch (optimizer) {
    case Optimizer::sgd:
        return "sgd";
    case Optimizer::momentum:
        return "momentum";
    case Optimizer::adam:
        return "adam";
    default:
        return "momentum_wd";
    }
}

} // namespace

TrainingResult training_result(const Platform& platform, const Graph& network, const KeptTraffic& traffic) {
    const TrainingGraph graph = training_graph(network, platform.training);
    const Precision& p = platform.chip.precision;
    const TrainingMemory memory =
        activation_memory(graph, p.activation_bits, static_cast<unsigned>(8 * p.gradient_bytes()));
    TrainingResult result;
    result.micro_batches = graph.batch / graph.micro_batch;
    result.optimizer = optimizer_name(platform.training.optimizer);
    result.kept_bytes = memory.kept_bytes;
    result.peak_bytes = memory.peak_bytes;
    result.peak_operation = graph.operations[static_cast<std::size_t>(memory.peak_operation)].name;
    result.kept_write_bytes = traffic.written_bytes;
    result.kept_read_bytes = traffic.read_bytes;
    return result;
}

void add_programs(MappedRun& run, unsigned tiles) {
    for (unsigned t = 0; t < tiles; ++t) {
        run.programs.push_back(std::make_unique<TileProgram>(*run.plan, t));
    }
}

MappedRun map_run(const Platform& platform, const Graph& network, const SimulationOptions& options) {
    require_noc_for_runs(platform);
    if (platform.chip.tile.pe_array.dataflow == Dataflow::simdit) {
        return map_simdit(platform, network, options);
    }
    MappedRun run;
    std::vector<ChannelShares::Gathered> gathered;
    Plan plan = options.parallel.tensor > 1 ? plan_of_share(platform, network, options.parallel.tensor, gathered)
                                            : plan_for(platform, network, options);
    if (exchanges(options)) {
        run.exchange = exchange_gradients(plan, network.name, {platform.system.bucket_bytes, options.parallel.overlap});
    } else if (options.parallel.tensor > 1) {
        run.exchange = gather_parts(plan, gathered, options.parallel.tensor);
    }
    run.plan = std::make_unique<const Plan>(std::move(plan));
    add_programs(run, platform.chip.tiles);
    if (options.training) {
        run.training = training_result(platform, network, kept_traffic(*run.plan));
    }
    return run;
}

} // namespace systolica
