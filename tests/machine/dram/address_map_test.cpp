// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "machine/dram/address_map.h"

#include <map>
#include <random>
#include <set>
#include <tuple>

#include <gtest/gtest.h>

#include "tests/machine/dram/random_map.h"

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

// The map of the LPDDR4 reference traces: column [10:5], bank [13:11], row [29:14].
TEST(DramAddressMap, DefaultIsRowBankColumnFromTheTop) {
    const DramConfig config;
    const DramAddressMap map(config);
    EXPECT_EQ(map.capacity_bytes(), std::uint64_t{1} << 30);
    EXPECT_EQ(map.columns_of_row(), 64U);
    EXPECT_EQ(map.sequential_columns(), 64U);
    std::mt19937_64 random(2);
    for (int i = 0; i < 1000; ++i) {
        const std::uint64_t address = random() % map.capacity_bytes();
        const DramLocation at = map.locate(address);
        EXPECT_EQ(at.column, address >> 5 & 63);
        EXPECT_EQ(at.bank, address >> 11 & 7);
        EXPECT_EQ(at.row, address >> 14);
        EXPECT_EQ(at.rank, 0U);
        EXPECT_EQ(map.address(at), address & ~std::uint64_t{31});
    }
}

// The map of the LPDDR5 reference traces: column [10:5], group [12:11], bank [14:13], row [29:15].
TEST(DramAddressMap, DefaultPutsBankGroupsBelowBanks) {
    DramConfig config;
    config.part.bank_groups = 4;
    config.part.banks = 16;
    config.part.rows = 32768;
    const DramAddressMap map(config);
    EXPECT_EQ(map.capacity_bytes(), std::uint64_t{1} << 30);
    std::mt19937_64 random(3);
    for (int i = 0; i < 1000; ++i) {
        const std::uint64_t address = random() % map.capacity_bytes();
        const DramLocation at = map.locate(address);
        EXPECT_EQ(at.column, address >> 5 & 63);
        EXPECT_EQ(at.bank, (address >> 11 & 3) * 4 + (address >> 13 & 3)); // groups of four banks
        EXPECT_EQ(at.row, address >> 15);
        EXPECT_EQ(map.address(at), address & ~std::uint64_t{31});
    }
}

TEST(DramAddressMap, RandomMappingsAndHashesAreWhatTheirTextSaysAndBijective) {
    std::mt19937 random(4);
    for (int round = 0; round < 200; ++round) {
        const RandomMap expected(random, round % 2 == 1);
        SCOPED_TRACE(expected.config.mapping + " " + expected.config.hash);
        const DramAddressMap map(expected.config);
        std::set<Place> places;
        for (std::uint64_t burst = 0; burst < 1U << kSmallTotal; ++burst) {
            const DramLocation at = map.locate_burst(burst);
            const DramLocation model = expected.locate(burst);
            ASSERT_EQ(place_of(at), place_of(model));
            ASSERT_EQ(at.rank, model.rank);
            ASSERT_EQ(map.address(at), burst * 32);
            places.insert(place_of(at));
        }
        ASSERT_EQ(places.size(), 1U << kSmallTotal);
    }
}

// By walking on until the row, the bank or the order of columns breaks.
unsigned walked_run(const DramAddressMap& map, std::uint64_t burst) {
    const DramLocation first = map.locate_burst(burst);
    unsigned length = 1;
    while ((burst + length) * 32 < map.capacity_bytes() &&
           place_of(map.locate_burst(burst + length)) == Place{first.row, first.bank, first.column + length}) {
        ++length;
    }
    return length;
}

TEST(DramAddressMap, RunEndsWhereTheNextBurstIsNotTheNextColumnOfTheRow) {
    std::mt19937 random(5);
    std::set<unsigned> runs;
    int with_ecc = 0;
    for (int round = 0; round < 100; ++round) {
        const RandomMap drawn(random, round % 2 == 1);
        DramConfig config = drawn.config;
        config.ecc = round % 3 == 0 && drawn.upper_columns_together() ? DramEcc::in_line : DramEcc::none;
        with_ecc += config.ecc == DramEcc::in_line ? 1 : 0;
        const DramAddressMap map(config);
        const std::uint64_t bursts = map.capacity_bytes() / 32;
        for (std::uint64_t burst = 0; burst < bursts; ++burst) {
            ASSERT_EQ(map.run_columns(burst), walked_run(map, burst)) << config.mapping << " burst " << burst;
            runs.insert(map.run_columns(burst));
        }
    }
    EXPECT_EQ(std::make_pair(*runs.begin(), *runs.rbegin()), std::make_pair(1U, 16U)); // up to a whole row
    EXPECT_GE(with_ecc, 10);
}

