// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "mapping/training/form_maker.h"

#include <algorithm>

namespace systolica {

FormMaker::FormMaker(const TrainingGraph& graph, const TrainingOperation& operation, std::uint32_t row)
    : graph_(graph),
      operation_(operation),
      op_(graph.forward.operators[static_cast<std::size_t>(std::max(0, operation.layer))]),
      row_(row) {}

Form FormMaker::of_shape(VectorKernel kernel, const Shape& shape, std::uint64_t taps) const {
    Form form;
    form.group.operation = form.group.last_operation = row_;
    form.group.layer = element_layer(shape, true);
    form.group.layer.stages.push_back({kernel, static_cast<std::uint32_t>(taps), row_});
    form.group.input.tensor = operation_.inputs[0];
    form.group.output.tensor = operation_.outputs[0];
    return form;
}

Form FormMaker::of_whole_channels(VectorKernel kernel, const AxisOrder& order, std::uint64_t taps) const {
    Form form = of_shape(kernel, in_order(shape_of(operation_.inputs[0]), order), taps);
    form.group.layer.whole_channels = true;
    form.group.input.axes = form.group.output.axes = order;
    return form;
}

void FormMaker::add_operand(Form& form, int tensor, const Stretch& lacks) const {
    form.group.operands.push_back({tensor, row_});
    form.operand_shapes.push_back(shape_of(tensor));
    form.group.layer.operands.push_back({lacks, 1});
}

void add_result(Form& form, int tensor, const Shape& shape, const Stretch& lacks, std::uint64_t values,
                std::uint32_t row) {
    form.group.results.push_back({tensor, row, false});
    form.group.layer.results.push_back({lacks, values, 1});
    form.result_shapes.push_back(shape);
}

} // namespace systolica
