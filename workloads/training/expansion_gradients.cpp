// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "workloads/training/expansion.h"

namespace systolica {

void Expansion::contribute(int tensor, int gradient) {
    contributions_[static_cast<std::size_t>(tensor)].push_back(gradient);
}

// Where the forward graph forks, what comes from each branch is added up.
int Expansion::gradient_of(int tensor, int layer) {
    const std::vector<int>& came = contributions_[static_cast<std::size_t>(tensor)];
    if (came.empty()) {
        return -1;
    }
    int sum = came[0];
    for (std::size_t i = 1; i < came.size(); ++i) {
        Draft draft;
        draft.name = (layer < 0 ? tensor_name(tensor) : op(layer).name) + ".grad_acc" + std::to_string(i - 1);
        draft.op = "grad_add";
        draft.pass = Pass::backward;
        draft.layer = layer;
        draft.layer_name = tensor_name(tensor);
        draft.shape = shape_of(tensor);
        draft.inputs = {sum, came[i]};
        draft.work_per_image.elementwise = draft.shape.per_image();
        sum = add_gradient(draft, tensor);
        emit(draft);
    }
    return sum;
}

Expansion::Draft Expansion::backward_draft(int layer, const std::string& name, const std::string& word, Pass pass,
                                           const Shape& shape) const {
    Draft draft;
    draft.name = op(layer).name + name;
    draft.op = op_label(graph(), op(layer)) + word;
    draft.pass = pass;
    draft.layer = layer;
    draft.shape = shape;
    return draft;
}

// Adds the tensors from the forward pass, in the order input, second operand, output, stash.
void Expansion::read_saved(Draft& draft, int layer, unsigned reads) {
    const Operator& o = op(layer);
    if ((reads & kReadsInput) != 0) {
        draft.inputs.push_back(saved(o.inputs[0]));
    }
    if ((reads & kReadsSecond) != 0 && (o.learned || o.inputs.size() > 1)) {
        draft.inputs.push_back(o.learned ? learned_[static_cast<std::size_t>(layer)].weights : saved(o.inputs[1]));
    }
    if ((reads & kReadsOutput) != 0) {
        draft.inputs.push_back(saved(o.output));
    }
    if ((reads & kReadsStash) != 0) {
        draft.inputs.push_back(saved_stash(layer));
    }
}

int Expansion::add_gradient(Draft& draft, int tensor) {
    draft.outputs.push_back(result(draft, "", shape_of(tensor), TensorRole::gradient));
    return draft.outputs.back();
}

// Over micro-batches the gradients of parameters add up.
int Expansion::learn(Draft& draft, int layer, std::size_t which) {
    Learned& learned = learned_[static_cast<std::size_t>(layer)];
    const int parameters = which == 0 ? learned.weights : learned.bias;
    const Shape shape = out_.tensors[static_cast<std::size_t>(parameters)].shape;
    const int gradient = result(draft, ".parameters", shape, TensorRole::parameter_gradient);
    draft.outputs.push_back(gradient);
    emit(draft);
    if (now_in_ == 0) {
        learned.gradients.push_back(gradient);
        return gradient;
    }
    Draft sum = backward_draft(layer, draft.name.substr(op(layer).name.size()) + ".acc", "", draft.pass, draft.shape);
    sum.op = "grad_accumulate";
    sum.inputs = {learned.gradients[which], gradient};
    sum.outputs = {learned.gradients[which]};
    sum.work_per_iteration.elementwise = shape.c;
    emit(sum);
    return gradient;
}

// Operations and state a parameter: SGD scales and subtracts; momentum keeps a decayed sum of gradients (2 more),
// weight decay adds a multiple of the parameter to the gradient (2 more). Adam (Kingma and Ba, arXiv:1412.6980) with
// its bias correction in the step: first moment 3, second moment 4, step 3, a root and a division.
void Expansion::update(int layer) {
    if (now_in_ + 1 < micro_batches_) {
        return;
    }
    struct Rule {
        const char* word;
        unsigned elementwise, special, states;
    };
    static constexpr Rule rules[] = {
        {"sgd", 2, 0, 0}, {"sgd_momentum", 4, 0, 1}, {"sgd_momentum", 6, 0, 1}, {"adam", 10, 2, 2}};
    const Rule& rule = rules[static_cast<std::size_t>(options_.optimizer)];
    const Learned& learned = learned_[static_cast<std::size_t>(layer)];
    Draft draft = backward_draft(layer, ".upd", "", Pass::update, shape_of(op(layer).output));
    draft.op = rule.word;
    draft.last_only = true;
    const std::uint64_t count = parameter_count(graph(), op(layer));
    for (const int parameters : {learned.weights, learned.bias}) {
        if (parameters >= 0) {
            draft.inputs.push_back(parameters);
        }
    }
    draft.outputs = draft.inputs;
    draft.inputs.insert(draft.inputs.end(), learned.gradients.begin(), learned.gradients.end());
    if (rule.states > 0) {
        const int state = add_tensor(op(layer).name + ".state", {1, rule.states * count, 1, 1}, TensorRole::state, -1);
        draft.inputs.push_back(state);
        draft.outputs.push_back(state);
    }
    draft.work_per_iteration.elementwise = rule.elementwise * count;
    draft.work_per_iteration.special = rule.special * count;
    emit(draft);
}

int Expansion::saved(int tensor) {
    const int& now = now_[static_cast<std::size_t>(tensor)];
    if (now < 0) {
        compute_again(graph().tensors[static_cast<std::size_t>(tensor)].producer);
    }
    return now;
}

int Expansion::saved_stash(int layer) {
    if (dropped_[static_cast<std::size_t>(layer)] && op(layer).kind != OpKind::batch_norm) {
        saved(op(layer).output);
    }
    return stash_[static_cast<std::size_t>(layer)];
}

// The whole way from what was kept, once: results stay until their last use.
void Expansion::compute_again(int layer) {
    for (const int input : op(layer).inputs) {
        saved(input);
    }
    again_ = true;
    forward(layer);
    again_ = false;
}

} // namespace systolica
