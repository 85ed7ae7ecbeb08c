// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "mapping/training/plan.h"

#include <algorithm>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "mapping/group_forms.h"
#include "mapping/group_planner.h"
#include "mapping/training/chains.h"
#include "mapping/training/form.h"
#include "mapping/training/tensors.h"

namespace systolica {

namespace {

class TrainingPlanner : private GroupPlanner {
public:
    TrainingPlanner(const TrainingGraph& graph, BackwardLowering lowering, const ChipConfig& chip,
                    const MappingOptions& options)
        : GroupPlanner(graph.forward.name, chip, by_requests(options)),
          chip_(chip),
          graph_(graph),
          lowering_(lowering),
          tensors_(graph, plan()),
          channel_choices_(chip, by_channels(options)) {}

    Plan run() {
        list_operations();
        find_biases();
        find_raised();
        for (const std::vector<int>& chain : chains_of(graph_, plan().options.fusion)) {
            add_chain(chain);
        }
        weight_tensors_.resize(plan().groups.size(), -1);
        tensors_.place(weight_tensors_);
        return finish();
    }

private:
    const TrainingOperation& operation(int index) const { return graph_.operations[static_cast<std::size_t>(index)]; }
    const TrainingTensor& of(int tensor) const { return graph_.tensors[static_cast<std::size_t>(tensor)]; }

    void list_operations() {
        for (const TrainingOperation& o : graph_.operations) {
            PlannedOperation planned;
            planned.name = o.name;
            planned.op = o.op;
            planned.pass = pass_name(o.pass);
            planned.m = o.matrix.gemm.m;
            planned.n = o.matrix.gemm.n;
            planned.k = o.matrix.gemm.k;
            planned.macs = o.matrix.macs();
            planned.view = o.view;
            planned.recomputation = o.recomputation;
            plan().operations.push_back(planned);
        }
    }

    // The forward pass says which bias lies behind which weights.
    void find_biases() {
        for (const TrainingOperation& o : graph_.operations) {
            std::vector<int> parameters;
            for (const int tensor : o.inputs) {
                if (of(tensor).role == TensorRole::parameter) {
                    parameters.push_back(tensor);
                }
            }
            if (o.pass == Pass::forward && o.matrix.groups > 0 && parameters.size() == 2) {
                tensors_.has_bias(parameters[0], parameters[1]);
            }
        }
    }

    // Results of one position whose channels are seen as pixels later: the gradient of what was flattened.
    void find_raised() {
        raised_.resize(graph_.tensors.size(), false);
        for (const TrainingTensor& tensor : graph_.tensors) {
            if (tensor.viewed.size() == 1 && tensor.shape.h * tensor.shape.w > 1) {
                const Shape& under = of(tensor.viewed[0]).shape;
                raised_[static_cast<std::size_t>(tensor.viewed[0])] = under.h == 1 && under.w == 1;
            }
        }
    }

    static MappingOptions by_requests(MappingOptions options) {
        options.count_requests = true;
        return options;
    }

    static MappingOptions by_channels(MappingOptions options) {
        options.split = Split::channels;
        return by_requests(options);
    }

    void add_chain(const std::vector<int>& chain) {
        std::vector<Form> forms =
            forms_of(graph_, operation(chain.front()), static_cast<std::uint32_t>(chain.front()), lowering_);
        if (operation(chain.front()).pass == Pass::backward_weight && update_on_the_fly(forms, chain.front())) {
            return;
        }
        if (updated_.count(chain.front()) > 0) {
            forms.erase(forms.begin()); // weights: where their gradient was made
        }
        std::size_t follow = chain.size();
        for (bool fits = false; !fits; --follow) { // what does not fit with all that follows goes with less of it
            std::vector<Form> tried = forms;
            for (std::size_t i = 1; i < follow; ++i) {
                follow_with(tried, chain[i]);
            }
            fits = follow == 1 || std::all_of(tried.begin(), tried.end(), [&](const Form& form) {
                       const bool part = tried.size() > 1 && !form.sums.empty(); // each has a part of the sums alone
                       return !part && form.group.layer.stages.size() <= kVectorStages && can(form);
                   });
            if (fits) {
                map_forms(std::move(tried), chain.front());
                break;
            }
        }
        for (std::size_t i = follow; i < chain.size(); ++i) {
            add_chain({chain[i]});
        }
    }

