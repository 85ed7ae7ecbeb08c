// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "workloads/layer_table.h"

#include "base/csv_writer.h"

namespace systolica {

namespace {

std::string text(std::uint64_t value) {
    return std::to_string(value);
}

std::string input_names(const Graph& graph, const Operator& op) {
    std::string names;
    for (std::size_t i = 0; i < op.inputs.size(); ++i) {
        names += (i == 0 ? "" : ";") + graph.input_of(op, i).name;
    }
    return names;
}

std::uint64_t input_channels(const Graph& graph, const Operator& op) {
    if (op.kind != OpKind::concat || axis_of(op) != Dim::channels) {
        return graph.input_of(op).shape.c;
    }
    return graph.output_of(op).shape.c; // what all inputs hold together
}

std::string stride_text(const Window& window) {
    const std::string h = text(window.stride_h);
    return window.stride_h == window.stride_w ? h : h + ";" + text(window.stride_w);
}

std::string pad_text(const Window& window) {
    const std::string top = text(window.pad_top);
    const bool same =
        window.pad_top == window.pad_left && window.pad_top == window.pad_bottom && window.pad_top == window.pad_right;
    return same ? top
                : top + ";" + text(window.pad_left) + ";" + text(window.pad_bottom) + ";" + text(window.pad_right);
}

} // namespace

std::string forward_csv(const Graph& graph) {
    CsvWriter csv;
    for (const char* title :
         {"idx", "name", "op", "inputs", "in_c", "in_h", "in_w", "out_c", "out_h", "out_w", "kernel_h", "kernel_w",
          "stride", "pad", "groups", "bias", "macs_per_image", "params", "fwd_output_elements_per_image"}) {
        csv.text(title);
    }
    csv.end_row();
    for (std::size_t i = 0; i < graph.operators.size(); ++i) {
        const Operator& op = graph.operators[i];
        const Shape& in = graph.input_of(op).shape;
        const Shape& result = graph.output_of(op).shape;
        csv.number(std::uint64_t{i}).text(op.name).text(op_label(graph, op)).text(input_names(graph, op));
        csv.number(input_channels(graph, op)).number(in.h).number(in.w);
        csv.number(result.c).number(result.h).number(result.w);
        csv.number(op.window.kernel_h).number(op.window.kernel_w);
        csv.text(stride_text(op.window)).text(pad_text(op.window));
        csv.number(op.groups).number(std::uint64_t{op.bias});
        csv.number(macs(graph, op) / graph.batch).number(parameter_count(graph, op)).number(result.per_image());
        csv.end_row();
    }
    return csv.str();
}

} // namespace systolica
