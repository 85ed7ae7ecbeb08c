// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "mapping/training/forward_forms.h"

#include <algorithm>
#include <utility>

#include "mapping/group_forms.h"
#include "mapping/training/form_maker.h"
#include "mapping/training/product_forms.h"
#include "workloads/operator_table.h"

namespace systolica {

namespace {

class ForwardForms : private FormMaker {
public:
    using FormMaker::FormMaker;

    std::vector<Form> list() const {
        if (operator_row(op_.kind).backward == Backward::loss) {
            return {loss()};
        }
        const std::vector<OperatorRef> refs{{&op_, static_cast<int>(row_)}};
        std::vector<Group> groups = op_.kind == OpKind::conv_transpose
                                        ? transposed_groups(graph_.forward, refs)
                                        : std::vector<Group>{make_group(graph_.forward, refs)};
        std::vector<Form> forms;
        for (Group& group : groups) {
            Form form;
            form.group = std::move(group);
            rename(form);
            add_stash(form);
            forms.push_back(std::move(form));
        }
        share_weights(forms);
        return forms;
    }

private:
    Form loss() const {
        const AxisOrder order = output_order(op_);
        const Shape logits = in_order(shape_of(operation_.inputs[0]), order);
        Form form = of_whole_channels(VectorKernel::cross_entropy, order);
        form.group.output.tensor = operation_.outputs[1]; // probabilities
        const int label = operation_.inputs[1];
        add_operand(form, label, lacking(in_order(shape_of(label), order), logits));
        const Shape& loss = shape_of(operation_.outputs[0]);
        add_result(form, operation_.outputs[0], loss, lacking(in_order(loss, order), logits), 1, row_);
        return form;
    }

    // From tensors of the forward graph to those of this pass through it.
    void rename(Form& form) const {
        Group& group = form.group;
        const auto now = [&](int tensor) {
            const auto found = std::find(op_.inputs.begin(), op_.inputs.end(), tensor);
            return operation_.inputs[static_cast<std::size_t>(found - op_.inputs.begin())];
        };
        const int parameters = op_.inputs.size() < operation_.inputs.size() ? operation_.inputs[op_.inputs.size()] : -1;
        group.input.tensor = now(group.input.tensor);
        if (group.factor.tensor >= 0) {
            group.factor.tensor = now(group.factor.tensor);
        }
        for (Operand& operand : group.operands) {
            const bool learned = operand.tensor == kLearned;
            operand.tensor = learned ? parameters : now(operand.tensor);
            form.operand_shapes.push_back(learned ? learned_shape(graph_.forward, op_) : shape_of(operand.tensor));
        }
        for (ChannelConstants& constants : group.constants) {
            constants.tensor = parameters;
        }
        group.output.tensor = operation_.outputs[0];
        form.weights = group.layer.matrix && !group.layer.product ? parameters : -1;
    }

    void add_stash(Form& form) const {
        if (operation_.outputs.size() < 2) {
            return;
        }
        const int stash = operation_.outputs[1];
        const Shape out = in_order(shape_of(operation_.outputs[0]), form.group.output.axes);
        const Shape shape = in_order(shape_of(stash), form.group.output.axes);
        const Stretch lacks = lacking(shape, out);
        add_result(form, stash, shape_of(stash), lacks, lacks.channels ? shape.c : 1, row_);
    }
};

} // namespace

std::vector<Form> forward_forms(const TrainingGraph& graph, const TrainingOperation& operation, std::uint32_t row) {
    return ForwardForms(graph, operation, row).list();
}

} // namespace systolica