    void follow_with(std::vector<Form>& forms, int next) const {
        for (Form& form : forms) {
            const std::vector<TrainingStage> stages = stages_of(graph_, operation(next));
            const std::optional<TrainingStage> stage = on_stream(stages[0], form.group.output.tensor);
            add_stage(form, *stage, static_cast<std::uint32_t>(next));
        }
    }

    // A gradient of weights that nobody else reads changes them at once, where that takes less time than storing it
    // for an update of its own. Each tile must have all terms of the sums then.
    bool update_on_the_fly(const std::vector<Form>& forms, int gradient) {
        const int update = only_update_of(gradient);
        if (update < 0 || !plan().options.fusion || forms.size() != 1 || !forms[0].group.layer.weight_gradient) {
            return false;
        }
        const auto row = static_cast<std::uint32_t>(update);
        Form joined = forms[0];
        add_stage(joined, stages_of(graph_, operation(update))[0], row);
        const Choice& at_once = channel_choices_.choose(estimated(joined));
        const Form alone = forms_of(graph_, operation(update), row, lowering_)[0];
        const double apart =
            choices_.choose(estimated(forms[0])).cost.cycles + choices_.choose(estimated(alone)).cost.cycles;
        if (!at_once.shortfall.empty() || at_once.cost.cycles > apart) {
            return false;
        }
        widen_states(joined);
        bind_inputs(joined, true);
        bind_output(joined, false);
        write_copies(joined);
        complete_forms(joined.group);
        append(joined.group, channel_choices_.choose(joined.group.layer));
        weight_tensors_.resize(plan().groups.size(), -1);
        updated_.insert(update);
        return true;
    }

    int only_update_of(int gradient) const {
        const int tensor = operation(gradient).outputs[0];
        int reader = -1;
        for (std::size_t i = 0; i < graph_.operations.size(); ++i) {
            const std::vector<int>& inputs = graph_.operations[i].inputs;
            if (std::find(inputs.begin(), inputs.end(), tensor) != inputs.end()) {
                if (reader >= 0) {
                    return -1;
                }
                reader = static_cast<int>(i);
            }
        }
        const bool update = reader >= 0 && operation(reader).pass == Pass::update;
        return update && stages_of(graph_, operation(reader))[0].stream == tensor ? reader : -1;
    }

    bool can(const Form& form) { return choices_.choose(estimated(form)).shortfall.empty(); }

    // The layer with the widths that it will have; nothing is planned yet.
    Layer estimated(Form form) const {
        const Precision& p = chip_.precision;
        Layer& layer = form.group.layer;
        const auto bytes = [&](int tensor) -> std::uint64_t {
            return of(tensor).role == TensorRole::gradient     ? p.gradient_bytes()
                   : of(tensor).role == TensorRole::activation ? p.activation_bytes()
                                                               : std::max(p.master_bytes(), p.accumulator_bytes());
        };
        layer.bytes = {bytes(form.group.input.tensor), p.weight_bytes(), bytes(form.group.output.tensor)};
        if (form.group.factor.tensor >= 0) {
            layer.bytes.filter = bytes(form.group.factor.tensor);
        }
        for (std::size_t i = 0; i < form.group.operands.size(); ++i) {
            layer.operands[i].bytes = bytes(form.group.operands[i].tensor);
        }
        for (std::size_t i = 0; i < form.group.results.size(); ++i) {
            layer.results[i].bytes = bytes(form.group.results[i].tensor);
        }
        for (const ChannelConstants& constants : form.group.constants) {
            layer.constant_bytes += constants.values * p.accumulator_bytes();
        }
        for (const TrainingStage::Sums& sums : form.sums) {
            layer.results.push_back({sums.lacks, sums.values, p.accumulator_bytes()});
        }
        return layer;
    }

    void map_forms(std::vector<Form> forms, int first) {
        const bool update = operation(first).pass == Pass::update;
        const std::size_t before = plan().groups.size();
        for (Form& form : forms) {
            if (update) {
                widen_states(form);
            }
            bind_inputs(form, update);
            const bool shared = &form != &forms.front() && forms.size() > 1 && !update;
            bind_output(form, shared);
            if (update) {
                write_copies(form);
            }
            map_form(form);
        }
        for (std::size_t g = before; g < plan().groups.size(); ++g) {
            plan().groups[g].begins_operation = plan().groups[g].begins_operation && g == before;
            plan().groups[g].ends_operation = plan().groups[g].ends_operation && g + 1 == plan().groups.size();
        }
    }

