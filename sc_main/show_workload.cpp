// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "sc_main/show.h"

#include "base/csv_writer.h"
#include "sc_main/text_table.h"

#include <algorithm>
#include <ostream>

namespace systolica {

namespace {

constexpr std::size_t kNameColumns = 34;

std::string shape_text(const Shape& shape) {
    return std::to_string(shape.n) + "x" + std::to_string(shape.c) + "x" + std::to_string(shape.h) + "x" +
           std::to_string(shape.w);
}

std::string input_names(const Graph& graph, const Operator& op) {
    std::string names;
    for (const int input : op.inputs) {
        names += (names.empty() ? "" : ";") + graph.tensors[static_cast<std::size_t>(input)].name;
    }
    return names;
}

// Global pooling has no window of its own: it covers its input.
Window window_of(const Graph& graph, const Operator& op) {
    Window window = op.window;
    if (op.kind == OpKind::global_avg_pool) {
        window.kernel_h = graph.input_of(op).shape.h;
        window.kernel_w = graph.input_of(op).shape.w;
    }
    return window;
}

std::uint64_t input_channels(const Graph& graph, const Operator& op) {
    std::uint64_t channels = graph.input_of(op).shape.c;
    for (std::size_t i = 1; op.kind == OpKind::concat && i < op.inputs.size(); ++i) {
        channels += graph.input_of(op, i).shape.c;
    }
    return channels;
}

} // namespace

void print_workload(std::ostream& out, const Graph& graph) {
    out << "workload    " << graph.name << ", batch " << graph.batch << "\n"
        << "operators   " << graph.operators.size() << "\n"
        << "MACs        " << grouped(macs(graph)) << " in a forward pass\n"
        << "parameters  " << grouped(parameter_count(graph)) << "\n\n";
    TextTable table;
    table.column("#");
    table.column("layer", TextTable::Align::left);
    table.column("op", TextTable::Align::left);
    for (const char* title : {"input", "output", "kernel", "stride", "M", "N", "K", "groups", "MACs", "params"}) {
        table.column(title);
    }
    for (std::size_t i = 0; i < graph.operators.size(); ++i) {
        const Operator& op = graph.operators[i];
        const GemmShape gemm = gemm_shape(graph, op);
        const Window window = window_of(graph, op);
        const bool product = gemm.groups > 0;
        const auto dimension = [&](std::uint64_t value) { return product ? std::to_string(value) : std::string(); };
        table.row({std::to_string(i), shortened(op.name, kNameColumns), op_label(graph, op),
                   shape_text(graph.input_of(op).shape), shape_text(graph.output_of(op).shape),
                   std::to_string(window.kernel_h) + "x" + std::to_string(window.kernel_w),
                   std::to_string(window.stride_h), dimension(gemm.m), dimension(gemm.n), dimension(gemm.k),
                   dimension(gemm.groups), grouped(macs(graph, op)), grouped(parameter_count(graph, op))});
    }
    table.print(out);
}

std::string workload_csv(const Graph& graph) {
    CsvWriter csv;
    for (const char* title :
         {"idx", "name", "op", "inputs", "in_c", "in_h", "in_w", "out_c", "out_h", "out_w", "kernel_h", "kernel_w",
          "stride", "pad", "groups", "bias", "macs_per_image", "params", "fwd_output_elements_per_image"}) {
        csv.text(title);
    }
    csv.end_row();
    const std::uint64_t images = std::max<std::uint64_t>(1, graph.batch);
    for (std::size_t i = 0; i < graph.operators.size(); ++i) {
        const Operator& op = graph.operators[i];
        const Shape& in = graph.input_of(op).shape;
        const Shape& made = graph.output_of(op).shape;
        const Window window = window_of(graph, op);
        csv.number(std::uint64_t{i}).text(op.name).text(op_label(graph, op)).text(input_names(graph, op));
        csv.number(input_channels(graph, op)).number(in.h).number(in.w);
        csv.number(made.c).number(made.h).number(made.w);
        csv.number(window.kernel_h).number(window.kernel_w).number(window.stride_h).number(window.pad_top);
        csv.number(op.groups).number(std::uint64_t{op.bias});
        csv.number(macs(graph, op) / images).number(parameter_count(graph, op)).number(made.per_image());
        csv.end_row();
    }
    return csv.str();
}

} // namespace systolica
