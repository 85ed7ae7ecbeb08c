// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "machine/pe_array/sram_counts.h"

#include <algorithm>
#include <random>

#include <gtest/gtest.h>

namespace systolica {
namespace {

PeArrayConfig array(Dataflow dataflow, unsigned rows, unsigned cols) {
    PeArrayConfig config;
    config.dataflow = dataflow;
    config.rows = rows;
    config.cols = cols;
    return config;
}

// Fold by fold, element by element of what enters and leaves the edges of the array.
SramCounts walk(Dataflow dataflow, std::uint64_t rows, std::uint64_t cols, std::uint64_t m, std::uint64_t n,
                std::uint64_t k) {
    const std::uint64_t s_r = dataflow == Dataflow::os ? m : k;
    const std::uint64_t s_c = dataflow == Dataflow::is ? m : n;
    const std::uint64_t t = dataflow == Dataflow::os ? k : dataflow == Dataflow::is ? n : m;
    SramCounts counts;
    for (std::uint64_t c0 = 0; c0 < s_c; c0 += cols) {
        for (std::uint64_t r0 = 0; r0 < s_r; r0 += rows) {
            const std::uint64_t r = std::min(rows, s_r - r0);
            const std::uint64_t c = std::min(cols, s_c - c0);
            switch (dataflow) {
            case Dataflow::os: // rows of ifmap from the left, columns of filter from above, sums stay
                counts.ifmap_reads += r * t;
                counts.filter_reads += c * t;
                counts.ofmap_writes += r * c;
                break;
            case Dataflow::ws: // filter stays, ifmap from the left, sums leave below
                counts.ifmap_reads += r * t;
                counts.filter_reads += r * c;
                counts.ofmap_writes += c * t;
                counts.ofmap_reads += r0 > 0 ? c * t : 0;
                break;
            case Dataflow::is: // ifmap stays, filter from the left
                counts.ifmap_reads += r * c;
                counts.filter_reads += r * t;
                counts.ofmap_writes += c * t;
                counts.ofmap_reads += r0 > 0 ? c * t : 0;
                break;
            case Dataflow::simdit: // nothing stays, channels are padded to the array
                counts.ifmap_reads += rows * t;
                counts.filter_reads += rows * cols * t;
                counts.ofmap_writes += cols * t;
                counts.ofmap_reads += r0 > 0 ? cols * t : 0;
                break;
            }
        }
    }
    return counts;
}

TEST(SramCounts, EqualAWalkOverTheFolds) {
    std::mt19937 random(5);
    for (int round = 0; round < 500; ++round) {
        const unsigned rows = 1 + static_cast<unsigned>(random() % 9);
        const unsigned cols = 1 + static_cast<unsigned>(random() % 9);
        const std::uint64_t m = 1 + random() % 40;
        const std::uint64_t n = 1 + random() % 40;
        const std::uint64_t k = 1 + random() % 40;
        const std::uint64_t groups = 1 + random() % 3;
        for (const Dataflow dataflow : {Dataflow::os, Dataflow::ws, Dataflow::is, Dataflow::simdit}) {
            const std::uint64_t columns = dataflow == Dataflow::simdit ? (n + cols - 1) / cols * cols : n;
            const SramCounts expected = walk(dataflow, rows, cols, m, n, k);
            const SramCounts counts = sram_counts(array(dataflow, rows, cols), m, n, k, groups, false);
            EXPECT_EQ(counts.ifmap_reads, groups * expected.ifmap_reads);
            EXPECT_EQ(counts.filter_reads, groups * expected.filter_reads);
            EXPECT_EQ(counts.ofmap_writes, groups * expected.ofmap_writes);
            EXPECT_EQ(counts.ofmap_reads, groups * expected.ofmap_reads);
            const SramCounts onto = sram_counts(array(dataflow, rows, cols), m, n, k, groups, true);
            EXPECT_EQ(onto.ofmap_reads, groups * (expected.ofmap_reads + m * columns));
            EXPECT_EQ(onto.ofmap_writes, counts.ofmap_writes);
        }
    }
}

TEST(SramCounts, SumsOfAProductCutAlongKAreThoseOfTheWhole) {
    const PeArrayConfig ws = array(Dataflow::ws, 8, 8);
    SramCounts cut = sram_counts(ws, 30, 20, 16, 1, false);
    cut += sram_counts(ws, 30, 20, 24, 1, true);
    const SramCounts whole = sram_counts(ws, 30, 20, 40, 1, false);
    EXPECT_EQ(cut.ifmap_reads, whole.ifmap_reads);
    EXPECT_EQ(cut.filter_reads, whole.filter_reads);
    EXPECT_EQ(cut.ofmap_writes, whole.ofmap_writes);
    EXPECT_EQ(cut.ofmap_reads, whole.ofmap_reads);
}

TEST(SramCounts, EmptyProductMovesNothing) {
    const SramCounts counts = sram_counts(array(Dataflow::ws, 8, 8), 0, 4, 4, 1, true);
    EXPECT_EQ(counts.ifmap_reads + counts.ofmap_writes + counts.ofmap_reads, 0U);
}

} // namespace
} // namespace systolica
