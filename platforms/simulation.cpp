// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "platforms/simulation.h"

#include <algorithm>
#include <memory>

#include <systemc>

#include "base/diagnostics.h"
#include "models/system/chip_system.h"
#include "platforms/mapped_run.h"
#include "platforms/run_account.h"

namespace systolica {

namespace {

// Simulated time between looks at the limits and the user's wishes. Slicing does not change what happens.
constexpr std::uint64_t kSlicePs = 20'000'000;

bool can_fast_forward(const Platform& platform, const SimulationOptions& options) {
    return !options.lt && options.waves == nullptr && platform.chip.dram.model == DramModel::controller;
}

// Which chips are simulated, and what they tell each other.
class Parts {
public:
    Parts(const Platform& platform, MappedRun& mapped, const ParallelOptions& options)
        : network_(platform.system), mapped_(mapped) {
        result.chips = options.chips();
        result.data = options.data;
        result.tensor = options.tensor;
        result.chips_simulated = options.chips();
        bool alike = true;
        if (mapped.exchange) {
            ExchangeProgram::Params exchange;
            exchange.exchange = *mapped.exchange;
            exchange.op = options.tensor > 1 ? CollectiveOp::all_gather : CollectiveOp::all_reduce;
            exchange.algorithm = options.algorithm;
            exchange.chunk_bytes = platform.system.port.chunk_bytes;
            exchange.element_bytes = options.tensor > 1 ? platform.chip.precision.activation_bytes()
                                                        : platform.chip.precision.master_bytes();
            exchange.reduction = Reduction(platform.chip);
            if (const std::string refusal = ExchangeProgram::refusal(network_, exchange); !refusal.empty()) {
                throw InputError({platform.file, 0, 0}, "system", refusal);
            }
            alike = platform.system.link.bit_error_rate == 0 && ExchangeProgram::can_fold(network_, exchange);
            exchange.folded = alike && options.symmetry;
            program_ = std::make_unique<ExchangeProgram>(network_, exchange);
        }
        if (alike && options.symmetry) {
            result.chips_simulated = 1;
            result.symmetry = mapped.exchange ? "exact: the programs are the same, and in this collective all chips "
                                                "send the same over links that no two of them share"
                                              : "exact: the programs are the same, and chips do not talk";
        } else {
            result.symmetry =
                alike ? "not used"
                      : "not exact: in this collective chips do not all do the same, or links make errors of their own";
        }
        for (std::uint64_t chip = 1; chip < result.chips_simulated; ++chip) {
            add_programs(mapped, platform.chip.tiles);
        }
    }

    const ChipNetwork& network() const { return network_; }
    ExchangeProgram* program() const { return program_.get(); }
    CommandSource* source(std::size_t chip, std::size_t tile, std::size_t tiles) const {
        return mapped_.programs[chip * tiles + tile].get();
    }

    ParallelResult result;

private:
    const ChipNetwork network_;
    MappedRun& mapped_;
    std::unique_ptr<ExchangeProgram> program_;
};

class Run {
public:
    Run(const Platform& platform, const MappedRun& mapped, const Parts& parts, const SimulationOptions& options)
        : plan_(*mapped.plan), options_(options), clock_(platform.chip.clock()) {
        Chip::Params chip;
        chip.config = platform.chip;
        chip.lt = options.lt;
        if (options.fast_forward && !mapped.exchange && can_fast_forward(platform, options)) {
            for (const PlannedOperation& operation : plan_.operations) {
                // Sharers of a load wait for each other: what they do is simulated whole.
                chip.operation_bytes.push_back(
                    operation.shares_loads ? 0 : operation.dram_read_bytes + operation.dram_write_bytes);
            }
        }
        ChipSystem::Params system;
        for (std::size_t c = 0; c < parts.result.chips_simulated; ++c) {
            chip.sources.clear();
            for (std::size_t tile = 0; tile < platform.chip.tiles; ++tile) {
                chip.sources.push_back(parts.source(c, tile, platform.chip.tiles));
            }
            system.chips.push_back(chip);
        }
        system.network = &parts.network();
        system.link = platform.system.link;
        system.exchange = parts.program();
        system.link_router = platform.system.port.router;
        system.chunks_at_once =
            static_cast<unsigned>(platform.system.port.buffer_bytes / platform.system.port.chunk_bytes);
        system_ = std::make_unique<ChipSystem>(system);
        for (std::size_t c = 0; options.waves != nullptr && c < system_->chips().size(); ++c) {
            system_->chips()[c]->add_waves(WaveScope(options.waves, "chip" + std::to_string(c)));
        }
    }

