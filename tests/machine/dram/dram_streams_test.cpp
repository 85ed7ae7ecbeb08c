// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// Bandwidth: what reaches the data pins under streams, against peak less refresh (tRFCab/tREFI = 7.2 %).
#include <random>
#include <string>
#include <tuple>

#include <gtest/gtest.h>

#include "tests/machine/dram/controller_driver.h"

namespace systolica {
namespace {

using test::ControllerDriver;
using test::peak_share;
using test::StreamLoad;

constexpr double kAfterRefresh = 1.0 - 448.0 / 6246.0;

TEST(DramStreams, SequentialReadsKeepNinetyPercentOfWhatRefreshLeaves) {
    for (const std::uint32_t bytes : {256U, 128U, 64U, 32U}) {
        ControllerDriver driver;
        StreamLoad load;
        load.reads = 16;
        load.request_bytes = bytes;
        const double share = peak_share(driver, load);
        EXPECT_GE(share, 0.90 * kAfterRefresh) << bytes;
        EXPECT_LE(share, kAfterRefresh) << bytes;
        EXPECT_EQ(driver.checker.violation(), "");
    }
}

TEST(DramStreams, SequentialWritesKeepNinetyPercentOfWhatRefreshLeaves) {
    ControllerDriver driver;
    StreamLoad load;
    load.writes = 16;
    const double share = peak_share(driver, load);
    EXPECT_GE(share, 0.90 * kAfterRefresh);
    EXPECT_LE(share, kAfterRefresh);
}

using MixedCase = std::tuple<unsigned, unsigned, std::uint64_t>; // reads, writes in flight, distance of the streams

class MixedStreams : public testing::TestWithParam<MixedCase> {};

TEST_P(MixedStreams, KeepEightyFivePercentOfPeak) {
    ControllerDriver driver;
    StreamLoad load;
    std::tie(load.reads, load.writes, load.write_from) = GetParam();
    const double share = peak_share(driver, load);
    EXPECT_GE(share, 0.85);
    EXPECT_LE(share, kAfterRefresh);
    EXPECT_EQ(driver.checker.violation(), "");
}

// Streams in the same bank, the next bank, and half the banks away.
INSTANTIATE_TEST_SUITE_P(Grid, MixedStreams,
                         testing::Combine(testing::Values(8U, 16U, 32U), testing::Values(8U, 16U, 32U),
                                          testing::Values(std::uint64_t{1} << 24, (std::uint64_t{1} << 24) + 2048,
                                                          (std::uint64_t{1} << 24) + 8192)));

TEST(DramStreams, NoTrafficExceedsThePeak) {
    std::mt19937 random(11);
    for (int i = 0; i < 10; ++i) {
        DramConfig config;
        config.refresh = DramRefresh::none;
        ControllerDriver driver(config);
        StreamLoad load;
        load.reads = static_cast<unsigned>(random() % 40);
        load.writes = static_cast<unsigned>(1 + random() % 40);
        load.request_bytes = 32U << random() % 4;
        load.write_from = random() % (1 << 24);
        load.bytes = 1 << 19;
        EXPECT_LE(peak_share(driver, load), 1.0);
    }
}

// Every read to another row of one bank: tRC = 97 clocks each, while refreshes take tRFCab of every tREFI.
TEST(DramStreams, RowConflictsCostTheRowCycle) {
    ControllerDriver driver;
    constexpr std::uint64_t kReads = 4000;
    for (std::uint64_t i = 0; i < kReads; ++i) {
        driver.offer(false, i * 16384, 32, driver.now() + 1);
    }
    const double closed_form = static_cast<double>(kReads * 97) / kAfterRefresh;
    EXPECT_NEAR(static_cast<double>(driver.finish()), closed_form, closed_form * 0.01);
}

// Random rows: one ACT every tRRD = tFAW/4 = 16 clocks at best.
TEST(DramStreams, RandomReadsComeNearTheActivateRate) {
    ControllerDriver driver;
    std::mt19937_64 random(5);
    constexpr std::uint64_t kReads = 10000;
    for (std::uint64_t i = 0; i < kReads; ++i) {
        driver.offer(false, random() % (1 << 30) / 32 * 32, 32, driver.now() + 1);
    }
    const double bound = static_cast<double>(kReads * 16) / kAfterRefresh;
    const auto end = static_cast<double>(driver.finish());
    EXPECT_GE(end, bound);
    EXPECT_LE(end, bound * 1.10);
    EXPECT_EQ(driver.checker.violation(), "");
}

} // namespace
} // namespace systolica
