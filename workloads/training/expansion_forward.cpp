// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "workloads/training/expansion.h"

namespace systolica {

void Expansion::forward(int layer) {
    const Operator& o = op(layer);
    const OperatorRow& row = operator_row(o.kind);
    const Shape& out = shape_of(o.output);
    if (row.view) {
        return forward_view(layer);
    }
    if (o.kind == OpKind::batch_norm) {
        return forward_batch_norm(layer);
    }
    if (row.backward == Backward::loss) {
        return forward_loss(layer);
    }
    Draft draft = forward_draft(layer);
    const Learned& learned = learned_[static_cast<std::size_t>(layer)];
    for (const int parameters : {learned.weights, learned.bias}) {
        if (parameters >= 0) {
            draft.inputs.push_back(parameters);
        }
    }
    // A sum of n operands is n - 1 additions.
    const std::size_t operands = o.inputs.size() + (o.constant || o.learned ? 1 : 0);
    draft.work_per_image = cost(layer, row.forward, o.kind == OpKind::add ? operands - 1 : 1);
    if (learned.bias >= 0) {
        draft.work_per_image.elementwise += out.per_image();
    }
    if (row.parameters == Parameters::table) { // only the rows that are asked for
        draft.partly_read = learned.weights;
        draft.work_per_image.read = out.per_image();
    }
    draft.matrix = forward_work(graph(), o);
    now_[static_cast<std::size_t>(o.output)] = result(draft, "", out, TensorRole::activation);
    draft.outputs.push_back(now_[static_cast<std::size_t>(o.output)]);
    if (o.kind == OpKind::layer_norm) {
        Shape rows = out; // mean and 1 / deviation of each from its sums
        rows.of(axis_of(o)) = 1;
        draft.work_per_image.elementwise += 3 * rows.per_image();
        draft.work_per_image.special += 3 * rows.per_image();
        rows.of(axis_of(o)) = 2;
        stash_[static_cast<std::size_t>(layer)] = result(draft, ".statistics", rows, TensorRole::activation);
        draft.outputs.push_back(stash_[static_cast<std::size_t>(layer)]);
    } else if (row.stash) {
        stash_[static_cast<std::size_t>(layer)] = result(draft, ".stash", out, TensorRole::activation);
        draft.outputs.push_back(stash_[static_cast<std::size_t>(layer)]);
    }
    emit(draft);
}

// Statistics, then normalisation. Going through it again, the statistics are still there.
void Expansion::forward_batch_norm(int layer) {
    const Operator& o = op(layer);
    const Shape& out = shape_of(o.output);
    const Learned& learned = learned_[static_cast<std::size_t>(layer)];
    Draft draft = forward_draft(layer);
    int& statistics = stash_[static_cast<std::size_t>(layer)];
    if (!again_) {
        Draft stats = draft;
        stats.name += ".stats";
        stats.op = "bn_stats";
        stats.shape = {out.n, out.c, 1, 1};
        stats.inputs.push_back(learned.running);
        statistics = result(stats, "", {1, 2 * out.c, 1, 1}, TensorRole::statistics);
        stats.outputs = {statistics, learned.running};
        // x * x and two sums an element; a channel: mean, variance, 1 / deviation, then the running ones.
        stats.work_per_image.elementwise = out.per_image();
        stats.work_per_image.reduce = 2 * out.per_image();
        stats.work_per_iteration.elementwise = 9 * out.c;
        stats.work_per_iteration.special = 3 * out.c;
        emit(stats);
    }
    draft.op = "bn_norm";
    draft.inputs.push_back(statistics);
    draft.inputs.push_back(learned.weights);
    draft.work_per_image = cost(layer, operator_row(o.kind).forward);
    now_[static_cast<std::size_t>(o.output)] = result(draft, "", out, TensorRole::activation);
    draft.outputs = {now_[static_cast<std::size_t>(o.output)]};
    emit(draft);
}

// Softmax with cross-entropy over k classes: k exp, k div, a log; maximum and sum; k subtractions and the loss.
void Expansion::forward_loss(int layer) {
    const Operator& o = op(layer);
    const Shape& logits = shape_of(o.inputs[0]);
    const std::uint64_t classes = logits.of(axis_of(o));
    const std::uint64_t positions = logits.per_image() / classes;
    Draft draft = forward_draft(layer);
    labels_[layer] = add_tensor(o.name + ".label", shape_of(o.output), TensorRole::label, -1);
    draft.inputs.push_back(labels_[layer]);
    now_[static_cast<std::size_t>(o.output)] = result(draft, "", shape_of(o.output), TensorRole::activation);
    stash_[static_cast<std::size_t>(layer)] = result(draft, ".probabilities", logits, TensorRole::activation);
    draft.outputs = {now_[static_cast<std::size_t>(o.output)], stash_[static_cast<std::size_t>(layer)]};
    draft.work_per_image.elementwise = (classes + 1) * positions;
    draft.work_per_image.reduce = 2 * classes * positions;
    draft.work_per_image.special = (2 * classes + 1) * positions;
    emit(draft);
}

void Expansion::forward_view(int layer) {
    const Operator& o = op(layer);
    Draft draft = forward_draft(layer);
    draft.view = true;
    int& now = now_[static_cast<std::size_t>(o.output)];
    now = add_view(o.name, shape_of(o.output), draft.inputs);
    TrainingTensor& view = out_.tensors[static_cast<std::size_t>(now)];
    view.producer = static_cast<int>(out_.operations.size());
    if (o.kind == OpKind::concat || o.kind == OpKind::slice) {
        view.view_axis = axis_of(o);
        view.view_start[static_cast<std::size_t>(axis_of(o))] = o.start;
    }
    draft.outputs = {now};
    emit(draft);
}

Expansion::Draft Expansion::forward_draft(int layer) const {
    const Operator& o = op(layer);
    Draft draft;
    draft.name = o.name;
    draft.op = op_label(graph(), o);
    draft.layer = layer;
    draft.shape = shape_of(o.output);
    for (const int input : o.inputs) {
        draft.inputs.push_back(now_[static_cast<std::size_t>(input)]);
    }
    return draft;
}

} // namespace systolica
