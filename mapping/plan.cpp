// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "mapping/plan.h"

#include <algorithm>
#include <optional>

#include "base/diagnostics.h"
#include "mapping/choice_cache.h"
#include "mapping/fusion.h"
#include "mapping/group_forms.h"
#include "mapping/group_parts.h"
#include "mapping/kept_input.h"
#include "mapping/placement.h"
#include "mapping/search.h"

namespace systolica {

namespace {

constexpr std::uint64_t kAlignment = 4096;

class Planner {
public:
    Planner(const Graph& graph, const ChipConfig& chip, const MappingOptions& options)
        : graph_(graph), choices_(chip, options) {
        plan_.chip = chip;
        plan_.options = options;
    }

    Plan run() {
        list_operations();
        for (const Tensor& tensor : graph_.tensors) {
            plan_.tensors.push_back(planned_tensor(tensor.name, tensor.shape, plan_.chip.precision));
            if (tensor.producer < 0) {
                place(plan_.tensors.back().layout);
            }
        }
        for (const std::vector<int>& ops : fuse(graph_, plan_.options.fusion)) {
            add_group(ops);
        }
        check_memory();
        if (!problems_.empty()) {
            throw InputError(problems_);
        }
        return std::move(plan_);
    }

private:
    const Operator& op(int index) const { return graph_.operators[static_cast<std::size_t>(index)]; }
    PlannedTensor& tensor(int index) { return plan_.tensors[static_cast<std::size_t>(index)]; }

    void list_operations() {
        for (const Operator& o : graph_.operators) {
            PlannedOperation planned;
            planned.name = o.name;
            planned.op = op_label(graph_, o);
            const GemmShape gemm = gemm_shape(graph_, o);
            planned.m = gemm.m;
            planned.n = gemm.n;
            planned.k = gemm.k;
            planned.macs = gemm.macs();
            planned.view = o.kind == OpKind::flatten || o.kind == OpKind::reshape;
            plan_.operations.push_back(planned);
        }
    }

    void add_group(const std::vector<int>& ops) {
        const Operator& first = op(ops.front());
        std::vector<OperatorRef> refs;
        for (const int index : ops) {
            refs.push_back({&op(index), index});
        }
        if (first.kind == OpKind::flatten || first.kind == OpKind::reshape) {
            tensor(first.output) = planned_view(graph_, plan_, first);
        } else if (first.kind == OpKind::concat) {
            add_parts(concat_groups(graph_, refs.front()), concat_blocks(graph_, first));
        } else if (first.kind == OpKind::conv_transpose) {
            const std::vector<Group> phases = transposed_groups(graph_, refs);
            PlannedOperation& row = plan_.operations[phases.front().operation];
            row.macs = 0;
            for (const Group& phase : phases) {
                row.macs += phase.layer.macs();
            }
            add_parts(phases, {0, graph_.output_of(first).shape.c});
        } else {
            Group group = make_group(graph_, refs);
            add_learned(group);
            map_group(std::move(group));
        }
    }

    // Weights that are read like a tensor.
    void add_learned(Group& group) {
        for (Operand& operand : group.operands) {
            if (operand.tensor == kLearned) {
                const Operator& owner = op(static_cast<int>(operand.operation));
                operand.tensor = static_cast<int>(plan_.tensors.size());
                plan_.tensors.push_back(
                    planned_tensor(owner.name + ".weights", learned_shape(graph_, owner), plan_.chip.precision));
                place(plan_.tensors.back().layout);
            }
        }
    }

    // Several groups make one tensor.
    void add_parts(const std::vector<Group>& groups, const std::vector<std::uint64_t>& boundaries) {
        PlannedTensor& out = tensor(groups.front().output.tensor);
        out.layout.boundaries = boundaries;
        place(out.layout);
        open_event(out);
        for (Group group : groups) {
            add_learned(group);
            map_group(std::move(group));
        }
    }

    void map_group(Group group) {
        fold_input(group);
        const Choice& choice = choices_.choose(group.layer);
        if (choice.shortfall.empty()) {
            const std::optional<Choice> kept = keep_input(group, choice);
            append(std::move(group), kept ? *kept : choice);
            return;
        }
        if (group.layer.matrix && group.layer.groups > 1 && group.layer.out_group() > 1) {
            map_group_by_group(group); // a group may fit in parts where it does not fit whole
            return;
        }
        report_shortfall(group, choice);
    }

    // Leaves the input of `group` on chip if the group before makes it, every tile needs only what it made itself, it
    // fits beside what that group works on, and the estimate gains. Returns the tiling for it.
    std::optional<Choice> keep_input(Group& group, const Choice& plain) {
        if (!plan_.options.keep_on_chip || plan_.options.overlap != Overlap::layer || plan_.groups.empty()) {
            return {};
        }
        Group& before = plan_.groups.back();
        if (before.output.tensor != group.input.tensor || !before.output.plain() || !group.input.plain() ||
            before.layer.stages.empty() || !group.layer.matrix || group.layer.product || before.may_load_nothing ||
            !before.begins_operation || !before.ends_operation || !group.begins_operation || !group.ends_operation ||
            before.layer.out_channels != group.layer.in_channels) {
            return {};
        }
        const std::uint64_t element = plan_.chip.precision.activation_bytes();
        if (!output_fits_beside(before, plan_.groups.size() > 1 ? &plan_.groups[plan_.groups.size() - 2] : nullptr,
                                plan_.chip)) {
            return {};
        }
        const Choice& kept = choices_.choose_kept(group.layer, before.shares, [&](const std::vector<Share>& shares) {
            return makes_what_is_needed(before, group.layer, shares);
        });
        if (!kept.shortfall.empty()) {
            return {};
        }
        const bool only_here = consumed_once(group.input.tensor);
        const double saved =
            only_here
                ? CostModel(plan_.chip, true).memory_cycles(static_cast<double>(before.layer.out_elements() * element))
                : 0;
        if (kept.cost.cycles > plain.cost.cycles + saved) {
            return {};
        }
        before.output_kept = true;
        group.input_kept = true;
        if (only_here) {
            before.output_stored = false;
            plan_.operations[before.last_operation].dram_write_bytes -= before.layer.out_elements() * element;
        }
        return kept;
    }

