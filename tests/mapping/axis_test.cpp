// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "mapping/axis.h"

#include <set>

#include <gtest/gtest.h>

#include "random_layers.h"

namespace systolica {
namespace {

std::set<std::uint64_t> touched(const Axis& axis, Range outputs) {
    std::set<std::uint64_t> positions;
    for (std::uint64_t out = outputs.begin; out < outputs.end; ++out) {
        for (std::uint64_t k = 0; k < axis.kernel; ++k) {
            std::uint64_t in = 0;
            if (input_position(axis, out, k, in)) {
                positions.insert(in);
            }
        }
    }
    return positions;
}

// From first to last tap of a window, dilation holes included, clipped to the input.
std::set<std::uint64_t> under_windows(const Axis& axis, Range outputs) {
    Axis dense = axis;
    dense.kernel = axis.extent();
    dense.dilation = 1;
    return touched(dense, outputs);
}

std::set<std::uint64_t> positions_of(const Span& span) {
    std::set<std::uint64_t> positions;
    for (std::uint64_t g = 0; g < span.groups; ++g) {
        const std::uint64_t from = g == 0 ? span.cut_front : 0;
        const std::uint64_t to = span.length - (g + 1 == span.groups ? span.cut_back : 0);
        for (std::uint64_t i = from; i < to; ++i) {
            EXPECT_TRUE(positions.insert(span.start + g * span.stride + i).second) << "fetched twice";
        }
    }
    return positions;
}

template <typename Check>
void for_random_ranges(Check check) {
    RandomNumbers random(1);
    for (int i = 0; i < 3000; ++i) {
        const Axis axis = random_axis(random);
        Range outputs;
        outputs.begin = random.below(axis.out);
        outputs.end = random.between(outputs.begin + 1, axis.out);
        SCOPED_TRACE(::testing::Message() << "in " << axis.in << " out " << axis.out << " kernel " << axis.kernel
                                          << " stride " << axis.stride << " dilation " << axis.dilation << " pad "
                                          << axis.pad_before << " outputs " << outputs.begin << ".." << outputs.end);
        check(axis, outputs);
        if (::testing::Test::HasFailure()) {
            return;
        }
    }
}

TEST(Axis, WindowRunsFromTheFirstToTheLastPositionUnderTheOutputs) {
    for_random_ranges([](const Axis& axis, Range outputs) {
        const std::set<std::uint64_t> expected = under_windows(axis, outputs);
        const Range window = axis.window(outputs);
        if (expected.empty()) {
            EXPECT_TRUE(window.empty() || axis.has_gaps());
            return;
        }
        EXPECT_LE(window.begin, *expected.begin());
        EXPECT_GT(window.end, *expected.rbegin());
        EXPECT_LE(window.end, axis.in);
        // Where a window lies wholly in the padding the gap before it may count too.
        if (!under_windows(axis, {outputs.begin, outputs.begin + 1}).empty() &&
            !under_windows(axis, {outputs.end - 1, outputs.end}).empty()) {
            EXPECT_EQ(window.size(), *expected.rbegin() + 1 - *expected.begin());
        }
    });
}

TEST(Axis, WindowOfNoOutputsIsEmpty) {
    const Axis axis{8, 8, 3, 1, 1, 1};
    EXPECT_TRUE(axis.window({3, 3}).empty());
    EXPECT_EQ(axis.needed({3, 3}).count(), 0u);
}

TEST(Axis, NeededPositionsHoldEveryTapOnce) {
    for_random_ranges([](const Axis& axis, Range outputs) {
        const std::set<std::uint64_t> fetched = positions_of(axis.needed(outputs));
        for (const std::uint64_t position : touched(axis, outputs)) {
            EXPECT_EQ(fetched.count(position), 1u) << position;
        }
        for (const std::uint64_t position : fetched) {
            EXPECT_LT(position, axis.in);
        }
    });
}

TEST(Axis, GapsBetweenWindowsAreNotFetched) {
    for_random_ranges([](const Axis& axis, Range outputs) {
        if (axis.has_gaps()) {
            EXPECT_EQ(positions_of(axis.needed(outputs)), under_windows(axis, outputs));
        }
    });
}

TEST(Axis, RegularPartsAreTheSamePositions) {
    for_random_ranges([](const Axis& axis, Range outputs) {
        const Span span = axis.needed(outputs);
        std::set<std::uint64_t> positions;
        for (const Span& part : regular_parts(span)) {
            EXPECT_EQ(part.cut_front + part.cut_back, 0u);
            for (const std::uint64_t position : positions_of(part)) {
                EXPECT_TRUE(positions.insert(position).second);
            }
        }
        EXPECT_EQ(positions, positions_of(span));
        EXPECT_EQ(positions.size(), span.count());
    });
}

TEST(Axis, StrideTwoPointwiseFetchesEverySecondPosition) {
    const Axis axis{8, 4, 1, 2, 1, 0};
    EXPECT_EQ(positions_of(axis.needed({0, 4})), (std::set<std::uint64_t>{0, 2, 4, 6}));
    EXPECT_TRUE(axis.has_gaps());
}

TEST(Axis, WindowsWhollyInThePaddingNeedNothing) {
    // Outputs 0 and 1 of a 1-wide kernel look at -2 and -1.
    const Axis axis{4, 8, 1, 1, 1, 2};
    EXPECT_TRUE(axis.window({0, 2}).empty());
    EXPECT_EQ(axis.needed({0, 2}).count(), 0u);
    EXPECT_TRUE(axis.window({6, 8}).empty());
    EXPECT_EQ(axis.window({0, 8}).size(), 4u);
}

} // namespace
} // namespace systolica
