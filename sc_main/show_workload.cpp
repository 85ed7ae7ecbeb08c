// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "sc_main/show.h"

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
        const Window& window = op.window;
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

} // namespace systolica
