// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include <map>

#include "base/diagnostics.h"
#include "base/integer.h"
#include "mapping/simdit/program.h"
#include "mapping/simdit/supported.h"
#include "mapping/simdit/vector_works.h"

namespace systolica {

namespace {

// The image as SimDIT's programs have it where the windows of the first convolution leave out a part of its padding: in
// memory with as much of it as they cover (ResNet: 229 x 229), so that the weight gradient has no sums that no weight
// needs. Later layers have such sums (matrix_work.cpp), there as here.
void cover_image(Graph& network) {
    for (Tensor& image : network.tensors) {
        if (image.producer >= 0 || image.consumers.size() != 1) {
            continue;
        }
        Operator& op = network.operators[static_cast<std::size_t>(image.consumers.front())];
        if (op.kind != OpKind::conv) {
            continue;
        }
        Window& window = op.window;
        const Shape& out = network.output_of(op).shape;
        const std::uint64_t h = (out.h - 1) * window.stride_h + (window.kernel_h - 1) * window.dilation_h + 1;
        const std::uint64_t w = (out.w - 1) * window.stride_w + (window.kernel_w - 1) * window.dilation_w + 1;
        if (h < image.shape.h + window.pad_top + window.pad_bottom &&
            w < image.shape.w + window.pad_left + window.pad_right) {
            image.shape.h = h;
            image.shape.w = w;
            window.pad_top = window.pad_left = window.pad_bottom = window.pad_right = 0;
        }
    }
}

Graph as_simdit_has_it(Graph network, bool convolution_bias_gradients) {
    cover_image(network);
    for (Operator& op : network.operators) {
        if (op.kind == OpKind::conv && !convolution_bias_gradients) {
            op.bias = false; // is loaded all the same
        }
    }
    return network;
}

class Translator {
public:
    Translator(const SimditConfig& config, const TrainingGraph& iteration) : config_(config), iteration_(iteration) {}

    SimditProgram run() {
        for (const TrainingOperation& operation : iteration_.operations) {
            if (left_out(operation)) {
                continue;
            }
            SimditOperation translated{operation.name,        operation.op, pass_name(operation.pass),
                                       operation.matrix.gemm, {},           {},
                                       operation.outputs[0]};
            translated.result_kept = operation.pass == Pass::forward && tensor(operation.outputs[0]).kept;
            for (const int input : operation.inputs) {
                const std::vector<int>& storage = tensor(input).storage;
                translated.operands.insert(translated.operands.end(), storage.begin(), storage.end());
                translated.tensor_operands += tensor(input).per_image() ? 1 : 0;
                translated.kept_operands += operation.pass != Pass::forward && tensor(storage.front()).kept ? 1 : 0;
            }
            if (!operation.view) {
                translated.tasks = tasks_of(operation);
            }
            program_.push_back(std::move(translated));
        }
        set_result_bits(program_);
        return std::move(program_);
    }

private:
    const TrainingTensor& tensor(int index) const { return iteration_.tensors[static_cast<std::size_t>(index)]; }
    const Operator& layer(const TrainingOperation& operation) const {
        return iteration_.forward.operators[static_cast<std::size_t>(operation.layer)];
    }

    bool left_out(const TrainingOperation& operation) const {
        const OpKind kind = operation.layer < 0 ? OpKind::add : layer(operation).kind;
        const bool sums_gradients = operation.op == "grad_add";
        return (kind == OpKind::dropout || kind == OpKind::softmax) && !sums_gradients;
    }

    std::vector<SimditTask> tasks_of(const TrainingOperation& operation) const {
        if (operation.matrix.groups > 0) {
            return {product(operation)};
        }
        if (operation.pass == Pass::update) {
            return updates(operation);
        }
        const Shape& result = tensor(operation.outputs[0]).shape;
        if (operation.op == "relu") {
            return {{"relu", simdit_relu(result)}};
        }
        static const std::map<std::string, std::pair<const char*, SimditVectorKind>> kPools{
            {"maxpool", {"max_pool", SimditVectorKind::max_pool}},
            {"maxpool_bwd", {"max_pool_grad", SimditVectorKind::max_pool_gradient}},
            {"avgpool", {"avg_pool", SimditVectorKind::avg_pool}},
            {"avgpool_bwd", {"average_pool_grad", SimditVectorKind::avg_pool_gradient}},
            {"gap", {"global_avg_pool", SimditVectorKind::avg_pool}},
            {"gap_bwd", {"global_average_pool_grad", SimditVectorKind::avg_pool_gradient}},
        };
        if (const auto found = kPools.find(operation.op); found != kPools.end()) {
            const auto& [word, kind] = found->second;
            return {{word, simdit_pool(kind, iteration_.forward, layer(operation))}};
        }
        static const std::map<std::string, std::pair<const char*, SimditVectorKind>> kSums{
            {"bn_stats", {"mean_var", SimditVectorKind::norm_statistics}},
            {"bn_norm", {"batch_norm", SimditVectorKind::normalise}},
            {"bn_bwd_reduce", {"batchnorm_grad_x_mu", SimditVectorKind::norm_gradient_sums}},
            {"bn_bwd_dx", {"batchnorm_grad_x_mu", SimditVectorKind::norm_gradient_input}},
            {"bias_grad", {"reduce_sum", SimditVectorKind::channel_sums}},
        };
        if (const auto found = kSums.find(operation.op); found != kSums.end()) {
            const auto& [word, kind] = found->second;
            return {{word, simdit_of_kind(kind, iteration_.forward.output_of(layer(operation)).shape)}};
        }
        return {element_wise(operation)};
    }