    void widen_states(const Form& form) {
        const bool two = form.group.layer.stages.back().kernel == VectorKernel::adam;
        for (const Operand& operand : form.group.operands) {
            if (of(operand.tensor).role == TensorRole::state) {
                tensors_.widen(operand.tensor, two ? 2 : 1);
            }
        }
    }

    // Parameters are read in the array's width but by their optimiser and as a batch-norm's.
    int bound(int tensor, const Shape& shape, bool update) {
        const TrainingTensor& it = of(tensor);
        if (it.role == TensorRole::parameter && !update) {
            return tensors_.seen(tensors_.weights(tensor), shape);
        }
        const int now = tensors_.current(tensor);
        return it.role == TensorRole::state ? now : tensors_.seen(now, shape);
    }

    void bind_inputs(Form& form, bool update) {
        Group& group = form.group;
        group.input.tensor = tensors_.current(group.input.tensor);
        if (group.input_beside >= 0) {
            group.input_beside = tensors_.current(group.input_beside);
        }
        if (group.factor.tensor >= 0) {
            group.factor.tensor = tensors_.current(group.factor.tensor);
        }
        for (std::size_t i = 0; i < group.operands.size(); ++i) {
            group.operands[i].tensor = bound(group.operands[i].tensor, form.operand_shapes[i], update);
        }
        for (ChannelConstants& constants : group.constants) {
            constants.tensor = tensors_.current(constants.tensor);
        }
        if (form.weights >= 0) {
            const int weights = tensors_.weights(form.weights);
            group.has_weights = true;
            group.weight_base = form.weights_before * tensor(weights).layout.element_bytes;
            form.weights = weights;
        }
    }

    // Phases and parts write one tensor together.
    void bind_output(Form& form, bool shared) {
        Group& group = form.group;
        if (group.layer.output && !shared) {
            const int written = group.output.tensor;
            const Shape shape = group.output_gathered ? form.operand_shapes.back() : of(written).shape;
            output_ = tensors_.next(written, shape);
            const bool some_channels = group.output.axes == kAxesInOrder && group.output.per_group == 0 &&
                                       !group.layer.weight_gradient && group.layer.out_channels < of(written).shape.c;
            tensor(output_).one_block = raised_[static_cast<std::size_t>(written)] || some_channels;
            written_ = {written};
        }
        if (group.layer.output) {
            group.output.tensor = output_;
        }
        for (std::size_t i = 0; i < group.results.size(); ++i) {
            const int written = group.results[i].tensor;
            if (std::find(written_.begin(), written_.end(), written) == written_.end() || !shared) {
                group.results[i].tensor = tensors_.next(written, form.result_shapes[i]);
            }
        }
    }

    // The array's copies follow the optimiser's parameters.
    void write_copies(Form& form) {
        Group& group = form.group;
        const int parameters = written_[0];
        for (const int copy : {tensors_.next_weights(parameters), tensors_.next_bias(parameters)}) {
            if (copy >= 0) {
                group.results.push_back({copy, group.last_operation, false});
                group.layer.results.push_back({{}, 1, 1});
            }
        }
    }

    void map_form(Form& form) {
        Group group = form.group;
        std::vector<int> sums; // planned tensors of the sums
        for (std::size_t i = 0; i < form.sums.size(); ++i) {
            sums.push_back(add_sums(group, form, i));
        }
        if (group.layer.weight_gradient || !sums.empty()) {
            map_with_parts(std::move(group), form, sums);
        } else {
            map_group(std::move(group));
        }
        while (weight_tensors_.size() < plan().groups.size()) {
            weight_tensors_.push_back(form.weights);
        }
    }

    int add_sums(Group& group, const Form& form, std::size_t index) {
        const TrainingStage::Sums& sums = form.sums[index];
        const Shape& shape = of(sums.tensor).shape;
        const int result = tensors_.next(sums.tensor, shape);
        group.results.push_back({result, form.sum_rows[index], false});
        group.results.back().in_a_row = of(sums.tensor).role == TensorRole::parameter_gradient;
        group.layer.results.push_back({sums.lacks, sums.values, 1});
        return result;
    }

