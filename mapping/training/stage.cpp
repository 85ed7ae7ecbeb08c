// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "mapping/training/stage.h"

#include <algorithm>
#include <string>

#include "mapping/group_forms.h"
#include "mapping/group_parts.h"
#include "workloads/operator_table.h"

namespace systolica {

namespace {

constexpr Stretch kOfChannel{true, true, true, false};

Stretch all_but(Dim axis) {
    return {true, axis != Dim::height, axis != Dim::width, axis != Dim::channels};
}

VectorKernel gradient_kernel(OpKind kind) {
    switch (kind) {
    case OpKind::relu:
        return VectorKernel::relu_gradient;
    case OpKind::relu6:
        return VectorKernel::relu6_gradient;
    case OpKind::leaky_relu:
        return VectorKernel::leaky_relu_gradient;
    case OpKind::sigmoid:
        return VectorKernel::sigmoid_gradient;
    case OpKind::tanh:
        return VectorKernel::tanh_gradient;
    case OpKind::silu:
        return VectorKernel::silu_gradient;
    case OpKind::gelu:
        return VectorKernel::gelu_gradient;
    case OpKind::hard_sigmoid:
        return VectorKernel::hard_sigmoid_gradient;
    case OpKind::hard_swish:
        return VectorKernel::hard_swish_gradient;
    case OpKind::dropout:
        return VectorKernel::mul;
    default:
        return VectorKernel::none;
    }
}

bool element_wise(OpKind kind) {
    const Backward rule = operator_row(kind).backward;
    return rule == Backward::operands || kind == OpKind::dropout ||
           (rule == Backward::element_wise && gradient_kernel(kind) != VectorKernel::none);
}

class Stages {
public:
    Stages(const TrainingGraph& graph, const TrainingOperation& operation)
        : graph_(graph), operation_(operation), op_(operation.layer < 0 ? nullptr : &graph.forward.operators[at()]) {}

    std::vector<TrainingStage> list() {
        const std::string& word = operation_.op;
        if (operation_.view || operation_.matrix.groups > 0) {
            return {};
        }
        if (operation_.pass == Pass::update) {
            return updates();
        }
        if (word == "grad_add" || word == "grad_accumulate") {
            return {of_all(VectorKernel::add)};
        }
        if (op_ == nullptr) {
            return {};
        }
        if (word == "bias_grad") {
            TrainingStage stage = streaming(VectorKernel::reduce_sum);
            stage.sums.push_back({operation_.outputs[0], all_but(output_order(*op_)[0]), 1, -1});
            return {stage};
        }
        if (op_->kind == OpKind::batch_norm) {
            return {batch_norm(word)};
        }
        if (operation_.pass == Pass::forward) {
            return forward();
        }
        return backward();
    }

private:
    std::size_t at() const { return static_cast<std::size_t>(operation_.layer); }
    const Shape& shape_of(int tensor) const { return graph_.tensors[static_cast<std::size_t>(tensor)].shape; }
    TensorRole role_of(int tensor) const { return graph_.tensors[static_cast<std::size_t>(tensor)].role; }

    TrainingStage streaming(VectorKernel kernel) const {
        TrainingStage stage;
        stage.kernels = {kernel};
        stage.stream = operation_.inputs[0];
        stage.shape = shape_of(stage.stream);
        return stage;
    }

    // The first input flows by, the others beside it.
    TrainingStage of_all(VectorKernel kernel) const {
        TrainingStage stage = streaming(kernel);
        for (std::size_t i = 1; i < operation_.inputs.size(); ++i) {
            stage.operands.push_back(seen(operation_.inputs[i]));
        }
        stage.output = operation_.outputs[0];
        return stage;
    }

    // Parameters lie as their operator says.
    TrainingStage::Operand seen(int tensor) const {
        if (role_of(tensor) == TensorRole::parameter && op_ != nullptr && has_learned_operand(*op_)) {
            return {tensor, learned_shape(graph_.forward, *op_)};
        }
        return {tensor, shape_of(tensor)};
    }

    TrainingStage batch_norm(const std::string& word) const {
        const std::vector<int>& in = operation_.inputs;
        if (word == "bn_stats") {
            TrainingStage stage = streaming(VectorKernel::norm_statistics);
            stage.sums.push_back({operation_.outputs[0], kOfChannel, 2, in[1]});
            return stage;
        }
        if (word == "bn_norm") {
            TrainingStage stage = streaming(VectorKernel::norm_apply);
            stage.constants = {{in[1], 2}, {in[2], 2}};
            stage.output = operation_.outputs[0];
            return stage;
        }
        if (word == "bn_bwd_reduce") {
            TrainingStage stage = streaming(VectorKernel::norm_gradient_sums);
            stage.operands = {seen(in[1])};
            stage.constants = {{in[2], 2}};
            stage.sums.push_back({operation_.outputs[0], kOfChannel, 2, -1});
            return stage;
        }
        TrainingStage stage = streaming(VectorKernel::norm_gradient);
        stage.operands = {seen(in[1])};
        stage.constants = {{in[2], 2}, {in[3], 2}};
        stage.output = operation_.outputs[0];
        return stage;
    }

