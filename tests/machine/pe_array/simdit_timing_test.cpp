// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// The array of SimDIT's machine against a walk over everything that enters it.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "machine/pe_array/array_pipeline.h"
#include "machine/pe_array/fold_timing.h"

namespace systolica {
namespace {

PeArrayConfig simdit(unsigned rows, unsigned cols) {
    PeArrayConfig array;
    array.dataflow = Dataflow::simdit;
    array.rows = rows;
    array.cols = cols;
    return array;
}

// A vector of inputs enters each cycle, for each pass over the array all of them; element (r, c) works on it r + c
// cycles later, and the cycle after that it is done.
std::uint64_t walk(const PeArrayConfig& array, std::uint64_t m, std::uint64_t n, std::uint64_t k) {
    std::uint64_t entered = 0;
    std::uint64_t done = 0;
    for (std::uint64_t n0 = 0; n0 < n; n0 += array.cols) {
        for (std::uint64_t k0 = 0; k0 < k; k0 += array.rows) {
            for (std::uint64_t vector = 0; vector < m; ++vector) {
                done = std::max(done, entered + (array.rows - 1) + (array.cols - 1) + 1);
                ++entered;
            }
        }
    }
    return done;
}

TEST(SimditArray, CommandTakesAVectorACycleAndFillsAndDrainsOnce) {
    std::mt19937 random(3);
    const auto draw = [&random](unsigned most) { return 1 + static_cast<unsigned>(random() % most); };
    for (int round = 0; round < 1000; ++round) {
        PeArrayConfig array = simdit(draw(12), draw(12));
        array.fold_overlap = round % 2 == 0; // neither option plays a part
        array.clip_folds = round % 3 == 0;
        const unsigned m = draw(30), n = draw(40), k = draw(40);
        EXPECT_EQ(fold_timing(array, m, n, k).cycles(), walk(array, m, n, k));
    }
}

TEST(SimditArray, TilesThatBeginAndEndTheirOperationDoNotOverlapAndAreAllWork) {
    const PeArrayConfig array = simdit(4, 8);
    ArrayPipeline pipeline(array);
    MatrixArguments tile;
    tile.m = 10;
    tile.n = 16;
    tile.k = 12;
    tile.begins_operation = tile.ends_operation = true;
    constexpr std::uint64_t kTile = 10 * 2 * 3 + 3 + 7;
    for (std::uint64_t i = 0; i < 3; ++i) {
        const ArraySlot slot = pipeline.schedule(0, tile);
        EXPECT_EQ(slot.start, i * kTile);
        EXPECT_EQ(slot.end, (i + 1) * kTile);
        EXPECT_EQ(slot.working_from, slot.start);
        EXPECT_EQ(slot.working_to, slot.end);
    }
}

} // namespace
} // namespace systolica