    // Sums over images and rows of which each tile has a part: the parts go to memory and are added up.
    void map_with_parts(Group group, const Form& form, const std::vector<int>& sums) {
        complete_forms(group);
        const Choice& choice = choices_.choose(group.layer);
        if (!choice.shortfall.empty()) {
            report_shortfall(group, choice);
            return;
        }
        const std::vector<Share> shares = CostModel(plan().chip, true).shares(group.layer, choice.tiling);
        const auto active = static_cast<std::uint64_t>(
            std::count_if(shares.begin(), shares.end(), [](const Share& share) { return !share.empty(); }));
        const bool parts = active > 1 && choice.tiling.split != Split::channels;
        std::vector<Group> after;
        if (parts && group.layer.weight_gradient) {
            const int whole = group.output.tensor;
            group.output.tensor = parts_of(whole, active);
            group.output_per_tile = true;
            after.push_back(added_up(group.output.tensor, whole, group.operation, 1));
        }
        const std::size_t first_sum = group.results.size() - sums.size();
        for (std::size_t i = 0; i < sums.size(); ++i) {
            Result& result = group.results[first_sum + i];
            const TrainingStage::Sums& form_of = form.sums[i];
            const bool cuts_images = choice.tiling.split == Split::batch && group.layer.images > 1;
            if (parts && (cuts_images ? form_of.lacks.images : form_of.lacks.rows)) {
                result.tensor = parts_of(sums[i], active);
                result.per_tile = true;
                after.push_back(added_up(result.tensor, sums[i], result.operation, 1));
                if (form_of.before >= 0) {
                    carry(after.back(), form_of.before, result.operation);
                }
            } else if (form_of.before >= 0) {
                group.constants.push_back(
                    {0, tensors_.current(form_of.before), static_cast<unsigned>(form_of.values), 0, result.operation});
                const int next = tensors_.next(form_of.before, of(form_of.before).shape);
                group.results.push_back({next, result.operation, false});
                group.layer.results.push_back({form_of.lacks, form_of.values, 1});
            }
        }
        complete_forms(group);
        append(std::move(group), choice);
        for (Group& sum : after) {
            map_group(std::move(sum));
        }
    }

    int parts_of(int whole, std::uint64_t tiles) {
        const std::string name = tensor(whole).name + ".parts";
        return tensors_.buffer(name, tensor(whole).shape.elements(), tiles, plan().chip.precision.accumulator_bytes());
    }

    // Rows of `parts`, one a tile, to one row.
    Group added_up(int parts, int whole, std::uint32_t row, std::uint64_t taps_of_each) {
        const Shape& shape = tensor(parts).shape;
        Group group;
        group.operation = group.last_operation = row;
        group.layer = element_layer({1, shape.c, 1, 1}, true);
        group.layer.rows = {shape.h, 1, shape.h, 1, 1, 0, Scale::none};
        group.layer.stages.push_back(
            {VectorKernel::reduce_sum, static_cast<std::uint32_t>(shape.h * taps_of_each), row});
        group.input.tensor = parts;
        group.output.tensor = whole;
        return group;
    }

    void carry(Group& group, int state, std::uint32_t row) {
        group.operands.push_back({tensors_.current(state), row});
        group.layer.operands.emplace_back();
        group.results.push_back({tensors_.next(state, of(state).shape), row, false});
        group.layer.results.push_back({{}, 1, 1});
    }

    void placed(PlannedTensor&) override {} // together, at the end
    void viewed(int view, int of_planned) override { tensors_.lies_with(view, of_planned); }

    const ChipConfig chip_;
    const TrainingGraph& graph_;
    const BackwardLowering lowering_;
    TrainingTensors tensors_;
    std::vector<bool> raised_;        // by tensor
    std::vector<int> weight_tensors_; // by group: planned tensor that its weight_base counts from
    ChoiceCache channel_choices_;
    std::set<int> updated_; // updates of which the weights' part is done
    int output_ = -1;       // planned tensor of the group at hand
    std::vector<int> written_;
};

} // namespace

Plan make_training_plan(const TrainingGraph& graph, BackwardLowering lowering, const ChipConfig& chip,
                        const MappingOptions& options) {
    return TrainingPlanner(graph, lowering, chip, options).run();
}

} // namespace systolica
