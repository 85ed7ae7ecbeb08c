// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "platforms/simulation.h"

#include <algorithm>
#include <memory>

#include <systemc>

#include "models/chip/chip.h"
#include "platforms/mapped_run.h"
#include "platforms/run_account.h"

namespace systolica {

namespace {

// Simulated time between looks at the limits and the user's wishes. Slicing does not change what happens.
constexpr std::uint64_t kSlicePs = 20'000'000;

bool can_fast_forward(const Platform& platform, const SimulationOptions& options) {
    return !options.lt && options.waves == nullptr && platform.chip.dram.model == DramModel::controller;
}

class Run {
public:
    Run(const Platform& platform, const MappedRun& mapped, const SimulationOptions& options)
        : plan_(*mapped.plan), options_(options), clock_(platform.chip.clock()) {
        Chip::Params params;
        params.config = platform.chip;
        params.lt = options.lt;
        if (options.fast_forward && can_fast_forward(platform, options)) {
            for (const PlannedOperation& operation : plan_.operations) {
                // Sharers of a load wait for each other: what they do is simulated whole.
                params.operation_bytes.push_back(
                    operation.shares_loads ? 0 : operation.dram_read_bytes + operation.dram_write_bytes);
            }
        }
        for (const std::unique_ptr<CommandSource>& program : mapped.programs) {
            params.sources.push_back(program.get());
        }
        chip_ = std::make_unique<Chip>("chip0", params);
        if (options.waves != nullptr) {
            chip_->add_waves(WaveScope(options.waves, "chip0"));
        }
    }

    RunEnd run() {
        sc_core::sc_start(sc_core::SC_ZERO_TIME);
        while (!chip_->ledger().complete()) {
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

    Chip& chip() { return *chip_; }

    Progress progress() const {
        Progress progress;
        const std::uint64_t ps = sc_core::sc_time_stamp().value();
        progress.cycle = clock_.edge_at_or_before(ps);
        progress.simulated_s = static_cast<double>(ps) * 1e-12;
        progress.operations = plan_.operations.size();
        progress.operation = chip_->ledger().retired();
        if (progress.operation < plan_.operations.size()) {
            progress.name = plan_.operations[progress.operation].name;
        }
        return progress;
    }

private:
    const Plan& plan_;
    const SimulationOptions& options_;
    const Clock clock_;
    std::unique_ptr<Chip> chip_;
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
    const MappedRun mapped = map_run(platform, network, options);
    const Plan& plan = *mapped.plan;
    Run run(platform, mapped, options);
    const RunEnd end = run.run();
    if (options.waves != nullptr) {
        options.waves->end_sources(sc_core::sc_time_stamp().value());
    }

    RunResult result = account(platform, network, plan, run.chip(), end == RunEnd::completed);
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
        result.end_detail = "deadlock " + how_far(run.progress()) + ":\n" + run.chip().waiting();
    } else if (end != RunEnd::completed) {
        result.end_detail = how_far(run.progress());
    }
    return result;
}

} // namespace systolica
