// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "base/clock.h"

#include <gtest/gtest.h>

#include <stdexcept>

namespace systolica {
namespace {

TEST(Clock, WholePeriodsAreMultiples) {
    const Clock clock = Clock::from_mhz(800); // 1250 ps
    EXPECT_EQ(clock.edge_ps(0), 0u);
    EXPECT_EQ(clock.edge_ps(1), 1250u);
    EXPECT_EQ(clock.edge_ps(4'000'000'000), 5'000'000'000'000u);
}

// round(n * 1e6 / 3 ps) for 3 GHz and n = 1, 2, 3: 333.33, 666.67, 1000.
TEST(Clock, EachEdgeIsRoundedOnItsOwn) {
    const Clock clock = Clock::from_mhz(3000);
    EXPECT_EQ(clock.edge_ps(1), 333u);
    EXPECT_EQ(clock.edge_ps(2), 667u);
    EXPECT_EQ(clock.edge_ps(3), 1000u);
}

// A sum of rounded periods (333 ps) would be a third of a nanosecond short for every thousand edges.
TEST(Clock, DoesNotDriftOverAThousandSeconds) {
    const Clock clock = Clock::from_mhz(3000);
    EXPECT_EQ(clock.edge_ps(3'000'000'000'000), 1'000'000'000'000'000u);
}

TEST(Clock, EdgeAroundATimeIsTheInverseOfEdgeTime) {
    for (const double mhz : {1.0, 333.0, 800.0, 1066.5, 1600.0, 3000.0, 9999.0}) {
        const Clock clock = Clock::from_mhz(mhz);
        for (const std::uint64_t edge : {0ULL, 1ULL, 2ULL, 7ULL, 999ULL, 1'234'567ULL, 98'765'432'109ULL}) {
            const std::uint64_t ps = clock.edge_ps(edge);
            EXPECT_EQ(clock.edge_at_or_after(ps), edge) << mhz << " MHz";
            EXPECT_EQ(clock.edge_at_or_before(ps), edge) << mhz << " MHz";
            EXPECT_EQ(clock.edge_at_or_after(ps + 1), edge + 1) << mhz << " MHz";
            if (edge > 0) {
                EXPECT_EQ(clock.edge_at_or_before(ps - 1), edge - 1) << mhz << " MHz";
            }
        }
    }
}

// Against plain integer division, for periods that are no whole number of ps.
TEST(Clock, EdgesAreExactWhereverTheyAre) {
    std::uint64_t state = 1;
    const auto random = [&state](std::uint64_t below) {
        state = state * 6364136223846793005U + 1442695040888963407U;
        return (state >> 20) % below;
    };
    for (int i = 0; i < 200'000; ++i) {
        const std::uint64_t khz = 1 + random(10'000'000);
        const Clock clock(khz);
        const std::uint64_t edge = random(std::uint64_t{1} << (1 + random(44)));
        const std::uint64_t rest = edge % khz;
        const std::uint64_t ps =
            edge / khz * 1'000'000'000 + (2 * rest * 1'000'000'000 + khz) / (2 * khz); // to the nearest
        ASSERT_EQ(clock.edge_ps(edge), ps) << khz << " kHz, edge " << edge;
        ASSERT_EQ(clock.edge_at_or_before(ps), edge) << khz << " kHz, edge " << edge;
        ASSERT_EQ(clock.edge_at_or_after(ps), edge) << khz << " kHz, edge " << edge;
    }
}

TEST(Clock, RefusesFrequenciesWithoutAPeriodInPicoseconds) {
    EXPECT_THROW(Clock(0), std::invalid_argument);
    EXPECT_THROW(Clock(1'000'000'001), std::invalid_argument);
}

} // namespace
} // namespace systolica
