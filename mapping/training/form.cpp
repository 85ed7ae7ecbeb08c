// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "mapping/training/form.h"

#include <algorithm>

#include "mapping/training/form_maker.h"
#include "mapping/training/forward_forms.h"
#include "mapping/training/gradient_forms.h"
#include "mapping/training/product_forms.h"

namespace systolica {

namespace {

bool has_rows_apart(const TrainingStage& stage) {
    const auto apart = [](const Stretch& lacks) {
        return (lacks.images || lacks.rows) && !(lacks.images && lacks.rows && lacks.columns);
    };
    return std::any_of(stage.operands.begin(), stage.operands.end(),
                       [&](const TrainingStage::Operand& o) { return apart(lacking(o.shape, stage.shape)); }) ||
           std::any_of(stage.sums.begin(), stage.sums.end(),
                       [&](const TrainingStage::Sums& sums) { return apart(sums.lacks); });
}

// Rows of all images are one tall image no longer.
void keep_images_apart(Layer& layer, std::uint64_t images) {
    if (layer.images < images) {
        layer.images = images;
        layer.rows.in = layer.rows.out = layer.row_unit;
        layer.row_unit = 1;
    }
    layer.images_apart = true;
}

Form led_by(const TrainingStage& stage, std::uint32_t row) {
    Form form;
    form.group.operation = form.group.last_operation = row;
    form.group.layer = element_layer(stage.shape, has_rows_apart(stage));
    form.group.input.tensor = stage.stream;
    form.group.output.tensor = stage.stream;
    form.group.layer.output = false; // until a stage makes one
    add_stage(form, stage, row);
    return form;
}

} // namespace

void add_stage(Form& form, const TrainingStage& stage, std::uint32_t row) {
    Group& group = form.group;
    Layer& layer = group.layer;
    if (has_rows_apart(stage)) {
        keep_images_apart(layer, stage.shape.n);
    }
    for (const VectorKernel kernel : stage.kernels) {
        layer.stages.push_back({kernel, 1, row});
    }
    for (const TrainingStage::Operand& operand : stage.operands) {
        group.operands.push_back({operand.tensor, row, operand.gathered, operand.first_channel});
        form.operand_shapes.push_back(operand.shape);
        layer.operands.push_back({lacking(operand.shape, stage.shape), 1});
    }
    for (const TrainingStage::Constants& constants : stage.constants) {
        group.constants.push_back({0, constants.tensor, constants.values, 0, row});
    }
    for (const TrainingStage::Operand& result : stage.results) {
        add_result(form, result.tensor, result.shape, {}, 1, row);
        group.results.back().first_channel = result.first_channel;
    }
    for (const TrainingStage::Sums& sums : stage.sums) {
        form.sums.push_back(sums);
        form.sum_rows.push_back(row);
        layer.whole_rows = layer.whole_rows || ((sums.lacks.rows || sums.lacks.columns) && !sums.lacks.images);
        layer.whole_channels = layer.whole_channels || sums.lacks.channels;
        layer.row_unit = layer.whole_rows && layer.images == 1 ? layer.rows.out : layer.row_unit;
    }
    if (stage.output >= 0) {
        layer.output = true;
        group.output.tensor = stage.output;
        group.last_operation = row;
    }
}

std::vector<Form> forms_of(const TrainingGraph& graph, const TrainingOperation& operation, std::uint32_t row,
                           BackwardLowering lowering) {
    std::vector<Form> list;
    for (const TrainingStage& stage : stages_of(graph, operation)) {
        list.push_back(led_by(stage, row));
    }
    if (!list.empty()) {
        return list;
    }
    if (operation.pass == Pass::forward) {
        return forward_forms(graph, operation, row);
    }
    return operation.matrix.groups > 0 ? product_forms(graph, operation, row, lowering)
                                       : gradient_forms(graph, operation, row);
}

} // namespace systolica
