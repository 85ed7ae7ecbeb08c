// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "mapping/plan.h"

#include <algorithm>
#include <map>
#include <optional>
#include <vector>

#include "mapping/cost.h"
#include "mapping/fusion.h"
#include "mapping/group_forms.h"
#include "mapping/group_planner.h"
#include "mapping/kept_input.h"
#include "mapping/microbatches.h"
#include "mapping/pipeline.h"
#include "mapping/pipeline_stages.h"
#include "mapping/placement.h"

namespace systolica {

namespace {

// Fetching puts the tiles in step with each other, which estimates do not see: it must gain more than this.
constexpr double kFetchMargin = 1.03;

class Planner : private GroupPlanner {
public:
    Planner(const Graph& graph, const ChipConfig& chip, const MappingOptions& options)
        : GroupPlanner(graph.name, chip, options), graph_(graph) {}

    // Microbatch by microbatch, each group on the tile of its stage; `network` names the rows.
    Planner(const Graph& network, const Pipeline& pipeline, const ChipConfig& chip, const MappingOptions& options)
        : GroupPlanner(network.name, chip, options, one_tile_of(chip)),
          graph_(pipeline.work.graph),
          pipeline_(&pipeline) {
        list_operations(network);
    }

    static ChipConfig one_tile_of(ChipConfig chip) {
        chip.tiles = 1;
        return chip;
    }

    Plan run() {
        list_operations(graph_);
        add_tensors();
        for (const std::vector<int>& ops : fuse(graph_, plan().options.fusion)) {
            add_group(ops);
        }
        return finish();
    }

    // How long each group of a network should take.
    std::vector<double> run_for_cycles(const std::vector<std::vector<int>>& groups) {
        list_operations(graph_);
        add_tensors();
        std::vector<double> cycles;
        for (const std::vector<int>& ops : groups) {
            const double before = plan().estimated_cycles;
            add_group(ops);
            cycles.push_back(plan().estimated_cycles - before);
        }
        finish();
        return cycles;
    }

    Plan run_pipeline() {
        add_tensors();
        std::vector<std::vector<double>> cycles(pipeline_->work.count, std::vector<double>(plan().chip.tiles, 0));
        for (std::size_t m = 0; m < pipeline_->work.count; ++m) {
            shared_.begin_microbatch();
            first_ = static_cast<int>(m * pipeline_->work.operators);
            for (std::size_t g = 0; g < pipeline_->groups.size(); ++g) {
                tile_ = pipeline_->tile[g];
                std::vector<int> ops = pipeline_->groups[g];
                for (int& index : ops) {
                    index += first_;
                }
                const double before = plan().estimated_cycles;
                add_group(ops);
                cycles[m][tile_] += plan().estimated_cycles - before;
            }
        }
        plan().estimated_cycles = pipeline_cycles(cycles);
        return finish();
    }

private:
    const Operator& op(int index) const { return graph_.operators[static_cast<std::size_t>(index)]; }

    void add_tensors() {
        for (const Tensor& planned : graph_.tensors) {
            const int index = add_tensor(planned_tensor(planned.name, planned.shape, plan().chip.precision));
            if (planned.producer < 0) {
                placed(tensor(index));
            }
        }
    }

    void list_operations(const Graph& network) {
        for (const Operator& o : network.operators) {
            PlannedOperation planned;
            planned.name = o.name;
            planned.op = op_label(network, o);
            const GemmShape gemm = gemm_shape(network, o);
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
            refs.push_back({&op(index), index - first_});
        }
        if (first.kind == OpKind::flatten || first.kind == OpKind::reshape) {
            tensor(first.output) = planned_view(graph_, plan(), first);
        } else if (first.kind == OpKind::concat) {
            add_parts(concat_groups(graph_, refs.front()), concat_blocks(graph_, first));
        } else if (first.kind == OpKind::conv_transpose) {
            const std::vector<Group> phases = transposed_groups(graph_, refs);
            PlannedOperation& row = plan().operations[phases.front().operation];
            row.macs = first_ == 0 ? 0 : row.macs;
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
            if (operand.tensor != kLearned) {
                continue;
            }
            const auto known = learned_.find(operand.operation);
            if (pipeline_ != nullptr && known != learned_.end()) {
                operand.tensor = known->second;
            } else {
                const Operator& owner = op(static_cast<int>(operand.operation));
                operand.tensor = add_tensor(
                    planned_tensor(owner.name + ".weights", learned_shape(graph_, owner), plan().chip.precision));
                placed(tensor(operand.tensor));
                learned_[operand.operation] = operand.tensor;
            }
        }
    }

