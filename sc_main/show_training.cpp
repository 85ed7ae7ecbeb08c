// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "sc_main/show_training.h"

#include "sc_main/text_table.h"
#include "workloads/training/memory.h"
#include "workloads/training/table.h"
#include "workloads/training/training.h"

#include <array>
#include <ostream>
#include <sstream>

namespace systolica {

namespace {

constexpr std::size_t kNameColumns = 34;
constexpr std::array kPasses{Pass::forward, Pass::backward, Pass::backward_data, Pass::backward_weight, Pass::update};

const std::vector<std::string> kOptimizers{"momentum_wd", "sgd", "momentum", "adam"};

TrainingOptions options_of(const CommandLine& line, std::uint64_t batch) {
    TrainingOptions options;
    options.micro_batch = line.number("microbatch", 1, batch, batch);
    const std::string optimizer = line.choice("optimizer", kOptimizers);
    options.optimizer = optimizer == "sgd"        ? Optimizer::sgd
                        : optimizer == "momentum" ? Optimizer::momentum
                        : optimizer == "adam"     ? Optimizer::adam
                                                  : Optimizer::momentum_wd;
    options.input_gradient_of_first_layer = line.choice("input-gradient-of-first-layer", {"false", "true"}) == "true";
    options.loss = line.choice("loss", {"true", "false"}) == "true";
    options.backward_lowering = line.choice("backward-lowering", {"direct", "dilated"}) == "dilated"
                                    ? BackwardLowering::dilated
                                    : BackwardLowering::direct;
    set_recompute(options, line.text("recompute", "none"));
    return options;
}

void add(OperationCounts& sum, const OperationCounts& more) {
    sum.macs += more.macs;
    sum.elementwise += more.elementwise;
    sum.reduce += more.reduce;
    sum.special += more.special;
    sum.read += more.read;
    sum.write += more.write;
}

std::vector<std::string> cells(const OperationCounts& counts) {
    return {grouped(counts.macs),    grouped(counts.elementwise), grouped(counts.reduce),
            grouped(counts.special), grouped(counts.read),        grouped(counts.write)};
}

void print_totals(std::ostream& out, const TrainingGraph& graph) {
    TextTable table;
    table.column("pass", TextTable::Align::left);
    for (const char* title :
         {"operations", "MACs", "element ops", "reductions", "special", "elements read", "written"}) {
        table.column(title);
    }
    OperationCounts all;
    const auto row_of = [&](const std::string& name, Pass pass, bool recomputation) {
        OperationCounts sum;
        std::uint64_t operations = 0;
        for (const TrainingOperation& operation : graph.operations) {
            if (operation.pass == pass && operation.recomputation == recomputation) {
                ++operations;
                add(sum, graph.counts(operation));
            }
        }
        add(all, sum);
        std::vector<std::string> row = cells(sum);
        row.insert(row.begin(), {name, grouped(operations)});
        if (operations > 0 || !recomputation) {
            table.row(row);
        }
    };
    for (const Pass pass : kPasses) {
        row_of(pass_name(pass), pass, false);
        row_of("forward again", pass, true);
    }
    table.rule();
    std::vector<std::string> row = cells(all);
    row.insert(row.begin(), {"total", grouped(graph.operations.size())});
    table.row(row);
    table.print(out);
}

void print_operations(std::ostream& out, const TrainingGraph& graph) {
    TextTable table;
    table.column("#");
    for (const char* title : {"operation", "op", "pass"}) {
        table.column(title, TextTable::Align::left);
    }
    for (const char* title : {"result", "M", "N", "K", "groups", "MACs", "element ops", "reductions", "special",
                              "elements read", "written"}) {
        table.column(title);
    }
    for (std::size_t i = 0; i < graph.operations.size(); ++i) {
        const TrainingOperation& operation = graph.operations[i];
        const GemmShape& gemm = operation.matrix.gemm;
        const auto dimension = [&](std::uint64_t value) { return gemm.groups > 0 ? std::to_string(value) : ""; };
        const Shape& shape = operation.shape;
        std::vector<std::string> row{std::to_string(i),
                                     shortened(operation.name, kNameColumns),
                                     operation.op,
                                     pass_name(operation.pass),
                                     std::to_string(shape.c) + "x" + std::to_string(shape.h) + "x" +
                                         std::to_string(shape.w),
                                     dimension(gemm.m),
                                     dimension(gemm.n),
                                     dimension(gemm.k),
                                     dimension(gemm.groups)};
        const std::vector<std::string> counts = cells(graph.counts(operation));
        row.insert(row.end(), counts.begin(), counts.end());
        table.row(row);
    }
    table.print(out);
}

} // namespace

void set_recompute(TrainingOptions& options, const std::string& given) {
    options.recompute = given == "none" ? Recompute::none : given == "sqrt" ? Recompute::sqrt : Recompute::list;
    std::istringstream names(given);
    for (std::string name; options.recompute == Recompute::list && std::getline(names, name, ',');) {
        options.recomputed.push_back(name);
    }
}

void add_training_options(CommandLine& line) {
    line.option("microbatch", "N", "training: samples at once, gradients are accumulated (the batch)");
    line.option("optimizer", "NAME", "training: sgd, momentum, momentum_wd or adam (momentum_wd)");
    line.option("recompute", "none|sqrt|LAYER,...", "training: results computed again instead of kept (none)");
    line.option("backward-lowering", "direct|dilated", "training: whether zeros of strided gradients are multiplied");
    line.option("input-gradient-of-first-layer", "true|false", "training: gradient of the image (false)");
    line.option("loss", "true|false", "training: softmax with cross-entropy at the end (true)");
    line.option("activation-bits", "N", "training: of the memory for activations (16)");
}

bool has_training_options(const CommandLine& line, std::string& which) {
    for (const char* name : {"microbatch", "optimizer", "recompute", "backward-lowering",
                             "input-gradient-of-first-layer", "loss", "activation-bits"}) {
        if (line.has(name)) {
            which = name;
            return true;
        }
    }
    return false;
}

void show_training(std::ostream& out, const CommandLine& line, const Graph& network) {
    const unsigned bits = static_cast<unsigned>(line.number("activation-bits", 1, 64, 16));
    const TrainingGraph graph = training_graph(network, options_of(line, network.batch));
    if (line.has("csv")) {
        out << training_csv(graph);
        return;
    }
    const TrainingMemory memory = activation_memory(graph, bits);
    out << "workload    " << network.name << ", one training iteration, batch " << graph.batch;
    if (graph.micro_batch != graph.batch) {
        out << " in micro-batches of " << graph.micro_batch;
    }
    out << "\n"
        << "operations  " << graph.operations.size() << "\n"
        << "parameters  " << grouped(parameter_count(graph.forward)) << "\n"
        << "kept        " << grouped(memory.kept_bytes) << " bytes of activations from forward to backward, at " << bits
        << " bits\n"
        << "peak        " << grouped(memory.peak_bytes) << " bytes of activations and their gradients";
    if (memory.peak_bytes > 0) {
        out << ", in " << graph.operations[static_cast<std::size_t>(memory.peak_operation)].name;
    }
    out << "\n\n";
    print_totals(out, graph);
    out << "\n";
    print_operations(out, graph);
}

} // namespace systolica