    bool consumed_once(int planned_tensor) const {
        return graph_.tensors[static_cast<std::size_t>(planned_tensor)].consumers.size() == 1;
    }

    void report_shortfall(const Group& group, const Choice& choice) {
        problems_.add({graph_.name, 0, 0}, plan_.operations[group.operation].name,
                      "expected a layer that fits the tile, got: " + choice.shortfall);
    }

    void map_group_by_group(const Group& whole) {
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
            place(out.layout);
            open_event(out);
        }
        for (std::uint64_t g = 0; g < whole.layer.groups; ++g) {
            Group group = whole;
            group.layer = layer;
            group.input.start[0] = g * layer.in_channels;
            group.factor.start[0] = g * layer.in_channels;
            group.output.start[0] = g * layer.out_channels;
            group.begins_operation = whole.begins_operation && g == 0;
            group.ends_operation = whole.ends_operation && g + 1 == whole.layer.groups;
            append(std::move(group), choice);
        }
    }

    // Windows over whole rows: the input is seen with larger pixels.
    void fold_input(Group& group) {
        if (tensor(group.input.tensor).view_of >= 0 || !group.input.plain()) {
            return;
        }
        const FoldedWindow folded = fold_whole_windows(group.layer);
        if (folded.width == 1) {
            return;
        }
        PlannedTensor view = tensor(group.input.tensor);
        view.layout = view.layout.flattened(folded.height);
        view.shape = {view.shape.n, view.shape.c * folded.width * folded.height, view.shape.h / folded.height, 1};
        group.input.tensor = static_cast<int>(plan_.tensors.size());
        plan_.tensors.push_back(view);
    }

    void append(Group group, const Choice& choice) {
        const Precision& p = plan_.chip.precision;
        group.tiling = choice.tiling;
        group.shares = CostModel(plan_.chip, true).shares(group.layer, group.tiling);
        plan_.estimated_cycles += choice.cost.cycles;
        if (group.layer.matrix && !group.layer.product) {
            group.weight_base = plan_.memory_bytes;
            take_memory(group.layer.out_channels *
                        (group.layer.in_group() * group.layer.kernel_positions() * p.weight_bytes() +
                         (group.layer.bias ? p.accumulator_bytes() : 0)));
        }
        if (group.layer.channel_constants > 0) {
            group.constants_base = plan_.memory_bytes;
            take_memory(group.layer.out_channels * group.layer.channel_constants * p.accumulator_bytes());
        }
        start_after_previous(group);
        place_output(group);
        count_bytes(group, plan_);
        plan_.groups.push_back(std::move(group));
    }

    void place_output(const Group& group) {
        PlannedTensor& out = tensor(group.output.tensor);
        const bool shared = out.event != 0; // several groups make its channels
        if (!shared) {
            out.layout.boundaries = result_blocks(plan_, group);
            place(out.layout);
            open_event(out);
        }
        for (const Share& share : group.shares) {
            out.threshold += share.empty() ? 0 : 1;
        }
    }

    void open_event(PlannedTensor& planned) {
        planned.event = ++events_;
        planned.threshold = 0;
    }

    // Without overlap across operations a group starts when the one before has stored everything.
    void start_after_previous(Group& group) {
        if (plan_.options.overlap == Overlap::layer || plan_.groups.empty()) {
            return;
        }
        const PlannedTensor& before = tensor(plan_.groups.back().output.tensor);
        group.start_event = before.event;
        group.start_threshold = before.threshold;
    }

    void place(TensorLayout& layout) {
        layout.base = plan_.memory_bytes;
        take_memory(layout.bytes());
    }

    void take_memory(std::uint64_t bytes) {
        plan_.memory_bytes = (plan_.memory_bytes + bytes + kAlignment - 1) / kAlignment * kAlignment;
    }

    void check_memory() {
        const std::uint64_t capacity = plan_.chip.dram.capacity_bytes();
        if (plan_.chip.dram.model != DramModel::ideal && plan_.memory_bytes > capacity) {
            problems_.add({graph_.name, 0, 0}, "",
                          "expected a network that fits the DRAM, got: it lacks " +
                              std::to_string(plan_.memory_bytes - capacity) + " bytes (needs " +
                              std::to_string(plan_.memory_bytes) + ", has " + std::to_string(capacity) + ")");
        }
    }

    const Graph& graph_;
    Plan plan_;
    Problems problems_;
    ChoiceCache choices_;
    std::uint32_t events_ = 0;
};

} // namespace

Plan make_plan(const Graph& graph, const ChipConfig& chip, const MappingOptions& options) {
    return Planner(graph, chip, options).run();
}

} // namespace systolica
