// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "workloads/training/table.h"

#include "base/csv_writer.h"

#include <algorithm>

namespace systolica {

namespace {

const char* phase(Pass pass) {
    return pass == Pass::forward ? "fwd" : pass == Pass::update ? "upd" : "bwd";
}

std::string sources(const TrainingGraph& graph, const TrainingOperation& operation) {
    std::vector<std::string> names;
    for (const int input : operation.inputs) {
        const TrainingTensor& tensor = graph.tensors[static_cast<std::size_t>(input)];
        if (tensor.role == TensorRole::parameter || tensor.role == TensorRole::state ||
            tensor.role == TensorRole::label) {
            continue;
        }
        const std::string& name =
            tensor.producer < 0 ? tensor.name : graph.operations[static_cast<std::size_t>(tensor.producer)].name;
        if (std::find(names.begin(), names.end(), name) == names.end()) {
            names.push_back(name);
        }
    }
    std::string text;
    for (const std::string& name : names) {
        text += (text.empty() ? "" : ";") + name;
    }
    return text;
}

} // namespace

std::string training_csv(const TrainingGraph& graph) {
    CsvWriter csv;
    for (const char* title : {"idx", "name", "phase", "op", "fwd_layer", "deps", "out_c", "out_h", "out_w"}) {
        csv.text(title);
    }
    for (const char* count : {"macs", "elementwise_ops", "reduce_ops", "special_ops", "read_elems", "write_elems"}) {
        csv.text(std::string(count) + "_per_image").text(std::string(count) + "_per_iter");
    }
    csv.end_row();
    for (std::size_t i = 0; i < graph.operations.size(); ++i) {
        const TrainingOperation& operation = graph.operations[i];
        csv.number(std::uint64_t{i}).text(operation.name).text(phase(operation.pass)).text(operation.op);
        csv.text(operation.layer_name).text(sources(graph, operation));
        csv.number(operation.shape.c).number(operation.shape.h).number(operation.shape.w);
        for (const auto count : {&OperationCounts::macs, &OperationCounts::elementwise, &OperationCounts::reduce,
                                 &OperationCounts::special, &OperationCounts::read, &OperationCounts::write}) {
            csv.number(operation.per_image.*count).number(operation.per_iteration.*count);
        }
        csv.end_row();
    }
    return csv.str();
}

} // namespace systolica
