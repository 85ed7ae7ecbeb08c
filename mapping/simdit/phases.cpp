// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "mapping/simdit/phases.h"

#include <algorithm>
#include <optional>

#include "mapping/simdit/fused_slices.h"
#include "mapping/simdit/step_commands.h"

namespace systolica {

namespace {

struct PartSchedule {
    SimditPart part;
    SimditProductTiling tile;
    std::vector<SimditProductStep> steps;
};

class Builder {
public:
    Builder(const SimditConfig& config, const SimditProgram& program) : config_(config), program_(program) {}

    std::vector<SimditBlock> build() {
        for (std::size_t i = 0; i < program_.size(); ++i) {
            operation_ = static_cast<std::uint32_t>(i);
            for (std::size_t task = 0; task < program_[i].tasks.size(); ++task) {
                const SimditWork& work = program_[i].tasks[task].work;
                if (const auto* product = std::get_if<SimditProduct>(&work)) {
                    add(*product);
                } else {
                    add(std::get<SimditVector>(work));
                }
            }
            if (!program_[i].view()) {
                end_operation();
            }
        }
        return std::move(blocks_);
    }

private:
    void add(const SimditProduct& product) {
        std::vector<PartSchedule> parts;
        for (const SimditPart& part : simdit_parts(product)) {
            parts.push_back({part, simdit_tiling(config_, part.product), simdit_schedule(config_, part.product)});
        }
        begin_slices(parts);
        const SimditStepCommands commands(config_, operation_);
        for (const PartSchedule& part : parts) {
            blocks_.push_back({part.part.times, {}});
            for (const SimditProductStep& step : part.steps) {
                if (slices_ && step.following_cycles == following_cycles_) {
                    append(step.times, slices_->phases(commands, commands.matrix(part.tile, step), step));
                } else {
                    append(step.times, {{commands_of(commands, part.tile, step)}});
                }
            }
        }
    }

    static std::vector<Command> commands_of(const SimditStepCommands& commands, const SimditProductTiling& tile,
                                            const SimditProductStep& step) {
        std::vector<Command> all = commands.loads(step);
        if (step.compute_cycles > 0) {
            all.push_back(commands.matrix(tile, step));
        }
        if (step.store_bytes > 0) {
            all.push_back(commands.store(Pad::ofmap, SimditTensor::small_result, step.store_bytes));
        }
        return all;
    }

    // Whether and how the next operation is carried out beside the product's steps that say so. A fraction of such a
    // step has fewer following cycles; it gets no slice.
    void begin_slices(const std::vector<PartSchedule>& parts) {
        slices_.reset();
        following_cycles_ = 0;
        std::uint64_t finished = 0;
        for (const PartSchedule& part : parts) {
            for (const SimditProductStep& step : part.steps) {
                if (step.following_cycles > following_cycles_) {
                    following_cycles_ = step.following_cycles;
                    finished = 0;
                }
                if (step.following_cycles == following_cycles_ && following_cycles_ > 0) {
                    finished += part.part.times * step.times;
                }
            }
        }
        if (finished > 0) {
            const auto& next = std::get<SimditVector>(program_[operation_ + 1].tasks.front().work);
            slices_.emplace(config_, next, operation_ + 1, finished);
            if (!slices_->possible()) {
                slices_.reset();
            }
        }
    }

    void add(const SimditVector& work) {
        blocks_.emplace_back();
        if (slices_) { // most of it has been done beside the product
            append(1, slices_->rest());
            slices_.reset();
            return;
        }
        const SimditStepCommands commands(config_, operation_);
        for (const SimditVectorStep& step : simdit_schedule(config_, work)) {
            append(step.times, simdit_step_phases(commands, step));
        }
    }

    void append(std::uint64_t times, std::vector<SimditPhase> phases) {
        phases.erase(std::remove_if(phases.begin(), phases.end(),
                                    [](const SimditPhase& phase) { return phase.commands.empty(); }),
                     phases.end());
        if (!phases.empty()) {
            blocks_.back().runs.push_back({times, std::move(phases)});
        }
    }

    void end_operation() { blocks_.push_back({1, {{1, {{{SimditStepCommands(config_, operation_).end()}}}}}}); }

    const SimditConfig& config_;
    const SimditProgram& program_;
    std::uint32_t operation_ = 0;
    std::optional<FusedSlices> slices_;
    std::uint64_t following_cycles_ = 0;
    std::vector<SimditBlock> blocks_;
};

} // namespace

std::vector<SimditBlock> simdit_phases(const SimditConfig& config, const SimditProgram& program) {
    return Builder(config, program).build();
}

} // namespace systolica
