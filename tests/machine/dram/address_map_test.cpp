// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "machine/dram/address_map.h"

#include <random>
#include <set>
#include <tuple>

#include <gtest/gtest.h>

namespace systolica {
namespace {

TEST(ChannelInterleave, EveryAddressHasOnePlaceAndComesBack) {
    std::mt19937_64 random(1);
    for (const unsigned channels : {1U, 2U, 3U, 8U}) {
        const ChannelInterleave map(channels, 256);
        std::set<std::tuple<unsigned, std::uint64_t>> places;
        for (std::uint64_t address = 0; address < 256 * 64; address += 32) {
            places.insert({map.channel(address), map.local(address)});
        }
        EXPECT_EQ(places.size(), 256U * 64 / 32);
        for (int i = 0; i < 1000; ++i) {
            const std::uint64_t address = random() >> 24;
            EXPECT_EQ(map.system(map.channel(address), map.local(address)), address);
        }
    }
}

TEST(ChannelInterleave, BlocksGoRoundTheChannels) {
    const ChannelInterleave map(2, 256);
    EXPECT_EQ(map.channel(0), 0U);
    EXPECT_EQ(map.channel(255), 0U);
    EXPECT_EQ(map.channel(256), 1U);
    EXPECT_EQ(map.channel(512), 0U);
    EXPECT_EQ(map.local(512 + 7), 256U + 7);
    EXPECT_TRUE(map.within_channel(256, 256));
    EXPECT_FALSE(map.within_channel(257, 256));
}

// The reference traces' map: column [10:5], bank [13:11], row [29:14].
TEST(DramAddressMap, RowBankColumnFromTheTop) {
    const DramAddressMap map{DramPart{}};
    EXPECT_EQ(map.capacity_bytes(), std::uint64_t{1} << 30);
    EXPECT_EQ(map.columns_of_row(), 64U);
    std::mt19937_64 random(2);
    for (int i = 0; i < 1000; ++i) {
        const std::uint64_t address = random() % map.capacity_bytes();
        const DramLocation at = map.locate(address);
        EXPECT_EQ(at.column, address >> 5 & 63);
        EXPECT_EQ(at.bank, address >> 11 & 7);
        EXPECT_EQ(at.row, address >> 14);
        EXPECT_EQ(map.address(at), address & ~std::uint64_t{31});
    }
}

TEST(DramAddressMap, RefusesAnOrganisationThatIsNoPowerOfTwo) {
    DramPart part;
    part.banks = 6;
    EXPECT_THROW(DramAddressMap{part}, std::invalid_argument);
}

} // namespace
} // namespace systolica
