// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "workloads/training/expansion.h"

#include <algorithm>

namespace systolica {

// Where no loss is: the gradient of what nobody reads comes from outside.
void Expansion::seed_gradients() {
    const bool loss = std::any_of(graph().operators.begin(), graph().operators.end(),
                                  [](const Operator& o) { return operator_row(o.kind).backward == Backward::loss; });
    for (std::size_t i = 0; i < graph().tensors.size() && !loss; ++i) {
        const Tensor& tensor = graph().tensors[i];
        if (tensor.consumers.empty() && tensor.producer >= 0 && needed_[i]) {
            contributions_[i].push_back(add_tensor(tensor.name + ".gradient", tensor.shape, TensorRole::gradient, -1));
        }
    }
}

void Expansion::backward(int layer) {
    const Operator& o = op(layer);
    const Backward rule = operator_row(o.kind).backward;
    if (rule == Backward::loss) {
        return backward_loss(layer);
    }
    const int gradient = gradient_of(o.output, layer);
    if (gradient < 0) {
        return;
    }
    switch (rule) {
    case Backward::view:
        return backward_view(layer, gradient);
    case Backward::element_wise:
        return backward_element_wise(layer, gradient);
    case Backward::operands:
        return backward_operands(layer, gradient);
    case Backward::product:
        return backward_product(layer, gradient);
    case Backward::matrix:
        return backward_matrix(layer, gradient);
    case Backward::batch_norm:
        return backward_batch_norm(layer, gradient);
    case Backward::layer_norm:
        return backward_layer_norm(layer, gradient);
    case Backward::table:
        return backward_table(layer, gradient);
    case Backward::loss:
        return;
    }
}

// Probabilities less the label's one, scaled by the batch: two operations a class.
void Expansion::backward_loss(int layer) {
    const Operator& o = op(layer);
    const int logits = o.inputs[0];
    if (!needed(logits)) {
        return;
    }
    Draft draft = backward_draft(layer, ".bwd", "_bwd", Pass::backward, shape_of(logits));
    draft.inputs = {stash_[static_cast<std::size_t>(layer)], labels_.at(layer)};
    draft.work_per_image.elementwise = 2 * shape_of(logits).per_image();
    contribute(logits, add_gradient(draft, logits));
    emit(draft);
}

// The gradient of a part is that part of the gradient, of a joint each part of it.
void Expansion::backward_view(int layer, int gradient) {
    const Operator& o = op(layer);
    std::uint64_t start = 0;
    for (const int input : o.inputs) {
        if (needed(input)) {
            const int view = add_view(tensor_name(input) + ".gradient", shape_of(input), {gradient});
            TrainingTensor& part = out_.tensors[static_cast<std::size_t>(view)];
            if (o.kind == OpKind::concat) {
                part.view_axis = axis_of(o);
                part.view_start[static_cast<std::size_t>(axis_of(o))] = start;
            } else if (o.kind == OpKind::pad) {
                part.view_start = {0, o.window.pad_top, o.window.pad_left};
            }
            contribute(input, view);
        }
        start += o.kind == OpKind::concat ? shape_of(input).of(axis_of(o)) : 0;
    }
}

void Expansion::backward_element_wise(int layer, int gradient) {
    const Operator& o = op(layer);
    const int input = o.inputs[0];
    if (!needed(input)) {
        return;
    }
    const Gradient& rule = operator_row(o.kind).gradient[0];
    Draft draft = backward_draft(layer, ".bwd", "_bwd", Pass::backward, shape_of(input));
    draft.inputs = {gradient};
    read_saved(draft, layer, rule.reads);
    draft.work_per_image = cost(layer, rule.cost);
    contribute(input, add_gradient(draft, input));
    emit(draft);
}

void Expansion::backward_operands(int layer, int gradient) {
    const Operator& o = op(layer);
    const Shape& out = shape_of(o.output);
    for (std::size_t i = 0; i < o.inputs.size(); ++i) {
        const int input = o.inputs[i];
        if (!needed(input)) {
            continue;
        }
        const Gradient& rule = operator_row(o.kind).gradient[std::min<std::size_t>(i, 1)];
        const bool stretched = shape_of(input) != out;
        if (rule.cost.free() && !stretched) {
            contribute(input, add_view(tensor_name(input) + ".gradient", out, {gradient}));
            continue;
        }
        Draft draft = backward_draft(layer, o.inputs.size() == 1 ? ".bwd" : ".d" + std::to_string(i), "_bwd",
                                     Pass::backward, shape_of(input));
        draft.inputs = {gradient};
        read_saved(draft, layer, rule.reads);
        draft.work_per_image = cost(layer, rule.cost);
        draft.work_per_image.reduce += stretched ? out.per_image() : 0; // summed over what it was stretched to
        contribute(input, add_gradient(draft, input));
        emit(draft);
    }
    if (o.learned) {
        const Gradient& rule = operator_row(o.kind).gradient[1];
        Draft draft = backward_draft(layer, ".dW", "_bwd_weight", Pass::backward_weight, out);
        draft.inputs = {gradient};
        read_saved(draft, layer, rule.reads);
        draft.work_per_image = cost(layer, rule.cost);
        draft.work_per_image.reduce += out.per_image(); // over the batch and what it was stretched to
        learn(draft, layer, 0);
        update(layer);
    }
}

void Expansion::backward_product(int layer, int gradient) {
    const Operator& o = op(layer);
    for (std::size_t i = 0; i < 2; ++i) {
        const int input = o.inputs[i];
        if (!needed(input)) {
            continue;
        }
        Draft draft =
            backward_draft(layer, ".d" + std::to_string(i), "_bwd_data", Pass::backward_data, shape_of(input));
        draft.inputs = {gradient};
        read_saved(draft, layer, i == 0 ? kReadsSecond : kReadsInput);
        draft.matrix = operand_gradient_work(graph(), o, i);
        contribute(input, add_gradient(draft, input));
        emit(draft);
    }
}

void Expansion::backward_matrix(int layer, int gradient) {
    const Operator& o = op(layer);
    const Shape& out = shape_of(o.output);
    const Learned& learned = learned_[static_cast<std::size_t>(layer)];
    if (needed(o.inputs[0])) {
        Draft data = backward_draft(layer, ".dX", "_bwd_data", Pass::backward_data, shape_of(o.inputs[0]));
        data.inputs = {gradient, learned.weights};
        data.matrix = input_gradient_work(graph(), o, options_.backward_lowering);
        contribute(o.inputs[0], add_gradient(data, o.inputs[0]));
        emit(data);
    }
    Draft weight = backward_draft(layer, ".dW", "_bwd_weight", Pass::backward_weight, out);
    weight.inputs = {gradient};
    read_saved(weight, layer, kReadsInput);
    weight.matrix = weight_gradient_work(graph(), o, options_.backward_lowering);
    learn(weight, layer, 0);
    if (learned.bias >= 0) {
        Draft bias = backward_draft(layer, ".db", "", Pass::backward_weight, out);
        bias.op = "bias_grad";
        bias.inputs = {gradient};
        bias.work_per_image.reduce = out.per_image();
        learn(bias, layer, 1);
    }
    update(layer);
}

// Sums over each channel, which are the gradients of scale and shift; then the gradient of the input from them.
void Expansion::backward_batch_norm(int layer, int gradient) {
    const Operator& o = op(layer);
    const Shape& out = shape_of(o.output);
    Draft reduce = backward_draft(layer, ".bwd_red", "_bwd_reduce", Pass::backward, {out.n, out.c, 1, 1});
    reduce.inputs = {gradient};
    read_saved(reduce, layer, kReadsInput | kReadsStash);
    reduce.work_per_image.elementwise = 3 * out.per_image();
    reduce.work_per_image.reduce = 2 * out.per_image();
    const int sums = learn(reduce, layer, 0);
    if (needed(o.inputs[0])) {
        Draft dx = backward_draft(layer, ".bwd_dx", "_bwd_dx", Pass::backward, out);
        dx.inputs = {gradient};
        read_saved(dx, layer, kReadsInput);
        dx.inputs.push_back(sums);
        dx.inputs.push_back(learned_[static_cast<std::size_t>(layer)].weights);
        dx.work_per_image.elementwise = 5 * out.per_image();
        dx.work_per_iteration.elementwise = out.c;
        dx.work_per_iteration.special = out.c;
        contribute(o.inputs[0], add_gradient(dx, o.inputs[0]));
        emit(dx);
    }
    update(layer);
}

// Sums lie inside each position, so that one operation forms all gradients.
void Expansion::backward_layer_norm(int layer, int gradient) {
    const Operator& o = op(layer);
    const Gradient& rule = operator_row(o.kind).gradient[0];
    const Shape& out = shape_of(o.output);
    Draft draft = backward_draft(layer, ".bwd", "_bwd", Pass::backward, out);
    draft.inputs = {gradient};
    read_saved(draft, layer, rule.reads | kReadsStash);
    draft.inputs.push_back(learned_[static_cast<std::size_t>(layer)].weights);
    draft.work_per_image = cost(layer, rule.cost);
    draft.work_per_image.special += 2 * out.per_image() / out.of(axis_of(o)); // both sums of a row by its length
    if (needed(o.inputs[0])) {
        contribute(o.inputs[0], add_gradient(draft, o.inputs[0]));
    }
    learn(draft, layer, 0);
    update(layer);
}

void Expansion::backward_table(int layer, int gradient) {
    const Gradient& rule = operator_row(op(layer).kind).gradient[0];
    Draft draft = backward_draft(layer, ".dW", "_bwd_weight", Pass::backward_weight, shape_of(op(layer).output));
    draft.inputs = {gradient};
    read_saved(draft, layer, rule.reads);
    draft.work_per_image = cost(layer, rule.cost);
    learn(draft, layer, 0);
    update(layer);
}

} // namespace systolica
