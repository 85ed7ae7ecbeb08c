// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "mapping/plan.h"

#include <optional>

#include "mapping/cost.h"
#include "mapping/fusion.h"
#include "mapping/group_forms.h"
#include "mapping/group_planner.h"
#include "mapping/kept_input.h"
#include "mapping/placement.h"

namespace systolica {

namespace {

// Fetching puts the tiles in step with each other, which estimates do not see: it must gain more than this.
constexpr double kFetchMargin = 1.03;

class Planner : private GroupPlanner {
public:
    Planner(const Graph& graph, const ChipConfig& chip, const MappingOptions& options)
        : GroupPlanner(graph.name, chip, options), graph_(graph) {}

    Plan run() {
        list_operations();
        for (const Tensor& planned : graph_.tensors) {
            const int index = add_tensor(planned_tensor(planned.name, planned.shape, plan().chip.precision));
            if (planned.producer < 0) {
                placed(tensor(index));
            }
        }
        for (const std::vector<int>& ops : fuse(graph_, plan().options.fusion)) {
            add_group(ops);
        }
        return finish();
    }

private:
    const Operator& op(int index) const { return graph_.operators[static_cast<std::size_t>(index)]; }

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
            plan().operations.push_back(planned);
        }
    }

    void add_group(const std::vector<int>& ops) {
        const Operator& first = op(ops.front());
        std::vector<OperatorRef> refs;
        for (const int index : ops) {
            refs.push_back({&op(index), index});
        }
        if (first.kind == OpKind::flatten || first.kind == OpKind::reshape) {
            tensor(first.output) = planned_view(graph_, plan(), first);
        } else if (first.kind == OpKind::concat) {
            add_parts(concat_groups(graph_, refs.front()), concat_blocks(graph_, first));
        } else if (first.kind == OpKind::conv_transpose) {
            const std::vector<Group> phases = transposed_groups(graph_, refs);
            PlannedOperation& row = plan().operations[phases.front().operation];
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
                operand.tensor = add_tensor(
                    planned_tensor(owner.name + ".weights", learned_shape(graph_, owner), plan().chip.precision));
                placed(tensor(operand.tensor));
            }
        }
    }

    // Several groups make one tensor.
    void add_parts(const std::vector<Group>& groups, const std::vector<std::uint64_t>& boundaries) {
        PlannedTensor& out = tensor(groups.front().output.tensor);
        out.layout.boundaries = boundaries;
        placed(out);
        open_event(out);
        for (Group group : groups) {
            add_learned(group);
            map_group(std::move(group));
        }
    }

    Choice improved(Group& group, const Choice& choice) override { return keep_input(group, choice).value_or(choice); }

    void placed(PlannedTensor& planned) override { planned.layout.base = take_memory(planned.layout.bytes()); }

    // Leaves the input of `group` on chip if the group before makes it, every tile needs only what it made itself, it
    // fits beside what that group works on, and the estimate gains. Returns the tiling for it.
    std::optional<Choice> keep_input(Group& group, const Choice& plain) {
        if (!plan().options.keep_on_chip || plan().options.overlap != Overlap::layer || plan().groups.empty()) {
            return {};
        }
        Group& before = plan().groups.back();
        if (before.output.tensor != group.input.tensor || !before.output.plain() || !group.input.plain() ||
            before.layer.stages.empty() || !group.layer.matrix || group.layer.product || before.may_load_nothing ||
            !before.begins_operation || !before.ends_operation || !group.begins_operation || !group.ends_operation ||
            before.layer.out_channels != group.layer.in_channels) {
            return {};
        }
        const std::uint64_t element = plan().chip.precision.activation_bytes();
        if (!output_fits_beside(before, plan().groups.size() > 1 ? &plan().groups[plan().groups.size() - 2] : nullptr,
                                plan().chip)) {
            return {};
        }
        const bool only_here = consumed_once(group.input.tensor);
        const Choice& own = choices_.choose_kept(
            group.layer, before.shares, false, [&](const std::vector<Share>& shares) -> std::optional<double> {
                return makes_what_is_needed(before, group.layer, shares) ? std::optional<double>(0) : std::nullopt;
            });
        const double stores =
            only_here
                ? CostModel(plan().chip, true).memory_cycles(static_cast<double>(before.layer.out_elements() * element))
                : 0;
        const bool keeps = own.shortfall.empty() && own.cost.cycles <= plain.cost.cycles + stores;
        const double rival = keeps ? own.cost.cycles : plain.cost.cycles + (only_here ? saved_stores(before) : 0);
        const Choice* fetched = plan().options.exchange ? fetch_input(before, group) : nullptr;
        const bool fetches = fetched != nullptr && fetched->cost.cycles * kFetchMargin < rival;
        if (!keeps && !fetches) {
            return {};
        }
        before.output_kept = true;
        group.input_kept = true;
        if (fetches) {
            const std::vector<Share> shares = CostModel(plan().chip, true).shares(group.layer, fetched->tiling);
            group.exchange = *exchange_for(before, group.layer, shares);
            group.exchange.made_event = open_events(plan().chip.tiles);
            group.exchange.read_event = open_events(plan().chip.tiles);
        }
        if (only_here) {
            before.output_stored = false;
            plan().operations[before.last_operation].dram_write_bytes -= before.layer.out_elements() * element;
        }
        return fetches ? *fetched : own;
    }

    // The tiling of a group whose tiles fetch what others have made of its input; null if there is none.
    const Choice* fetch_input(const Group& before, const Group& group) {
        const std::uint64_t element = plan().chip.precision.activation_bytes();
        const Choice& fetched = choices_.choose_kept(
            group.layer, before.shares, true, [&](const std::vector<Share>& shares) -> std::optional<double> {
                if (makes_what_is_needed(before, group.layer, shares)) {
                    return {}; // nothing to fetch
                }
                const std::optional<Exchange> exchange = exchange_for(before, group.layer, shares);
                return exchange ? exchange_cycles(*exchange, plan().chip, element) : std::optional<double>{};
            });
        return fetched.shortfall.empty() ? &fetched : nullptr;
    }

    std::optional<Exchange> exchange_for(const Group& before, const Layer& layer, const std::vector<Share>& shares) {
        const std::uint64_t element = plan().chip.precision.activation_bytes();
        return plan_exchange({before.layer, before.tiling, before.shares}, layer, shares, plan().options.share_loads,
                             plan().chip.tile.pad(Pad::ifmap).capacity_bytes / element);
    }

    // Cycles by which a group gets shorter, by the estimate, when it does not store its output.
    double saved_stores(const Group& before) {
        const CostModel model(plan().chip, plan().options.overlap != Overlap::none, false, plan().options.share_loads);
        const auto cycles = [&](bool kept) {
            return model.evaluate(before.layer, before.tiling, {before.input_kept, kept}).cycles;
        };
        return std::max(0.0, cycles(false) - cycles(true));
    }

    bool consumed_once(int planned_tensor) const {
        return graph_.tensors[static_cast<std::size_t>(planned_tensor)].consumers.size() == 1;
    }

    const Graph& graph_;
};

} // namespace

Plan make_plan(const Graph& graph, const ChipConfig& chip, const MappingOptions& options) {
    return Planner(graph, chip, options).run();
}

} // namespace systolica
