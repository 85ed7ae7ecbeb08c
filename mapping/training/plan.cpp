// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "mapping/training/plan.h"

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include "mapping/cost.h"
#include "mapping/group_planner.h"
#include "mapping/training/chains.h"
#include "mapping/training/estimated_layer.h"
#include "mapping/training/form_tensors.h"
#include "mapping/training/graph_facts.h"
#include "mapping/training/sum_parts.h"

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
          bound_(graph, tensors_, plan()),
          parts_(graph, tensors_, plan()),
          channel_choices_(chip, by_channels(options)) {}

    Plan run() {
        plan().operations = planned_operations(graph_);
        for (const std::vector<int>& chain : chains_of(graph_, plan().options.fusion)) {
            add_chain(chain);
        }
        weight_tensors_.resize(plan().groups.size(), -1);
        tensors_.place(weight_tensors_);
        return finish();
    }

private:
    const TrainingOperation& operation(int index) const { return graph_.operations[static_cast<std::size_t>(index)]; }

    static MappingOptions by_requests(MappingOptions options) {
        options.count_requests = true;
        options.split_sums = false;
        options.share_loads = false; // fast-forward cannot pace tiles that wait for each other
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
        const int update = only_update_of(graph_, gradient);
        if (update < 0 || !plan().options.fusion || plan().options.updates_apart || forms.size() != 1 ||
            !forms[0].group.layer.weight_gradient) {
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
        bound_.bind(joined, true, false);
        complete_forms(joined.group);
        append(joined.group, channel_choices_.choose(joined.group.layer));
        weight_tensors_.resize(plan().groups.size(), -1);
        updated_.insert(update);
        return true;
    }

    Layer estimated(const Form& form) const { return estimated_layer(graph_, chip_.precision, form); }
    bool can(const Form& form) { return choices_.choose(estimated(form)).shortfall.empty(); }

    void map_forms(std::vector<Form> forms, int first) {
        const bool update = operation(first).pass == Pass::update;
        const std::size_t before = plan().groups.size();
        for (Form& form : forms) {
            const bool shared = &form != &forms.front() && forms.size() > 1 && !update;
            bound_.bind(form, update, shared);
            map_form(form);
        }
        for (std::size_t g = before; g < plan().groups.size(); ++g) {
            plan().groups[g].begins_operation = plan().groups[g].begins_operation && g == before;
            plan().groups[g].ends_operation = plan().groups[g].ends_operation && g + 1 == plan().groups.size();
        }
    }

    void map_form(const Form& form) {
        Group group = form.group;
        const std::vector<int> sums = parts_.add_results(group, form);
        if (group.layer.weight_gradient || !sums.empty()) {
            map_with_parts(std::move(group), form, sums);
        } else {
            map_group(std::move(group));
        }
        while (weight_tensors_.size() < plan().groups.size()) {
            weight_tensors_.push_back(form.weights);
        }
    }

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
        std::vector<Group> after = parts_.divide(group, form, sums, choice.tiling, active);
        complete_forms(group);
        append(std::move(group), choice);
        for (Group& sum : after) {
            map_group(std::move(sum));
        }
    }

    void placed(PlannedTensor&) override {} // together, at the end
    void viewed(int view, int of_planned) override { tensors_.lies_with(view, of_planned); }

    const ChipConfig chip_;
    const TrainingGraph& graph_;
    const BackwardLowering lowering_;
    TrainingTensors tensors_;
    FormTensors bound_;
    SumParts parts_;
    std::vector<int> weight_tensors_; // by group: planned tensor that its weight_base counts from
    ChoiceCache channel_choices_;
    std::set<int> updated_; // updates of which the weights' part is done
};

} // namespace

Plan make_training_plan(const TrainingGraph& graph, BackwardLowering lowering, const ChipConfig& chip,
                        const MappingOptions& options) {
    return TrainingPlanner(graph, lowering, chip, options).run();
}

} // namespace systolica
