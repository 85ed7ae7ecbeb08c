// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <vector>

#include "machine/pe_array/array_pipeline.h"
#include "machine/pe_array/fold_timing.h"

namespace systolica {
namespace {

struct Fold {
    std::uint64_t r, c;
};

// The folds one by one, as formulas of the header write them: the independent, slow form.
std::vector<Fold> folds_of(const PeArrayConfig& a, const ArrayExtent& x, std::uint64_t groups) {
    std::vector<Fold> folds;
    for (std::uint64_t g = 0; g < groups; ++g) {
        for (std::uint64_t c0 = 0; c0 < x.cols; c0 += a.cols) {
            for (std::uint64_t r0 = 0; r0 < x.rows; r0 += a.rows) {
                folds.push_back({a.clip_folds ? std::min<std::uint64_t>(a.rows, x.rows - r0) : a.rows,
                                 a.clip_folds ? std::min<std::uint64_t>(a.cols, x.cols - c0) : a.cols});
            }
        }
    }
    return folds;
}

std::uint64_t cycles_fold_by_fold(const PeArrayConfig& a, const ArrayExtent& x, std::uint64_t groups) {
    const bool stationary = a.dataflow != Dataflow::os;
    std::uint64_t sum = 0;
    std::uint64_t stream = 0;
    std::uint64_t end = 0;
    bool first = true;
    for (const Fold& f : folds_of(a, x, groups)) {
        sum += (stationary ? 2 : 1) * f.r + f.c + x.depth - 2;
        if (first) {
            stream = stationary ? f.r : 0;
        } else {
            stream += stationary ? std::max(x.depth, f.r) : x.depth;
        }
        end = std::max(end, stream + x.depth + f.r + f.c - 2);
        first = false;
    }
    return a.fold_overlap ? end : sum;
}

TEST(FoldTiming, EqualsTheFoldByFoldSumForRandomShapes) {
    std::mt19937 random(7);
    const auto draw = [&](unsigned most) { return static_cast<unsigned>(1 + random() % most); };
    for (int i = 0; i < 4000; ++i) {
        PeArrayConfig a;
        a.rows = draw(20);
        a.cols = draw(20);
        a.dataflow = static_cast<Dataflow>(random() % 3);
        a.fold_overlap = random() % 2 == 0;
        a.clip_folds = random() % 2 == 0;
        const std::uint64_t m = draw(70), n = draw(70), k = draw(70), groups = draw(4);
        const ArrayExtent x = array_extent(a.dataflow, m, n, k);
        ASSERT_EQ(fold_timing(a, m, n, k, groups).cycles(), cycles_fold_by_fold(a, x, groups))
            << a.rows << "x" << a.cols << " df " << int(a.dataflow) << " m " << m << " n " << n << " k " << k;
    }
}

TEST(FoldTiming, SquareOutputStationaryProductTakesThreeNMinusTwo) {
    for (unsigned n : {1u, 2u, 8u, 32u, 128u}) {
        EXPECT_EQ(fold_timing({n, n, Dataflow::os, false, false}, n, n, n).cycles(), 3 * n - 2);
    }
}

TEST(FoldTiming, NeverBelowMacsPerPe) {
    std::mt19937 random(11);
    for (int i = 0; i < 2000; ++i) {
        const PeArrayConfig a{static_cast<unsigned>(1 + random() % 32), static_cast<unsigned>(1 + random() % 32),
                              static_cast<Dataflow>(random() % 3), true, true};
        const std::uint64_t m = 1 + random() % 300, n = 1 + random() % 300, k = 1 + random() % 300;
        ASSERT_GE(fold_timing(a, m, n, k).cycles() * a.rows * a.cols, m * n * k);
    }
}

MatrixArguments product(std::uint32_t m, std::uint32_t n, std::uint32_t k) {
    MatrixArguments work;
    work.m = m;
    work.n = n;
    work.k = k;
    return work;
}

TEST(ArrayPipeline, LoneCommandTakesItsFoldTiming) {
    for (bool overlap : {false, true}) {
        const PeArrayConfig a{8, 4, Dataflow::ws, overlap, true};
        ArrayPipeline pipeline(a);
        const ArraySlot slot = pipeline.schedule(100, product(20, 9, 19));
        EXPECT_EQ(slot.start, 100u);
        EXPECT_EQ(slot.end, 100 + fold_timing(a, 20, 9, 19).cycles());
    }
}

// Cut along m into pieces at least as long as the array is high, a ws product streams without a gap: loading the
// stationary operand again hides behind the stream.
TEST(ArrayPipeline, CommandsBackToBackTakeAsLongAsTheUnionOfTheirFolds) {
    const PeArrayConfig a{8, 8, Dataflow::ws, true, true};
    ArrayPipeline pieces(a);
    ArraySlot slot;
    for (int i = 0; i < 4; ++i) {
        slot = pieces.schedule(0, product(16, 8, 24));
    }
    EXPECT_EQ(slot.end, fold_timing(a, 64, 8, 24).cycles());
}

TEST(ArrayPipeline, WithoutOverlapCommandsFollowEachOther) {
    const PeArrayConfig a{8, 8, Dataflow::os, false, false};
    ArrayPipeline pipeline(a);
    const std::uint64_t one = fold_timing(a, 8, 8, 30).cycles();
    pipeline.schedule(5, product(8, 8, 30));
    EXPECT_EQ(pipeline.schedule(6, product(8, 8, 30)).end, 5 + 2 * one);
    EXPECT_EQ(pipeline.schedule(1000, product(8, 8, 30)).start, 1000u);
}

// However late each piece comes, the cycles that count as work are those of the formula over all folds.
TEST(ArrayPipeline, WorkingCyclesOfAnOperationEqualTheFormulaHoweverLateItsCommandsCome) {
    std::mt19937 random(3);
    for (int trial = 0; trial < 500; ++trial) {
        const PeArrayConfig a{8, 8, static_cast<Dataflow>(random() % 3), true, true};
        ArrayPipeline pipeline(a);
        const bool os = a.dataflow == Dataflow::os;
        const std::uint32_t m = a.dataflow == Dataflow::is ? 8 : 16, n = a.dataflow == Dataflow::is ? 16 : 8;
        std::uint64_t arrival = random() % 50, working = 0;
        for (int i = 0; i < 5; ++i) {
            MatrixArguments work = product(m, n, 24);
            work.begins_operation = i == 0;
            work.ends_operation = i == 4;
            const ArraySlot slot = pipeline.schedule(arrival, work);
            working += slot.working_to - slot.working_from;
            arrival += random() % 120;
        }
        const std::uint32_t scale = 5;
        const std::uint64_t whole = os ? fold_timing(a, m * scale, n, 24).cycles()
                                       : fold_timing(a, a.dataflow == Dataflow::ws ? m * scale : m,
                                                     a.dataflow == Dataflow::is ? n * scale : n, 24)
                                             .cycles();
        ASSERT_EQ(working, whole) << int(a.dataflow);
    }
}

TEST(ArrayPipeline, OperationsDoNotOverlap) {
    ArrayPipeline pipeline({8, 8, Dataflow::ws, true, true});
    MatrixArguments work = product(16, 8, 8);
    work.begins_operation = work.ends_operation = true;
    const std::uint64_t end = pipeline.schedule(0, work).end;
    EXPECT_EQ(pipeline.schedule(0, work).start, end);
}

TEST(ArrayPipeline, StretchDelaysTheStreamAndWhatFollows) {
    const PeArrayConfig a{4, 4, Dataflow::os, true, true};
    ArrayPipeline pipeline(a);
    const std::uint64_t one = fold_timing(a, 4, 4, 10).cycles();
    EXPECT_EQ(pipeline.schedule(0, product(4, 4, 10), 7).end, one + 7);
    EXPECT_EQ(pipeline.schedule(0, product(4, 4, 10)).start, 17u);
}

} // namespace
} // namespace systolica
