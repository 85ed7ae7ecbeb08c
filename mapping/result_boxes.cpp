// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "mapping/result_boxes.h"

#include "mapping/program_parts.h"

namespace systolica {

namespace {

Box gradient_box(const Group& group, const Step& step, std::uint64_t row) {
    const Layer& layer = group.layer;
    const std::uint64_t kernel = layer.kernel_positions();
    const std::uint64_t first = kernel * (group.output.start[0] * layer.in_group() +
                                          step.channels.begin * layer.in_group() + step.channels.size() * step.k.begin);
    Box box;
    box.rows = {row, 1, 1, 0};
    box.columns = {0, 1, 1, 0};
    box.channels = {first, first + step.outputs()};
    return box;
}

} // namespace

std::vector<Box> output_boxes(const Group& group, const Shape& shape, const Step& step, std::uint64_t row) {
    if (group.layer.weight_gradient) {
        return {gradient_box(group, step, group.output_per_tile ? row : 0)};
    }
    const Region region = results(step);
    return group.output_gathered ? gathered_boxes(region, group.layer.rows.out, group.layer.columns.out, shape.h)
                                 : boxes_of(group.output, shape, region);
}

std::vector<Box> operand_boxes(const Group& group, std::size_t index, const Shape& shape, const Step& step) {
    const Operand& operand = group.operands[index];
    if (group.layer.weight_gradient) {
        Box box = gradient_box(group, step, 0);
        box.channels.begin += operand.first_channel;
        box.channels.end += operand.first_channel;
        return {box};
    }
    const Region region = results(step);
    if (operand.gathered) {
        return gathered_boxes(region, group.layer.rows.out, group.layer.columns.out, shape.h);
    }
    Access access = group.output;
    access.start[0] += operand.first_channel;
    return boxes_of(access, shape, region, group.layer.operands[index].stretch);
}

std::vector<Box> result_boxes(const Group& group, std::size_t index, const Shape& shape, const Step& step,
                              std::uint64_t row) {
    const ResultForm& form = group.layer.results[index];
    const Result& result = group.results[index];
    const Stretch& lacks = form.lacks;
    if (group.layer.weight_gradient) { // an update on the fly: lies as the gradient does
        return {gradient_box(group, step, 0)};
    }
    if (lacks.images && lacks.rows && lacks.columns && !lacks.channels) {
        Box box;
        box.rows = {result.per_tile ? row : 0, 1, 1, 0};
        box.columns = {0, 1, 1, 0};
        box.channels = {step.channels.begin * form.values, step.channels.end * form.values};
        return {box};
    }
    Access access = group.output;
    access.tensor = result.tensor;
    return boxes_of(access, shape, results(step), lacks);
}

} // namespace systolica
