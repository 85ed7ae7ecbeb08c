// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "simdit_programs.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/strict_yaml.h"
#include "machine/simdit/cost.h"
#include "workloads/inference.h"
#include "workloads/reader.h"
#include "workloads/training/training.h"
#include "workloads/yaml_reader.h"

namespace systolica {
namespace {

bool is_product(const SimditOperation& step) {
    return std::holds_alternative<SimditProduct>(step.work);
}

SimditVector element_wise(const Shape& shape, unsigned reads, unsigned steps) {
    SimditVector work;
    work.images = shape.n;
    work.channels = shape.c;
    work.h = shape.h;
    work.w = shape.w;
    work.reads = reads;
    work.steps = steps;
    return work;
}

SimditVector of_kind(SimditVectorKind kind, const Shape& shape) {
    SimditVector work = element_wise(shape, 1, 1);
    work.kind = kind;
    return work;
}

SimditVector pool(SimditVectorKind kind, const Graph& graph, const Operator& op) {
    const bool global = op.kind == OpKind::global_avg_pool;
    const Shape& in = graph.input_of(op).shape;
    SimditVector work = of_kind(kind, graph.output_of(op).shape);
    work.kernel_h = global ? in.h : op.window.kernel_h;
    work.kernel_w = global ? in.w : op.window.kernel_w;
    work.stride_h = op.window.stride_h;
    work.stride_w = op.window.stride_w;
    return work;
}

SimditVector relu(const Shape& shape) {
    SimditVector work = element_wise(shape, 1, 1);
    work.immediate = true;
    return work;
}

SimditProduct product(const MatrixWork& nest, bool fully_connected) {
    SimditProduct work;
    work.fully_connected = fully_connected;
    work.images = nest.images;
    work.groups = nest.groups;
    work.in_channels = nest.in_channels;
    work.out_channels = nest.out_channels;
    work.out_h = nest.out_h;
    work.out_w = nest.out_w;
    work.kernel_h = nest.kernel_h;
    work.kernel_w = nest.kernel_w;
    work.stride_h = nest.stride_h;
    work.stride_w = nest.stride_w;
    work.dilation_h = nest.kernel_dilation_h;
    work.dilation_w = nest.kernel_dilation_w;
    work.input_dilation_h = nest.input_dilation_h;
    work.input_dilation_w = nest.input_dilation_w;
    return work;
}

// SimDIT's rule for the bits of a SIMD result: the array's where the next operation of the program is one of the array.
// Its programs transpose before the gradients of a convolution, which costs nothing but is an operation.
void set_result_bits(SimditProgram& program) {
    for (std::size_t i = 0; i + 1 < program.size(); ++i) {
        const SimditOperation& next = program[i + 1];
        if (auto* work = std::get_if<SimditVector>(&program[i].work)) {
            const bool transposed = next.op == "conv" && next.pass != "forward";
            work->feeds_array = is_product(next) && !transposed;
        }
    }
}

void drop_views(SimditProgram& program) {
    program.erase(std::remove_if(program.begin(), program.end(),
                                 [](const SimditOperation& step) { return step.op == "flatten"; }),
                  program.end());
}

void add_updates(SimditProgram& program, const Graph& graph, const Operator& op) {
    const Shape& in = graph.input_of(op).shape;
    const std::uint64_t channels = graph.output_of(op).shape.c;
    const auto update = [&](const char* word, const Shape& shape) {
        program.push_back({word, "", element_wise(shape, 2, 2)});
    };
    if (op.kind == OpKind::batch_norm) {
        update("sgd1d", {1, channels, 1, 1});
        update("sgd1d", {1, channels, 1, 1});
        return;
    }
    if (op.kind == OpKind::conv) {
        update("sgd4d", {channels, in.c / op.groups, op.window.kernel_h, op.window.kernel_w});
    } else {
        update("sgd2d", {in.c, channels, 1, 1});
    }
    if (op.bias) {
        update("sgd1d", {1, channels, 1, 1});
    }
}

} // namespace

SimditProgram simdit_inference(const std::string& net, std::uint64_t batch) {
    const Graph graph = inference_graph(read_workload(net, batch), InferenceOptions{});
    SimditProgram program;
    for (const Operator& op : graph.operators) {
        const Shape& out = graph.output_of(op).shape;
        switch (op.kind) {
        case OpKind::conv:
            program.push_back({"conv_bias", "", product(forward_work(graph, op), false)});
            break;
        case OpKind::fully_connected:
            program.push_back({"gemm", "", product(forward_work(graph, op), true)});
            break;
        case OpKind::relu:
            program.push_back({"relu", "", relu(out)});
            break;
        case OpKind::add:
            program.push_back({"elem_add", "", element_wise(out, 2, 1)});
            break;
        case OpKind::max_pool:
            program.push_back({"max_pool", "", pool(SimditVectorKind::max_pool, graph, op)});
            break;
        case OpKind::global_avg_pool:
            program.push_back({"global_avg_pool", "", pool(SimditVectorKind::avg_pool, graph, op)});
            break;
        case OpKind::flatten:
            program.push_back({"flatten", "", SimditVector{}});
            break;
        case OpKind::softmax: // not in SimDIT's programs
            break;
        default:
            ADD_FAILURE() << op.name;
        }
    }
    set_result_bits(program);
    drop_views(program);
    return program;
}

SimditProgram simdit_training(const Graph& network, bool gradient_of_image) {
    TrainingOptions options;
    options.optimizer = Optimizer::sgd;
    options.input_gradient_of_first_layer = gradient_of_image;
    options.loss = false;
    options.backward_lowering = BackwardLowering::dilated;
    const TrainingGraph iteration = training_graph(network, options);
    const Graph& graph = iteration.forward;
    SimditProgram program;
    for (const TrainingOperation& operation : iteration.operations) {
        const std::string& word = operation.op;
        const Shape& shape = iteration.tensors[static_cast<std::size_t>(operation.outputs[0])].shape;
        const Operator* op =
            operation.layer < 0 ? nullptr : &graph.operators[static_cast<std::size_t>(operation.layer)];
        const auto add = [&](const char* name, const SimditVector& work) { program.push_back({name, "", work}); };
        if (operation.matrix.groups > 0) {
            const bool dense = op->kind == OpKind::fully_connected;
            const bool forward = operation.pass == Pass::forward;
            program.push_back({!dense    ? "conv"
                               : forward ? "gemm"
                                         : "gemm_no_bias",
                               forward                                 ? "forward"
                               : operation.pass == Pass::backward_data ? "dX"
                                                                       : "dW",
                               product(operation.matrix, dense)});
        } else if (word == "relu") {
            add("relu", relu(shape));
        } else if (word == "relu_bwd") {
            add("relu_grad", element_wise(shape, 2, 1));
        } else if (word == "add" || word == "grad_add") {
            add("elem_add", element_wise(shape, 2, 1));
        } else if (word == "bn_stats") {
            add("mean_var", of_kind(SimditVectorKind::norm_statistics, graph.output_of(*op).shape));
        } else if (word == "bn_norm") {
            add("batch_norm", of_kind(SimditVectorKind::normalise, shape));
        } else if (word == "bn_bwd_reduce") {
            add("batchnorm_grad_x_mu", of_kind(SimditVectorKind::norm_gradient_sums, graph.output_of(*op).shape));
        } else if (word == "bn_bwd_dx") {
            add("batchnorm_grad_x_mu", of_kind(SimditVectorKind::norm_gradient_input, shape));
        } else if (word == "maxpool") {
            add("max_pool", pool(SimditVectorKind::max_pool, graph, *op));
        } else if (word == "maxpool_bwd") {
            add("max_pool_grad", pool(SimditVectorKind::max_pool_gradient, graph, *op));
        } else if (word == "gap") {
            add("global_avg_pool", pool(SimditVectorKind::avg_pool, graph, *op));
        } else if (word == "gap_bwd") {
            add("global_average_pool_grad", pool(SimditVectorKind::avg_pool_gradient, graph, *op));
        } else if (word == "bias_grad") {
            const Shape& out = graph.output_of(*op).shape;
            add("reduce_sum", of_kind(SimditVectorKind::channel_sums, out));
        } else if (word == "sgd") {
            add_updates(program, graph, *op);
        } else if (word == "flatten") {
            program.push_back({"flatten", "", SimditVector{}});
        } else if (word.rfind("dropout", 0) != 0) { // not in SimDIT's programs
            ADD_FAILURE() << operation.name;
        }
    }
    set_result_bits(program);
    drop_views(program);
    return program;
}

void fuse(const SimditConfig& config, SimditProgram& program) {
    for (std::size_t i = 0; i + 1 < program.size(); ++i) {
        if (program[i].op == "conv_bias" && (program[i + 1].op == "relu" || program[i + 1].op == "elem_add")) {
            std::get<SimditVector>(program[i + 1].work).operand_stays = true;
            auto& work = std::get<SimditProduct>(program[i].work);
            work.result_stays = true;
            work.following_cycles = simdit_cost(config, program[i + 1].work).cycles();
        }
    }
}

Graph simdit_network(const std::string& net, std::uint64_t batch) {
    std::string text = read_text_file(std::string(SYSTOLICA_SOURCE_DIR) + "/workloads/" + net + ".yaml");
    const auto replace = [&text](const std::string& what, const std::string& with) {
        std::size_t times = 0;
        for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + with.size())) {
            text.replace(at, what.size(), with);
            ++times;
        }
        EXPECT_GT(times, 0u) << what;
    };
    if (net == "vgg16") {
        replace("pad: 1, bias: true", "pad: 1");
    } else {
        replace("height: 224, width: 224", "height: 229, width: 229");
        replace("kernel: 7, stride: 2, pad: 3", "kernel: 7, stride: 2");
    }
    return read_yaml_workload(text, net, batch);
}

} // namespace systolica