    RunEnd run() {
        sc_core::sc_start(sc_core::SC_ZERO_TIME);
        while (!complete()) {
            if (!sc_core::sc_pending_activity()) {
                return RunEnd::deadlock;
            }
            // Stopping at starvation keeps the time of a deadlock; such a slice must reach the next event.
            const std::uint64_t now = sc_core::sc_time_stamp().value();
            const std::uint64_t next = sc_core::sc_time_to_pending_activity().value();
            std::uint64_t slice = std::max(kSlicePs, next);
            if (options_.time_limit_ps != 0) {
                if (now + next >= options_.time_limit_ps) {
                    return RunEnd::time_limit;
                }
                slice = std::min(slice, options_.time_limit_ps - now);
            }
            sc_core::sc_start(sc_core::sc_time::from_value(slice), sc_core::SC_EXIT_ON_STARVATION);
            if (options_.interrupted != nullptr && options_.interrupted->load()) {
                return RunEnd::interrupted;
            }
            if (options_.progress) {
                options_.progress(progress());
            }
        }
        return RunEnd::completed;
    }

    const ChipSystem& system() const { return *system_; }

    std::string waiting() const {
        std::string text;
        for (const auto& chip : system_->chips()) {
            text += chip->waiting();
        }
        return text;
    }

    Progress progress() const {
        Progress progress;
        const std::uint64_t ps = sc_core::sc_time_stamp().value();
        progress.cycle = clock_.edge_at_or_before(ps);
        progress.simulated_s = static_cast<double>(ps) * 1e-12;
        progress.operations = plan_.operations.size();
        progress.operation = first().ledger().retired();
        if (progress.operation < plan_.operations.size()) {
            progress.name = plan_.operations[progress.operation].name;
        }
        return progress;
    }

private:
    const Chip& first() const { return *system_->chips().front(); }
    bool complete() const {
        return std::all_of(system_->chips().begin(), system_->chips().end(),
                           [](const auto& chip) { return chip->ledger().complete(); });
    }

    const Plan& plan_;
    const SimulationOptions& options_;
    const Clock clock_;
    std::unique_ptr<ChipSystem> system_;
};

std::string how_far(const Progress& progress) {
    return "at cycle " + std::to_string(progress.cycle) + ", operation " + std::to_string(progress.operation + 1) +
           " of " + std::to_string(progress.operations) + " (" + progress.name + ")";
}

} // namespace

void check_mapping(const Platform& platform, const Graph& network, bool training) {
    SimulationOptions options;
    options.training = training;
    map_run(platform, network, options);
}

RunResult simulate(const Platform& platform, const Graph& network, const SimulationOptions& options) {
    MappedRun mapped = map_run(platform, network, options);
    const Parts parts(platform, mapped, options.parallel);
    Run run(platform, mapped, parts, options);
    const RunEnd end = run.run();
    if (options.waves != nullptr) {
        options.waves->end_sources(sc_core::sc_time_stamp().value());
    }

    const std::uint64_t copies = parts.result.chips / parts.result.chips_simulated;
    RunResult result =
        account({platform, network, *mapped.plan, run.system(), copies, options.parallel.data, parts.program()},
                end == RunEnd::completed);
    if (options.parallel.chips() > 1) {
        result.parallel = parts.result;
    }
    if (result.communication) {
        result.communication->algorithm = collective_algorithm_name(options.parallel.algorithm);
        result.communication->overlap = options.parallel.overlap;
    }
    result.mode = options.training ? "training" : "inference";
    if (mapped.training) {
        result.training = mapped.training;
        for (const OperationResult& row : result.operations) {
            (row.pass == "forward"  ? result.training->forward_cycles
             : row.pass == "update" ? result.training->update_cycles
                                    : result.training->backward_cycles) += row.cycles;
        }
    }
    result.end = end;
    if (end == RunEnd::deadlock) {
        result.end_detail = "deadlock " + how_far(run.progress()) + ":\n" + run.waiting();
    } else if (end != RunEnd::completed) {
        result.end_detail = how_far(run.progress());
    }
    return result;
}

std::string exchange_refusal(const Platform& platform, const ParallelOptions& options) {
    const CollectiveOp op = options.tensor > 1 ? CollectiveOp::all_gather : CollectiveOp::all_reduce;
    return collective_refusal(ChipNetwork(platform.system), options.algorithm,
                              {op, platform.system.port.chunk_bytes, 1});
}

} // namespace systolica
