// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "mapping/simdit/fused_slices.h"

#include <algorithm>

#include "base/integer.h"
#include "machine/simdit/cost.h"

namespace systolica {

namespace {

// What an interface can still move in a phase.
class Budget {
public:
    Budget(std::uint64_t cycles, unsigned bits_per_cycle) : cycles_(cycles), bits_per_cycle_(bits_per_cycle) {}

    // As much of `left` as there is time for.
    std::uint64_t take(std::uint64_t& left) {
        const std::uint64_t bytes = std::min(left, cycles_ * bits_per_cycle_ / 8);
        left -= bytes;
        cycles_ -= simdit_transfer_cycles(bytes, bits_per_cycle_);
        return bytes;
    }

private:
    std::uint64_t cycles_;
    unsigned bits_per_cycle_;
};

// The part of a step's loads that `cycles` are enough for; the step keeps the rest.
SimditProductStep cut(const SimditConfig& config, SimditProductStep& left, std::uint64_t cycles) {
    SimditProductStep part;
    Budget ifmap(cycles, config.ifmap_bits_per_cycle);
    Budget weight(cycles, weight_interface_bits(config));
    Budget ofmap(cycles, config.ofmap_bits_per_cycle);
    part.psum_load_bytes = ofmap.take(left.psum_load_bytes);
    part.ifmap_bytes = ifmap.take(left.ifmap_bytes);
    part.weight_bytes = weight.take(left.weight_bytes);
    part.bias_bytes = weight.take(left.bias_bytes);
    return part;
}

template <class Transfers>
std::uint64_t cycles_of(const Transfers& transfers, unsigned bits_per_cycle) {
    std::uint64_t cycles = 0;
    for (const SimditTransfers& transfer : transfers) {
        cycles += transfer.count * simdit_transfer_cycles(transfer.bytes, bits_per_cycle);
    }
    return cycles;
}

template <class Transfers>
void add_bytes(const SimditVectorStep& step, const Transfers& from, Transfers& to) {
    for (std::size_t i = 0; i < from.size(); ++i) {
        to[i].count = 1;
        to[i].bytes += step.times * from[i].count * from[i].bytes;
    }
}

void append(std::vector<SimditPhase>& phases, std::vector<Command> commands) {
    if (!commands.empty()) {
        phases.push_back({std::move(commands)});
    }
}

} // namespace

std::vector<SimditPhase> simdit_step_phases(const SimditStepCommands& commands, const SimditVectorStep& step) {
    std::vector<SimditPhase> phases;
    append(phases, commands.loads(step));
    if (step.compute_cycles > 0) {
        append(phases, {commands.vector(step)});
    }
    append(phases, commands.stores(step));
    return phases;
}

FusedSlices::FusedSlices(const SimditConfig& config, const SimditVector& work, std::uint32_t operation,
                         std::uint64_t finished)
    : config_(config), commands_(config, operation) {
    std::uint64_t tiles = 0;
    for (const SimditVectorStep& step : simdit_schedule(config, work)) {
        tiles += step.times;
        rest_.compute_cycles += step.times * step.compute_cycles;
        add_bytes(step, step.loads, rest_.loads);
        add_bytes(step, step.stores, rest_.stores);
    }
    slices_ = ceil_div(tiles, finished);
    const auto divide = [parts = finished * slices_](std::uint64_t& all) {
        const std::uint64_t each = all / parts;
        all -= each * parts;
        return each;
    };
    slice_.compute_cycles = divide(rest_.compute_cycles);
    for (std::size_t i = 0; i < rest_.loads.size(); ++i) {
        slice_.loads[i] = {1, divide(rest_.loads[i].bytes)};
    }
    for (std::size_t i = 0; i < rest_.stores.size(); ++i) {
        slice_.stores[i] = {1, divide(rest_.stores[i].bytes)};
    }
}

bool FusedSlices::possible() const {
    return slice_.compute_cycles > simdit_fill_cycles(config_.pipeline_stages, config_.lanes);
}

std::vector<SimditPhase> FusedSlices::phases(const SimditStepCommands& product, const Command& tile,
                                             const SimditProductStep& step) const {
    std::vector<SimditPhase> phases;
    SimditProductStep left = step;
    const auto add = [&](std::vector<Command> commands, std::uint64_t cycles) {
        const std::vector<Command> beside = product.loads(cut(config_, left, cycles));
        // In front: loads retire in order, and the slice's are waited for.
        commands.insert(commands.end(), beside.begin(), beside.end());
        append(phases, std::move(commands));
    };
    add({tile}, step.compute_cycles);
    for (std::uint64_t i = 0; i < slices_; ++i) {
        add(commands_.loads(slice_), cycles_of(slice_.loads, config_.vector_bits_per_cycle));
        add({commands_.vector(slice_)}, slice_.compute_cycles);
        add(commands_.stores(slice_), cycles_of(slice_.stores, config_.vector_bits_per_cycle));
    }
    append(phases, product.loads(left));
    return phases;
}

std::vector<SimditPhase> FusedSlices::rest() const {
    return simdit_step_phases(commands_, rest_);
}

} // namespace systolica
