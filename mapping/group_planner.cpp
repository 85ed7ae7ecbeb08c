// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "mapping/group_planner.h"

#include <utility>

#include "mapping/cost.h"
#include "mapping/group_parts.h"
#include "mapping/placement.h"
#include "mapping/split_sums.h"

namespace systolica {

namespace {

constexpr std::uint64_t kAlignment = 4096;

// What the chip cannot do is not planned.
MappingOptions possible(MappingOptions options, const ChipConfig& chip) {
    options.exchange = options.exchange && chip.tiles > 1;
    options.share_loads = options.share_loads && chip.tiles > 1 && chip.noc.multicast;
    options.split_sums = options.split_sums && chip.tiles > 1 && chip.noc.multicast; // or the sums come one by one
    return options;
}

} // namespace

GroupPlanner::GroupPlanner(std::string network, const ChipConfig& chip, const MappingOptions& options)
    : GroupPlanner(std::move(network), chip, options, chip) {}

GroupPlanner::GroupPlanner(std::string network, const ChipConfig& chip, const MappingOptions& options,
                           const ChipConfig& chosen_for)
    : choices_(chosen_for, possible(options, chosen_for)), network_(std::move(network)) {
    plan_.chip = chip;
    plan_.options = possible(options, chip);
}

int GroupPlanner::add_tensor(PlannedTensor planned) {
    plan_.tensors.push_back(std::move(planned));
    return static_cast<int>(plan_.tensors.size()) - 1;
}

Choice GroupPlanner::improved(Group&, const Choice& choice) {
    return choice;
}

Plan GroupPlanner::finish() {
    check_memory();
    if (!problems_.empty()) {
        throw InputError(problems_);
    }
    return std::move(plan_);
}

// Widths follow from the tensors.
void GroupPlanner::complete_forms(Group& group) {
    const Precision& p = plan_.chip.precision;
    Layer& layer = group.layer;
    const auto width = [&](int index) { return index < 0 ? 1 : tensor(index).layout.element_bytes; };
    layer.set_bytes(p);
    layer.bytes.input = width(group.input.tensor) + (group.input_beside < 0 ? 0 : width(group.input_beside));
    layer.bytes.output = layer.output ? width(group.output.tensor) : 0;
    if (group.factor.tensor >= 0) {
        layer.bytes.filter = width(group.factor.tensor);
    }
    for (std::size_t i = 0; i < group.operands.size(); ++i) {
        OperandForm& form = layer.operands[i];
        form.bytes = width(group.operands[i].tensor);
        if (form.stretch.channels) { // a few values of a row (mean and deviation), each read for all of it
            form.bytes *= tensor(group.operands[i].tensor).shape.of(group.output.axes[0]);
        }
    }
    for (std::size_t i = 0; i < group.results.size(); ++i) {
        layer.results[i].bytes = width(group.results[i].tensor);
    }
    layer.constant_bytes = 0;
    for (ChannelConstants& constants : group.constants) {
        constants.bytes = constants.values * (constants.tensor < 0 ? p.accumulator_bytes() : width(constants.tensor));
        layer.constant_bytes += constants.bytes;
    }
}

void GroupPlanner::map_group(Group group) {
    fold_input(group);
    complete_forms(group);
    const Choice& choice = choices_.choose(group.layer);
    if (choice.shortfall.empty()) {
        const Choice better = improved(group, choice);
        append(std::move(group), better);
        return;
    }
    if (group.layer.matrix && group.layer.groups > 1 && group.layer.out_group() > 1) {
        map_group_by_group(group); // a group may fit in parts where it does not fit whole
        return;
    }
    report_shortfall(group, choice);
}

void GroupPlanner::report_shortfall(const Group& group, const Choice& choice) {
    problems_.add({network_, 0, 0}, plan_.operations[group.operation].name,
                  "expected a layer that fits the tile, got: " + choice.shortfall);
}

void GroupPlanner::map_group_by_group(const Group& whole) {
    const Layer layer = one_group(whole.layer);
    const Choice& choice = choices_.choose(layer);
    if (!choice.shortfall.empty()) {
        report_shortfall(whole, choice);
        return;
    }
    PlannedTensor& out = tensor(whole.output.tensor);
    if (out.event == 0) {
        out.layout.boundaries = {0};
        const std::uint64_t channels = whole.layer.product ? 1 : layer.out_channels;
        while (out.layout.channels() < out.shape.c) {
            out.layout.boundaries.push_back(out.layout.channels() + channels);
        }
        placed(out);
        open_event(out);
    }
    for (std::uint64_t g = 0; g < whole.layer.groups; ++g) {
        Group group = whole;
        group.layer = layer;
        group.input.start[0] = g * layer.in_channels;
        group.factor.start[0] = g * layer.in_channels;
        group.output.start[0] = g * layer.out_channels;
        group.weight_base += g * layer.out_channels * layer.in_channels * layer.kernel_positions() * layer.bytes.filter;
        group.begins_operation = whole.begins_operation && g == 0;
        group.ends_operation = whole.ends_operation && g + 1 == whole.layer.groups;
        append(std::move(group), choice);
    }
}

// Windows over whole rows: the input is seen with larger pixels.
void GroupPlanner::fold_input(Group& group) {
    const PlannedTensor& input = tensor(group.input.tensor);
    if (input.view_of >= 0 || !input.parts.empty() || !group.input.plain() || group.layer.weight_gradient) {
        return;
    }
    const FoldedWindow folded = fold_whole_windows(group.layer);
    if (folded.width == 1) {
        return;
    }
    PlannedTensor view = tensor(group.input.tensor);
    view.layout = view.layout.flattened(folded.height);
    view.shape = {view.shape.n, view.shape.c * folded.width * folded.height, view.shape.h / folded.height, 1};
    const int of = group.input.tensor;
    group.input.tensor = add_tensor(std::move(view));
    viewed(group.input.tensor, of);
}

void GroupPlanner::append(Group group, const Choice& choice) {
    group.tiling = choice.tiling;
    group.shares = shares_of(group);
    if (plan_.options.share_loads) {
        group.sharing = sharing_of(group.layer, group.tiling, group.shares);
    }
    plan_.estimated_cycles += choice.cost.cycles;
    give_parameters(group);
    start_after_previous(group);
    open_sums(group);
    place_output(group);
    place_results(group);
    count_bytes(group, plan_);
    plan_.groups.push_back(std::move(group));
}

std::vector<Share> GroupPlanner::shares_of(const Group& group) const {
    return CostModel(plan_.chip, true).shares(group.layer, group.tiling);
}

void GroupPlanner::give_parameters(Group& group) {
    const Layer& layer = group.layer;
    if (layer.matrix && !layer.product && !layer.weight_gradient && !group.has_weights) {
        group.weight_base =
            take_memory(layer.out_channels * (layer.in_group() * layer.kernel_positions() * layer.bytes.filter +
                                              (layer.bias ? plan_.chip.precision.accumulator_bytes() : 0)));
    }
    for (ChannelConstants& constants : group.constants) {
        if (constants.tensor < 0) {
            constants.base = take_memory(layer.out_channels * constants.bytes);
        }
    }
}

void GroupPlanner::place_output(const Group& group) {
    if (!group.layer.output) {
        return;
    }
    PlannedTensor& out = tensor(group.output.tensor);
    const bool shared = out.event != 0; // several groups make its channels
    if (!shared) {
        if (!group.layer.weight_gradient && !out.one_block) {
            out.layout.boundaries = result_blocks(plan_, group);
        }
        placed(out);
        open_event(out);
    }
    for (const Share& share : group.shares) {
        out.threshold += share.empty() || !share.owner() ? 0 : 1;
    }
}

void GroupPlanner::place_results(Group& group) {
    for (const Result& result : group.results) {
        PlannedTensor& out = tensor(result.tensor);
        if (out.event == 0) {
            placed(out);
            open_event(out);
        }
        for (const Share& share : group.shares) {
            out.threshold += share.empty() || !share.owner() ? 0 : 1;
        }
    }
}

void GroupPlanner::open_event(PlannedTensor& planned) {
    planned.event = open_events(1);
    planned.threshold = 0;
}

std::uint32_t GroupPlanner::open_events(std::uint32_t count) {
    const std::uint32_t first = events_ + 1;
    events_ += count;
    plan_.events = events_;
    return first;
}

void GroupPlanner::open_sums(Group& group) {
    if (group.tiling.ways > 1) {
        group.sums_event = open_events(sums_events(group));
    }
}

// Without overlap across operations a group starts when the one before has stored everything.
void GroupPlanner::start_after_previous(Group& group) {
    if (plan_.options.overlap == Overlap::layer || plan_.groups.empty()) {
        return;
    }
    const Group& last = plan_.groups.back();
    const PlannedTensor& before = tensor(last.results.empty() ? last.output.tensor : last.results.back().tensor);
    group.start_event = before.event;
    group.start_threshold = before.threshold;
}

std::uint64_t GroupPlanner::take_memory(std::uint64_t bytes) {
    const std::uint64_t base = plan_.memory_bytes;
    plan_.memory_bytes = (base + bytes + kAlignment - 1) / kAlignment * kAlignment;
    return base;
}

void GroupPlanner::check_memory() {
    const std::uint64_t capacity = plan_.chip.dram.capacity_bytes();
    if (plan_.chip.dram.model != DramModel::ideal && plan_.memory_bytes > capacity) {
        problems_.add({network_, 0, 0}, "",
                      "expected a network that fits the DRAM, got: it lacks " +
                          std::to_string(plan_.memory_bytes - capacity) + " bytes (needs " +
                          std::to_string(plan_.memory_bytes) + ", has " + std::to_string(capacity) + ")");
    }
}

} // namespace systolica