    SimditTask product(const TrainingOperation& operation) const {
        const bool dense = layer(operation).kind == OpKind::fully_connected;
        const char* word = !dense ? "conv" : operation.pass == Pass::forward ? "gemm" : "gemm_no_bias";
        return {word, simdit_product(operation.matrix, dense)};
    }

    // All tensors have as many elements.
    SimditTask element_wise(const TrainingOperation& operation) const {
        const Shape& result = tensor(operation.outputs[0]).shape;
        const auto reads = static_cast<unsigned>(operation.inputs.size());
        SimditVector work = simdit_element_wise(result, reads, steps(operation, result.elements()));
        work.writes = static_cast<unsigned>(operation.outputs.size());
        const bool sum = operation.op == "add" || operation.op == "grad_add" || operation.op == "grad_accumulate";
        return {sum ? "elem_add" : operation.op == "relu_bwd" ? "relu_grad" : "element_wise", work};
    }

    // Cycles of an element; a division's time for each operation that is neither addition nor product.
    unsigned steps(const TrainingOperation& operation, std::uint64_t elements) const {
        const OperationCounts counts = iteration_.counts(operation);
        const std::uint64_t all = counts.elementwise + counts.reduce + counts.special * config_.div_cycles;
        return static_cast<unsigned>(ceil_div(all, elements));
    }

    // One for each tensor of parameters: it, its gradient and the optimiser's state are read, the first and the last
    // written.
    std::vector<SimditTask> updates(const TrainingOperation& operation) const {
        const Operator& op = layer(operation);
        std::uint64_t count = 0;
        std::uint64_t states = 0;
        for (const int output : operation.outputs) {
            (tensor(output).role == TensorRole::state ? states : count) += tensor(output).shape.elements();
        }
        const auto kept = static_cast<unsigned>(states / count);
        const unsigned cycles = steps(operation, count);
        const auto update = [&](const char* word, const Shape& shape) {
            SimditVector work = simdit_element_wise(shape, 2 + kept, cycles);
            work.writes = 1 + kept;
            return SimditTask{word, work};
        };
        const Shape& in = iteration_.forward.input_of(op).shape;
        const Shape& out = iteration_.forward.output_of(op).shape;
        if (op.kind == OpKind::batch_norm) {
            return {update("sgd1d", {1, out.c, 1, 1}), update("sgd1d", {1, out.c, 1, 1})};
        }
        if (simdit_element_wise(op.kind)) { // a learned operand
            return {update("sgd1d", op.operand)};
        }
        std::vector<SimditTask> tasks;
        if (op.kind == OpKind::fully_connected) {
            tasks.push_back(update("sgd2d", {in.of(axis_of(op)), out.of(axis_of(op)), 1, 1}));
        } else {
            tasks.push_back(update("sgd4d", {out.c, in.c / op.groups, op.window.kernel_h, op.window.kernel_w}));
        }
        if (op.bias) {
            tasks.push_back(update("sgd1d", {1, bias_count(iteration_.forward, op), 1, 1}));
        }
        return tasks;
    }

    const SimditConfig& config_;
    const TrainingGraph& iteration_;
    SimditProgram program_;
};

void check_loss(const Graph& network, const TrainingOptions& options) {
    for (const Operator& op : network.operators) {
        if (op.kind == OpKind::softmax_cross_entropy && options.loss) {
            throw InputError(
                op.where, op.name,
                "expected training.loss: false with dataflow simdit, which has no rule for a loss, got true");
        }
    }
}

} // namespace

SimditProgram simdit_training_program(const SimditConfig& config, const Graph& network,
                                      const TrainingOptions& options) {
    check_supported(network);
    check_loss(network, options);
    const TrainingGraph iteration =
        training_graph(as_simdit_has_it(network, config.convolution_bias_gradients), options);
    return Translator(config, iteration).run();
}

} // namespace systolica