TEST(DramAddressMap, RunOfTheDefaultIsTheRestOfTheRow) {
    const DramConfig config;
    const DramAddressMap map(config);
    EXPECT_EQ(map.run_columns(0), 64U);
    EXPECT_EQ(map.run_columns(5 * 64 + 3), 61U);
    EXPECT_EQ(map.run_columns(63), 1U);
}

TEST(DramAddressMap, PermutationFlipsBanksAndThenGroupsWithTheLowestRowBits) {
    DramConfig config = small_channel(); // bank0, bank1, group0 with row0, row1, row2
    config.hash = "permutation";
    const DramAddressMap map(config);
    config.hash.clear();
    const DramAddressMap plain(config);
    for (std::uint64_t burst = 0; burst < 1U << kSmallTotal; ++burst) {
        const DramLocation at = map.locate_burst(burst);
        const DramLocation before = plain.locate_burst(burst);
        ASSERT_EQ(at.bank, before.bank ^ (before.row & 7));
        ASSERT_EQ(at.row, before.row);
        ASSERT_EQ(at.column, before.column);
    }
}

TEST(DramAddressMap, RowsNeedNoPowerOfTwoWhenTheyAreAtTheTop) {
    DramConfig config = small_channel();
    config.part.rows = 12; // as in 6 and 12 Gb parts
    config.hash = "permutation";
    const DramAddressMap map(config);
    const std::uint64_t bursts = 12 * 16 * 16;
    EXPECT_EQ(map.capacity_bytes(), bursts * 32);
    std::set<Place> places;
    for (std::uint64_t burst = 0; burst < bursts; ++burst) {
        const DramLocation at = map.locate_burst(burst);
        ASSERT_LT(at.row, 12U);
        ASSERT_EQ(map.address(at), burst * 32);
        places.insert(place_of(at));
    }
    EXPECT_EQ(places.size(), bursts);
}

// Rows opened by a stream over the whole memory, with one row open in each bank.
TEST(DramAddressMap, SequentialColumnsAreThoseOfAStreamForEachRowItOpens) {
    std::mt19937 random(8);
    for (int round = 0; round < 100; ++round) {
        const DramConfig config = RandomMap(random, false).config;
        const DramAddressMap map(config);
        std::map<unsigned, std::uint64_t> open;
        unsigned activates = 0;
        for (std::uint64_t burst = 0; burst < 1U << kSmallTotal; ++burst) {
            const DramLocation at = map.locate_burst(burst);
            const auto found = open.find(at.bank);
            activates += found == open.end() || found->second != at.row ? 1 : 0;
            open[at.bank] = at.row;
        }
        EXPECT_EQ(map.sequential_columns() * activates, 1U << kSmallTotal) << config.mapping;
    }
}

TEST(DramAddressMap, RefusesAnOrganisationThatItCannotMap) {
    const auto refused = [](void (*change)(DramConfig&)) {
        DramConfig config;
        change(config);
        EXPECT_THROW(DramAddressMap{config}, DramMappingError);
    };
    refused([](DramConfig& c) { c.part.banks = 6; });
    refused([](DramConfig& c) { c.ranks = 3; });
    refused([](DramConfig& c) { c.part.bank_groups = 16; });
    refused([](DramConfig& c) { c.part.rows = 0; });
    refused([](DramConfig& c) { c.part.page_bytes = 16; });
    refused([](DramConfig& c) { c.mapping = "row-column"; });
    refused([](DramConfig& c) { c.hash = "bank3^row0"; });
    refused([](DramConfig& c) {
        c.ecc = DramEcc::in_line; // four bursts a page cannot be split 7 : 1
        c.part.page_bytes = 128;
    });
}

} // namespace
} // namespace systolica