    std::vector<Share> shares_of(const Group& group) const override {
        if (pipeline_ == nullptr) {
            return GroupPlanner::shares_of(group);
        }
        std::vector<Share> shares(plan().chip.tiles);
        shares[tile_] = CostModel(one_tile_of(plan().chip), true).shares(group.layer, group.tiling).front();
        return shares;
    }

    void give_parameters(Group& group) override {
        if (pipeline_ == nullptr) {
            GroupPlanner::give_parameters(group);
        } else if (!shared_.give(group)) {
            GroupPlanner::give_parameters(group);
            shared_.keep(group);
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
            before.layer.out_channels != group.layer.in_channels || before.tiling.ways > 1) {
            return {};
        }
        if (pipeline_ != nullptr && before.shares[tile_].empty()) {
            return {};
        }
        const std::uint64_t element = plan().chip.precision.activation_bytes();
        if (!output_fits_beside(before, plan().groups.size() > 1 ? &plan().groups[plan().groups.size() - 2] : nullptr,
                                plan().chip)) {
            return {};
        }
        Group made = before; // as the tilings see it
        if (pipeline_ != nullptr) {
            made.shares = {before.shares[tile_]};
        }
        const bool only_here = consumed_once(group.input.tensor);
        const Choice& own = choices_.choose_kept(
            group.layer, made.shares, false, [&](const std::vector<Share>& shares) -> std::optional<double> {
                return makes_what_is_needed(made, group.layer, shares) ? std::optional<double>(0) : std::nullopt;
            });
        const double stores =
            only_here
                ? CostModel(plan().chip, true).memory_cycles(static_cast<double>(before.layer.out_elements() * element))
                : 0;
        const bool keeps = own.shortfall.empty() && own.cost.cycles <= plain.cost.cycles + stores;
        const double rival = keeps ? own.cost.cycles : plain.cost.cycles + (only_here ? saved_stores(before) : 0);
        const Choice* fetched = plan().options.exchange && pipeline_ == nullptr ? fetch_input(before, group) : nullptr;
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
    const Pipeline* pipeline_ = nullptr; // none: every group runs on all tiles
    unsigned tile_ = 0;                  // of the pipeline, that the current group runs on
    int first_ = 0;                      // operator of the current microbatch
    std::map<std::uint32_t, int> learned_;
    SharedParameters shared_;
};

Plan make_pipeline_plan(const Graph& network, const ChipConfig& chip, const MappingOptions& options) {
    const Graph one = with_batch(network, std::min(options.microbatch, network.batch));
    MappingOptions alone = options;
    alone.keep_on_chip = false; // whether it helps depends on where stages end
    const std::vector<std::vector<int>> groups = fuse(one, options.fusion);
    const std::vector<double> cycles = Planner(one, Planner::one_tile_of(chip), alone).run_for_cycles(groups);
    const Pipeline pipeline = make_pipeline(in_microbatches(network, options.microbatch), groups, cycles, chip.tiles);
    return Planner(network, pipeline, chip, options).run_pipeline();
}

} // namespace

Plan make_plan(const Graph& graph, const ChipConfig& chip, const MappingOptions& options) {
    return options.split == Split::pipeline ? make_pipeline_plan(graph, chip, options)
                                            : Planner(graph, chip, options).run();
}

} // namespace systolica
