// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "machine/scale_study/array_budget.h"

#include "base/integer.h"

namespace systolica {

std::vector<ArrayBudgetShape> array_budget_shapes(std::uint64_t macs) {
    std::vector<ArrayBudgetShape> shapes;
    const std::uint64_t most_partitions = macs / (kLeastArraySide * kLeastArraySide);
    for (std::uint64_t r = 1; r <= most_partitions; r *= 2) {
        for (std::uint64_t c = 1; r * c <= most_partitions; c *= 2) {
            const std::uint64_t units = macs / (r * c);
            for (std::uint64_t rows = kLeastArraySide; rows * kLeastArraySide <= units; rows *= 2) {
                shapes.push_back({r, c, rows, units / rows});
            }
        }
    }
    return shapes;
}

std::uint64_t array_budget_cycles(const ArrayBudgetShape& shape, const ArrayExtent& product) {
    const std::uint64_t folds = ceil_div(ceil_div(product.rows, shape.partitions_r), shape.rows) *
                                ceil_div(ceil_div(product.cols, shape.partitions_c), shape.cols);
    return (2 * shape.rows + shape.cols + product.depth - 2) * folds;
}

} // namespace systolica
