// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "machine/scale_study/array_budget.h"

#include <gtest/gtest.h>

#include <set>

namespace systolica {
namespace {

// Every quadruple of sides is tried.
TEST(ArrayBudget, ShapesAreAllPowersOfTwoThatUseUpTheBudget) {
    for (const std::uint64_t macs : {64U, 128U, 256U, 4096U}) {
        std::set<ArrayBudgetShape> expected;
        for (std::uint64_t r = 1; r <= macs; r *= 2) {
            for (std::uint64_t c = 1; c <= macs; c *= 2) {
                for (std::uint64_t rows = 8; rows <= macs; rows *= 2) {
                    for (std::uint64_t cols = 8; cols <= macs; cols *= 2) {
                        if (r * c * rows * cols == macs) {
                            expected.insert({r, c, rows, cols});
                        }
                    }
                }
            }
        }
        std::uint64_t number = 0;
        for (const ArrayBudgetShape& shape : array_budget_shapes(macs)) {
            EXPECT_EQ(expected.count(shape), 1u);
            ++number;
        }
        EXPECT_EQ(number, expected.size());
    }
}

// The slowest partition, fold by fold: its share of the product is cut until nothing is left.
TEST(ArrayBudget, CyclesAreThoseOfTheLargestShareFoldByFold) {
    const ArrayExtent product{100, 37, 29};
    for (const ArrayBudgetShape& shape : array_budget_shapes(4096)) {
        std::uint64_t share_rows = 0, share_cols = 0;
        for (std::uint64_t row = 0; row < product.rows; row += shape.partitions_r) {
            ++share_rows; // rows dealt out one by one: the first partition gets the most
        }
        for (std::uint64_t col = 0; col < product.cols; col += shape.partitions_c) {
            ++share_cols;
        }
        std::uint64_t cycles = 0;
        for (std::uint64_t row = 0; row < share_rows; row += shape.rows) {
            for (std::uint64_t col = 0; col < share_cols; col += shape.cols) {
                cycles += shape.rows + (shape.rows + shape.cols - 2) + product.depth; // load, skew, stream
            }
        }
        EXPECT_EQ(array_budget_cycles(shape, product), cycles);
    }
}

// Issue 6: "GEMM 31999x1024x84 at 2^16 MACs: best single array 425,000 cycles, best partitioned 53,000".
TEST(ArrayBudget, PartitionsWinWhereThePaperSaysSo) {
    std::uint64_t best_up = ~0ULL, best_out = ~0ULL;
    for (const ArrayBudgetShape& shape : array_budget_shapes(1U << 16U)) {
        std::uint64_t& best = shape.scale_up() ? best_up : best_out;
        best = std::min(best, array_budget_cycles(shape, {31999, 1024, 84}));
    }
    EXPECT_EQ(best_up, 425000u);
    EXPECT_EQ(best_out, 53000u);
}

} // namespace
} // namespace systolica
