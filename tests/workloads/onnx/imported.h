// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// A model through a file into a graph, and the graph's layers as text.
#pragma once

#include "onnx_model.h"

#include "../../base/temporary_folder.h"
#include "workloads/reader.h"
#include "workloads/shape_rules.h"

namespace systolica {

inline Graph imported(const OnnxModel& model, std::uint64_t batch = 1) {
    const TemporaryFolder folder;
    model.write(folder.file("m.onnx"));
    return read_workload(folder.file("m.onnx"), batch);
}

// "op 2 x 3 x 4 x 5", one a layer.
inline std::string layers(const Graph& graph) {
    std::string text;
    for (const Operator& op : graph.operators) {
        text += (text.empty() ? "" : "; ") + std::string(op_kind_name(op.kind)) + " " +
                shape_text(graph.output_of(op).shape);
    }
    return text;
}

inline OnnxModel one_input(const IntList& dims, std::int64_t opset = 13) {
    OnnxModel m(opset);
    m.input("x", dims);
    return m;
}

} // namespace systolica
