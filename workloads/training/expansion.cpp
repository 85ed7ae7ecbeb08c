// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "workloads/training/expansion.h"

#include <algorithm>

namespace systolica {

Expansion::Expansion(Graph forward, std::uint64_t batch, const TrainingOptions& options, std::vector<bool> dropped)
    : options_(options), dropped_(std::move(dropped)) {
    out_.batch = batch;
    out_.micro_batch = forward.batch;
    out_.forward = std::move(forward);
    micro_batches_ = batch / out_.micro_batch;
}

TrainingGraph Expansion::build() {
    const int layers = static_cast<int>(graph().operators.size());
    declare_parameters();
    find_needed_gradients();
    for (now_in_ = 0; now_in_ < micro_batches_; ++now_in_) {
        begin_micro_batch();
        for (int layer = 0; layer < layers; ++layer) {
            forward(layer);
        }
        for (int layer = 0; layer < layers; ++layer) {
            if (dropped_[static_cast<std::size_t>(layer)]) {
                now_[static_cast<std::size_t>(op(layer).output)] = -1;
            }
        }
        seed_gradients();
        for (int layer = layers - 1; layer >= 0; --layer) {
            backward(layer);
        }
        for (std::size_t tensor = 0; tensor < graph().tensors.size(); ++tensor) {
            if (graph().tensors[tensor].producer < 0) {
                gradient_of(static_cast<int>(tensor), -1);
            }
        }
    }
    complete(out_);
    return std::move(out_);
}

void Expansion::declare_parameters() {
    learned_.resize(graph().operators.size());
    for (std::size_t i = 0; i < learned_.size(); ++i) {
        const Operator& op = graph().operators[i];
        const std::uint64_t bias = bias_count(graph(), op);
        const std::uint64_t weights = parameter_count(graph(), op) - bias;
        const auto declare = [&](const char* suffix, std::uint64_t count, TensorRole role) {
            return count == 0 ? -1 : add_tensor(op.name + suffix, {1, count, 1, 1}, role, -1);
        };
        learned_[i].weights = declare(".weights", weights, TensorRole::parameter);
        learned_[i].bias = declare(".bias", bias, TensorRole::parameter);
        if (op.kind == OpKind::batch_norm) {
            learned_[i].running = declare(".running", weights, TensorRole::state);
        }
    }
}

// A gradient is formed where something behind it (nearer to the image) learns.
void Expansion::find_needed_gradients() {
    for (const Tensor& tensor : graph().tensors) {
        const bool indices = std::any_of(tensor.consumers.begin(), tensor.consumers.end(),
                                         [&](int consumer) { return op(consumer).kind == OpKind::embedding; });
        needed_.push_back(tensor.producer < 0 && options_.input_gradient_of_first_layer && !indices);
    }
    for (const Operator& op : graph().operators) {
        bool any = parameter_count(graph(), op) > 0;
        for (const int input : op.inputs) {
            any = any || needed(input);
        }
        needed_[static_cast<std::size_t>(op.output)] = any;
    }
}

void Expansion::begin_micro_batch() {
    now_.assign(graph().tensors.size(), -1);
    stash_.assign(graph().operators.size(), -1);
    contributions_.assign(graph().tensors.size(), {});
    for (std::size_t tensor = 0; tensor < now_.size(); ++tensor) {
        if (graph().tensors[tensor].producer < 0) {
            now_[tensor] =
                add_tensor(graph().tensors[tensor].name, graph().tensors[tensor].shape, TensorRole::activation, -1);
        }
    }
}

int Expansion::add_tensor(const std::string& name, const Shape& shape, TensorRole role, int producer) {
    const int index = static_cast<int>(out_.tensors.size());
    TrainingTensor tensor;
    tensor.name = name;
    tensor.shape = shape;
    tensor.role = role;
    tensor.producer = producer;
    tensor.storage = {index};
    out_.tensors.push_back(std::move(tensor));
    return index;
}

int Expansion::add_view(const std::string& name, const Shape& shape, const std::vector<int>& of) {
    const TrainingTensor first = out_.tensors[static_cast<std::size_t>(of[0])];
    const int index = add_tensor(name, shape, first.role, first.producer);
    std::vector<int>& storage = out_.tensors[static_cast<std::size_t>(index)].storage;
    storage.clear();
    for (const int tensor : of) {
        const std::vector<int>& holders = out_.tensors[static_cast<std::size_t>(tensor)].storage;
        storage.insert(storage.end(), holders.begin(), holders.end());
    }
    out_.tensors[static_cast<std::size_t>(index)].viewed = of;
    std::sort(storage.begin(), storage.end());
    storage.erase(std::unique(storage.begin(), storage.end()), storage.end());
    return index;
}

// A tensor that the operation emitted next will write.
int Expansion::result(const Draft& draft, const std::string& suffix, const Shape& shape, TensorRole role) {
    return add_tensor(draft.name + suffix, shape, role, static_cast<int>(out_.operations.size()));
}

int Expansion::emit(const Draft& draft) {
    TrainingOperation operation;
    operation.name = draft.name;
    if (again_) {
        operation.name += ".again";
    }
    if (micro_batches_ > 1 && !draft.last_only) {
        operation.name += "@" + std::to_string(now_in_ + 1);
    }
    operation.op = draft.op;
    operation.pass = draft.pass;
    operation.layer = draft.layer;
    operation.layer_name = draft.layer < 0 ? draft.layer_name : op(draft.layer).name;
    operation.shape = draft.shape;
    operation.inputs = draft.inputs;
    operation.outputs = draft.outputs;
    operation.matrix = draft.matrix;
    operation.view = draft.view;
    operation.recomputation = again_;
    operation.per_image = draft.work_per_image;
    operation.per_iteration = draft.work_per_iteration;
    operation.per_image.macs = draft.matrix.macs() / out_.micro_batch;
    const auto count = [&](const std::vector<int>& tensors, std::uint64_t OperationCounts::*which) {
        for (const int index : tensors) {
            if (index == draft.partly_read) {
                continue;
            }
            const TrainingTensor& tensor = out_.tensors[static_cast<std::size_t>(index)];
            OperationCounts& counts = tensor.per_image() ? operation.per_image : operation.per_iteration;
            counts.*which += tensor.shape.per_image();
        }
    };
    if (!draft.view) {
        count(draft.inputs, &OperationCounts::read);
        count(draft.outputs, &OperationCounts::write);
    }
    out_.operations.push_back(std::move(operation));
    return static_cast<int>(out_.operations.size()) - 1;
}

OperationCounts Expansion::cost(int layer, const OperatorCost& cost, std::uint64_t times) const {
    const std::uint64_t elements = shape_of(op(layer).output).per_image() * times;
    const std::uint64_t taps = tap_count(graph(), op(layer));
    OperationCounts counts;
    counts.elementwise = elements * (cost.elementwise + cost.elementwise_per_tap * taps);
    counts.reduce = elements * (cost.reduce + cost.reduce_per_tap * taps);
    counts.special = elements * cost.special;
    return counts;
}

} // namespace systolica
