// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "mapping/training/sum_parts.h"

namespace systolica {

std::vector<int> SumParts::add_results(Group& group, const Form& form) {
    std::vector<int> results;
    for (std::size_t i = 0; i < form.sums.size(); ++i) {
        const TrainingStage::Sums& sums = form.sums[i];
        const int result = tensors_.next(sums.tensor, of(sums.tensor).shape);
        group.results.push_back({result, form.sum_rows[i], false});
        group.results.back().in_a_row = of(sums.tensor).role == TensorRole::parameter_gradient;
        group.layer.results.push_back({sums.lacks, sums.values, 1});
        results.push_back(result);
    }
    return results;
}

std::vector<Group> SumParts::divide(Group& group, const Form& form, const std::vector<int>& sums, const Tiling& tiling,
                                    std::uint64_t tiles) {
    const bool parts = tiles > 1 && tiling.split != Split::channels;
    std::vector<Group> after;
    if (parts && group.layer.weight_gradient) {
        const int whole = group.output.tensor;
        group.output.tensor = parts_of(whole, tiles);
        group.output_per_tile = true;
        after.push_back(added_up(group.output.tensor, whole, group.operation));
    }
    const bool cuts_images = tiling.split == Split::batch && group.layer.images > 1;
    const std::size_t first_sum = group.results.size() - sums.size();
    for (std::size_t i = 0; i < sums.size(); ++i) {
        Result& result = group.results[first_sum + i];
        const TrainingStage::Sums& form_of = form.sums[i];
        const std::uint32_t row = result.operation;
        if (parts && (cuts_images ? form_of.lacks.images : form_of.lacks.rows)) {
            result.tensor = parts_of(sums[i], tiles);
            result.per_tile = true;
            after.push_back(added_up(result.tensor, sums[i], row));
            if (form_of.before >= 0) {
                carry(after.back(), form_of.before, row);
            }
        } else if (form_of.before >= 0) {
            go_on(group, form_of, row);
        }
    }
    return after;
}

int SumParts::parts_of(int whole, std::uint64_t tiles) {
    const std::string name = planned(whole).name + ".parts";
    return tensors_.buffer(name, planned(whole).shape.elements(), tiles, plan_.chip.precision.accumulator_bytes());
}

// Rows of `parts`, one a tile, to one row.
Group SumParts::added_up(int parts, int whole, std::uint32_t row) const {
    const Shape& shape = planned(parts).shape;
    Group group;
    group.operation = group.last_operation = row;
    group.layer = element_layer({1, shape.c, 1, 1}, true);
    group.layer.rows = {shape.h, 1, shape.h, 1, 1, 0, Scale::none};
    group.layer.stages.push_back({VectorKernel::reduce_sum, static_cast<std::uint32_t>(shape.h), row});
    group.input.tensor = parts;
    group.output.tensor = whole;
    return group;
}

void SumParts::carry(Group& group, int state, std::uint32_t row) {
    group.operands.push_back({tensors_.current(state), row});
    group.layer.operands.emplace_back();
    group.results.push_back({tensors_.next(state, of(state).shape), row, false});
    group.layer.results.push_back({{}, 1, 1});
}

void SumParts::go_on(Group& group, const TrainingStage::Sums& sums, std::uint32_t row) {
    group.constants.push_back({0, tensors_.current(sums.before), static_cast<unsigned>(sums.values), 0, row});
    group.results.push_back({tensors_.next(sums.before, of(sums.before).shape), row, false});
    group.layer.results.push_back({sums.lacks, sums.values, 1});
}

} // namespace systolica
