// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "mapping/training/form_tensors.h"

#include <algorithm>

#include "mapping/training/graph_facts.h"

namespace systolica {

FormTensors::FormTensors(const TrainingGraph& graph, TrainingTensors& tensors, Plan& plan)
    : graph_(graph), tensors_(tensors), plan_(plan), raised_(raised_tensors(graph)) {
    for (const BiasOfWeights& pair : biases_of(graph)) {
        tensors_.has_bias(pair.weights, pair.bias);
    }
}

void FormTensors::bind(Form& form, bool update, bool shared) {
    if (update) {
        widen_states(form);
    }
    bind_inputs(form, update);
    bind_output(form, shared);
    if (update) {
        write_copies(form);
    }
}

void FormTensors::widen_states(const Form& form) {
    const bool two = form.group.layer.stages.back().kernel == VectorKernel::adam;
    for (const Operand& operand : form.group.operands) {
        if (of(operand.tensor).role == TensorRole::state) {
            tensors_.widen(operand.tensor, two ? 2 : 1);
        }
    }
}

// Parameters are read in the array's width but by their optimiser and as a batch-norm's.
int FormTensors::bound(int tensor, const Shape& shape, bool update) {
    const TrainingTensor& it = of(tensor);
    if (it.role == TensorRole::parameter && !update) {
        return tensors_.seen(tensors_.weights(tensor), shape);
    }
    const int now = tensors_.current(tensor);
    return it.role == TensorRole::state ? now : tensors_.seen(now, shape);
}

void FormTensors::bind_inputs(Form& form, bool update) {
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
        group.weight_base = form.weights_before * planned(weights).layout.element_bytes;
        form.weights = weights;
    }
}

void FormTensors::bind_output(Form& form, bool shared) {
    Group& group = form.group;
    if (group.layer.output && !shared) {
        const int written = group.output.tensor;
        const Shape shape = group.output_gathered ? form.operand_shapes.back() : of(written).shape;
        output_ = tensors_.next(written, shape);
        const bool some_channels = group.output.axes == kAxesInOrder && group.output.per_group == 0 &&
                                   !group.layer.weight_gradient && group.layer.out_channels < of(written).shape.c;
        planned(output_).one_block = raised_[static_cast<std::size_t>(written)] || some_channels;
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
void FormTensors::write_copies(Form& form) {
    Group& group = form.group;
    const int parameters = written_[0];
    for (const int copy : {tensors_.next_weights(parameters), tensors_.next_bias(parameters)}) {
        if (copy >= 0) {
            group.results.push_back({copy, group.last_operation, false});
            group.layer.results.push_back({{}, 1, 1});
        }
    }
}

} // namespace systolica
