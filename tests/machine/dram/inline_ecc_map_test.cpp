// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// Where inline ECC leaves data and check bytes.
#include "tests/machine/dram/random_map.h"

#include <gtest/gtest.h>

namespace systolica {
namespace {

// A row of 64 bursts: 56 of data, then 7 that hold their check bytes (1/8 of a burst for each), and one that is left.
TEST(InlineEccMap, KeepsTheLastEighthOfEachRowForCheckBytes) {
    DramConfig config;
    config.ecc = DramEcc::in_line;
    const DramAddressMap map(config);
    EXPECT_EQ(map.capacity_bytes(), (std::uint64_t{1} << 30) / 8 * 7);
    EXPECT_EQ(map.capacity_bytes(), config.channel_bytes());
    std::mt19937_64 random(6);
    for (int i = 0; i < 1000; ++i) {
        const std::uint64_t burst = random() % (map.capacity_bytes() / 32);
        const std::uint64_t page = burst / 56;
        const auto column = static_cast<unsigned>(burst % 56);
        EXPECT_EQ(place_of(map.locate_burst(burst)), Place(page / 8, static_cast<unsigned>(page % 8), column));
        EXPECT_EQ(place_of(map.locate_check(burst)), Place(page / 8, static_cast<unsigned>(page % 8), 56 + column / 8));
        EXPECT_EQ(map.run_columns(burst), 56 - column);
        EXPECT_EQ(map.address(map.locate_burst(burst)), burst * 32);
    }
}

TEST(InlineEccMap, PutsCheckBytesIntoTheRowOfTheirDataAndNowhereElse) {
    std::mt19937 random(7);
    int mapped = 0;
    for (int round = 0; round < 300; ++round) {
        const RandomMap drawn(random, round % 2 == 1);
        DramConfig config = drawn.config;
        config.ecc = DramEcc::in_line;
        SCOPED_TRACE(config.mapping);
        if (!drawn.upper_columns_together()) {
            EXPECT_THROW(DramAddressMap{config}, DramMappingError);
            continue;
        }
        ++mapped;
        const DramAddressMap map(config);
        std::set<Place> data;
        for (std::uint64_t burst = 0; burst < (1U << kSmallTotal) / 8 * 7; ++burst) {
            const DramLocation at = map.locate_burst(burst);
            ASSERT_LT(at.column, 14U); // of 16
            data.insert(place_of(at));
            ASSERT_EQ(place_of(map.locate_check(burst)), Place(at.row, at.bank, 14 + at.column / 8));
            ASSERT_EQ(map.address(at), burst * 32);
        }
        ASSERT_EQ(data.size(), (1U << kSmallTotal) / 8 * 7);
    }
    EXPECT_GE(mapped, 30);
}

} // namespace
} // namespace systolica
