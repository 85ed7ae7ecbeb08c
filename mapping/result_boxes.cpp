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

// All elements of the result lie in one row: pixel by pixel, the channels of each.
std::vector<Box> boxes_in_a_row(const Layer& layer, const ResultForm& form, const Step& step, std::uint64_t row) {
    const Stretch& lacks = form.lacks;
    const auto range = [](bool lacking, const Range& of) { return lacking ? Range{0, 1} : of; };
    const Range rows = range(lacks.rows, step.rows);
    const Range columns = range(lacks.columns, step.columns);
    const Range channels = range(lacks.channels, step.channels);
    const std::uint64_t width = lacks.columns ? 1 : layer.columns.out;
    const std::uint64_t pixel = lacks.channels ? 1 : layer.out_channels;
    std::vector<Box> boxes;
    for (std::uint64_t r = rows.begin; r < rows.end; ++r) {
        for (std::uint64_t c = columns.begin; c < columns.end; ++c) {
            const std::uint64_t at = (r * width + c) * pixel;
            Box box;
            box.rows = {row, 1, 1, 0};
            box.channels = {(at + channels.begin) * form.values, (at + channels.end) * form.values};
            box.columns = {0, 1, 1, 0};
            boxes.push_back(box);
        }
    }
    return boxes;
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
    if (result.per_tile || result.in_a_row || (lacks.images && lacks.rows && lacks.columns && !lacks.channels)) {
        return boxes_in_a_row(group.layer, form, step, result.per_tile ? row : 0);
    }
    Access access = group.output;
    access.tensor = result.tensor;
    access.start[0] += result.first_channel;
    return boxes_of(access, shape, results(step), lacks);
}

} // namespace systolica
