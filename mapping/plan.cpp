// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "mapping/plan.h"

#include <algorithm>
#include <optional>

#include "base/diagnostics.h"
#include "mapping/choice_cache.h"
#include "mapping/fusion.h"
#include "mapping/group_parts.h"
#include "mapping/kept_input.h"
#include "mapping/nest.h"
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
            PlannedTensor planned;
            planned.name = tensor.name;
            planned.layout.rows = tensor.shape.n * tensor.shape.h;
            planned.layout.width = tensor.shape.w;
            planned.layout.element_bytes = plan_.chip.precision.activation_bytes();
            planned.layout.boundaries = {0, tensor.shape.c};
            if (tensor.producer < 0) {
                place(planned.layout);
            }
            plan_.tensors.push_back(planned);
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
            planned.view = o.kind == OpKind::flatten;
            plan_.operations.push_back(planned);
        }
    }

    void add_group(const std::vector<int>& ops) {
        const Operator& first = op(ops.front());
        if (first.kind == OpKind::flatten) {
            const Tensor& in = graph_.input_of(first);
            PlannedTensor& view = tensor(first.output);
            const std::string name = view.name;
            view = tensor(first.inputs[0]);
            view.name = name;
            view.layout = view.layout.flattened(in.shape.h);
            return;
        }
        if (first.kind == OpKind::concat) {
            add_concat(ops.front());
            return;
        }
        Group group;
        group.layer = make_layer(graph_, first);
        group.operation = static_cast<std::uint32_t>(ops.front());
        group.last_operation = static_cast<std::uint32_t>(ops.back());
        group.input = first.inputs[0];
        group.output = op(ops.back()).output;
        if (!group.layer.matrix) {
            add_stage(graph_, group, first, ops.front());
            for (std::size_t i = 1; i < first.inputs.size(); ++i) {
                add_extra(group, first.inputs[i], ops.front());
            }
        }
        for (std::size_t i = 1; i < ops.size(); ++i) {
            const Operator& fused = op(ops[i]);
            add_stage(graph_, group, fused, ops[i]);
            for (const int input : fused.inputs) {
                if (input != op(ops[i - 1]).output) {
                    add_extra(group, input, ops[i]);
                }
            }
        }
        map_group(std::move(group));
    }

    void add_extra(Group& group, int input, int operation) {
        group.extra_inputs.push_back(input);
        group.extra_operations.push_back(static_cast<std::uint32_t>(operation));
        group.layer.extra_operands = static_cast<unsigned>(group.extra_inputs.size());
    }

    // One copy for each input, into its channels of the output.
    void add_concat(int index) {
        const Operator& concat = op(index);
        std::vector<std::uint64_t> boundaries{0};
        for (std::size_t i = 0; i < concat.inputs.size(); ++i) {
            boundaries.push_back(boundaries.back() +
                                 graph_.tensors[static_cast<std::size_t>(concat.inputs[i])].shape.c);
        }
        PlannedTensor& out = tensor(concat.output);
        out.layout.boundaries = boundaries;
        place(out.layout);
        open_event(out);
        for (std::size_t i = 0; i < concat.inputs.size(); ++i) {
            Group group;
            Operator one = concat;
            one.inputs = {concat.inputs[i]};
            group.layer = make_layer(graph_, one);
            group.layer.in_channels = group.layer.out_channels = group.layer.groups = boundaries[i + 1] - boundaries[i];
            group.operation = group.last_operation = static_cast<std::uint32_t>(index);
            group.input = concat.inputs[i];
            group.output = concat.output;
            group.output_channel = boundaries[i];
            add_stage(graph_, group, one, index);
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
        if (before.output != group.input || before.layer.stages.empty() || !group.layer.matrix ||
            !before.begins_operation || !before.ends_operation || before.output_channel != 0 ||
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
        const bool only_here = consumed_once(group.input);
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
        PlannedTensor& out = tensor(whole.output);
        out.layout.boundaries = {0};
        for (std::uint64_t g = 1; g <= whole.layer.groups; ++g) {
            out.layout.boundaries.push_back(g * layer.out_channels);
        }
        place(out.layout);
        open_event(out);
        for (std::uint64_t g = 0; g < whole.layer.groups; ++g) {
            Group group = whole;
            group.layer = layer;
            group.input_channel = g * layer.in_channels;
            group.output_channel = g * layer.out_channels;
            group.begins_operation = g == 0;
            group.ends_operation = g + 1 == whole.layer.groups;
            append(std::move(group), choice);
        }
    }

    // Windows over whole rows: the input is seen with larger pixels.
    void fold_input(Group& group) {
        const FoldedWindow folded = fold_whole_windows(group.layer);
        if (folded.width == 1) {
            return;
        }
        PlannedTensor view = tensor(group.input);
        view.layout = view.layout.flattened(folded.height);
        group.input = static_cast<int>(plan_.tensors.size());
        plan_.tensors.push_back(view);
    }

    void append(Group group, const Choice& choice) {
        const Precision& p = plan_.chip.precision;
        group.tiling = choice.tiling;
        group.shares = CostModel(plan_.chip, true).shares(group.layer, group.tiling);
        plan_.estimated_cycles += choice.cost.cycles;
        if (group.layer.matrix) {
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

    // The slices in which the tiles make their channels become the blocks of the tensor.
    void place_output(Group& group) {
        PlannedTensor& out = tensor(group.output);
        const bool shared = out.event != 0; // several groups make its channels
        if (!shared) {
            std::vector<std::uint64_t> boundaries;
            for (const Share& share : group.shares) {
                for (std::uint64_t c = share.channels.begin; !share.empty() && c < share.channels.end;
                     c += group.tiling.n_block) {
                    boundaries.push_back(c);
                }
            }
            boundaries.push_back(group.layer.out_channels);
            std::sort(boundaries.begin(), boundaries.end());
            boundaries.erase(std::unique(boundaries.begin(), boundaries.end()), boundaries.end());
            out.layout.boundaries = boundaries;
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
        const PlannedTensor& before = tensor(plan_.groups.back().output);
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