    std::vector<TrainingStage> forward() const {
        if (!element_wise(op_->kind)) {
            return {};
        }
        if (op_->kind == OpKind::dropout) {
            TrainingStage stage = streaming(VectorKernel::dropout);
            stage.output = operation_.outputs[0];
            stage.results.push_back(seen(operation_.outputs[1])); // the mask
            return {stage};
        }
        // The stream is an operand of the result's size.
        TrainingStage stage = of_all(vector_kernel(op_->kind));
        const Shape& result = shape_of(operation_.outputs[0]);
        for (std::size_t i = 0; stage.shape != result && i < stage.operands.size(); ++i) {
            if (stage.operands[i].shape == result) {
                const int first = stage.stream;
                stage.stream = stage.operands[i].tensor;
                stage.shape = result;
                stage.operands[i] = seen(first);
            }
        }
        if (stage.shape != result) {
            return {}; // stretched both ways: led by its own loop nest
        }
        return {stage};
    }

    std::vector<TrainingStage> backward() const {
        if (!element_wise(op_->kind)) {
            return {};
        }
        if (operator_row(op_->kind).backward != Backward::operands) {
            return {of_all(gradient_kernel(op_->kind))};
        }
        return {operand_gradient()};
    }

    // The gradient of one operand; summed over what it was stretched along.
    TrainingStage operand_gradient() const {
        TrainingStage stage = of_all(VectorKernel::copy);
        stage.kernels.clear();
        const std::size_t end_of_layer = operation_.layer_name.size();
        const bool second = operation_.name.compare(end_of_layer, 3, ".d1") == 0 || role(operation_.outputs[0]);
        switch (op_->kind) {
        case OpKind::sub:
            if (second) {
                stage.kernels = {VectorKernel::sub};
            }
            break;
        case OpKind::mul:
            stage.kernels = {VectorKernel::mul};
            break;
        case OpKind::div:
            stage.kernels = {VectorKernel::div};
            if (second) { // minus the gradient times the quotient by the divisor
                stage.kernels = {VectorKernel::div, VectorKernel::mul, VectorKernel::sub};
            }
            break;
        case OpKind::pow: // of the base: exponent times power by base; of the exponent: power times log of the base
            stage.kernels = {second ? VectorKernel::log : VectorKernel::div, VectorKernel::mul, VectorKernel::mul};
            break;
        default:
            break;
        }
        const int result = operation_.outputs[0];
        const Shape shape = role(result) ? learned_shape(graph_.forward, *op_) : shape_of(result);
        if (shape != stage.shape || role(result)) {
            stage.kernels.push_back(VectorKernel::reduce_sum);
            stage.output = -1;
            stage.sums.push_back({result, lacking(shape, stage.shape), 1, -1});
        }
        return stage;
    }

    bool role(int tensor) const { return role_of(tensor) == TensorRole::parameter_gradient; }

    // Weights, then a bias: parameters and gradients in this order, the state behind.
    std::vector<TrainingStage> updates() const {
        const bool stateful = role_of(operation_.inputs.back()) == TensorRole::state;
        const std::size_t count = (operation_.inputs.size() - (stateful ? 1 : 0)) / 2;
        std::vector<TrainingStage> list;
        std::uint64_t done = 0;
        for (std::size_t i = 0; i < count; ++i) {
            TrainingStage stage;
            stage.kernels = {update_kernel(stateful)};
            stage.stream = operation_.inputs[count + i];
            stage.shape = shape_of(stage.stream);
            stage.operands.push_back({operation_.inputs[i], stage.shape});
            stage.output = operation_.inputs[i];
            if (stateful) {
                stage.operands.push_back({operation_.inputs.back(), stage.shape, false, done});
                stage.results.push_back({operation_.inputs.back(), stage.shape, false, done});
            }
            done += stage.shape.c;
            list.push_back(stage);
        }
        return list;
    }

    VectorKernel update_kernel(bool stateful) const {
        if (!stateful) {
            return VectorKernel::sgd;
        }
        if (operation_.op == "adam") {
            return VectorKernel::adam;
        }
        std::uint64_t parameters = 0;
        for (const int tensor : operation_.outputs) {
            parameters += role_of(tensor) == TensorRole::parameter ? shape_of(tensor).c : 0;
        }
        return operation_.per_iteration.elementwise > 4 * parameters ? VectorKernel::momentum_wd
                                                                     : VectorKernel::momentum;
    }

    const TrainingGraph& graph_;
    const TrainingOperation& operation_;
    const Operator* op_;
};

} // namespace

Stretch lacking(const Shape& part, const Shape& whole) {
    return {part.n != whole.n, part.h != whole.h, part.w != whole.w, part.c != whole.c};
}

std::vector<TrainingStage> stages_of(const TrainingGraph& graph, const TrainingOperation& operation) {
    return Stages(graph, operation).list();
}

std::optional<TrainingStage> on_stream(const TrainingStage& stage, int stream) {
    const auto beside = std::find_if(stage.operands.begin(), stage.operands.end(),
                                     [&](const TrainingStage::Operand& o) { return o.tensor == stream; });
    if (stage.stream == stream) {
        return beside == stage.operands.end() ? std::optional<TrainingStage>(stage) : std::nullopt;
    }
    const bool alike = stage.output >= 0 && stage.kernels.size() == 1 &&
                       (stage.kernels[0] == VectorKernel::add || stage.kernels[0] == VectorKernel::mul);
    if (!alike || beside == stage.operands.end() || beside->shape != stage.shape) {
        return {};
    }
    TrainingStage turned = stage;
    const auto at = static_cast<std::size_t>(beside - stage.operands.begin());
    turned.operands[at] = {stage.stream, stage.shape};
    turned.stream = stream;
    return turned;
}

} // namespace systolica
