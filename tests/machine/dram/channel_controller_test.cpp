// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include <map>
#include <random>

#include <gtest/gtest.h>

#include "tests/machine/dram/controller_driver.h"

namespace systolica {
namespace {

using test::ControllerDriver;
using test::TimingChecker;

constexpr std::uint64_t kRowBytes = 2048, kSameBank = 16384; // distance of two rows of one bank

Ck latency_of(ControllerDriver& driver, std::uint64_t address, Ck at) {
    const Ck accepted = driver.offer(false, address, 32, at);
    return driver.finish() - accepted;
}

// RL + BL/2, + tRCD, + tRPpb.
TEST(ChannelController, IsolatedReadTakesTheStandardsClocks) {
    ControllerDriver driver;
    EXPECT_EQ(latency_of(driver, 0, 1000), 65U);         // bank closed
    EXPECT_EQ(latency_of(driver, 64, 2000), 36U);        // row open
    EXPECT_EQ(latency_of(driver, kSameBank, 3000), 94U); // another row open
    EXPECT_EQ(latency_of(driver, kSameBank + 32, 4000), 36U);
    EXPECT_EQ(driver.checker.violation(), "");
}

TEST(ChannelController, FrontEndDelaysTheFirstCommand) {
    ChannelController controller{DramConfig()};
    std::vector<ChannelController::Served> served;
    controller.accept({nullptr, false, 0, 32}, 100, 117);
    while (controller.next() != kNever) {
        controller.run(controller.next() == 0 ? 100 : controller.next(), served);
    }
    ASSERT_EQ(served.size(), 1U);
    EXPECT_EQ(served[0].data_end, 100U + 17 + 65);
}

TEST(ChannelController, BurstIsOneEntryAnsweredWithItsLastBeat) {
    ControllerDriver driver;
    driver.offer(false, 0, 256, 0);
    EXPECT_EQ(driver.finish(), 65U + 7 * 8);
    EXPECT_EQ(driver.answers.size(), 1U);
    EXPECT_EQ(driver.checker.count(TimingChecker::rd), 8U);
    const DramCounters counters = driver.controller.counters(driver.now());
    EXPECT_EQ(counters.row_hits, 7U);
    EXPECT_EQ(counters.activates, 1U);
}

TEST(ChannelController, PartOfABurstCostsTheWholeBurst) {
    ControllerDriver driver;
    driver.offer(true, 30, 4, 0); // bytes 30..33: two bursts of 32
    driver.finish();
    const DramCounters counters = driver.controller.counters(driver.now());
    EXPECT_EQ(counters.write_bytes, 4U);
    EXPECT_EQ(counters.bus_bytes, 64U);
}

TEST(ChannelController, BurstAcrossARowOpensBothRows) {
    ControllerDriver driver;
    driver.offer(false, kRowBytes - 64, 128, 0);
    driver.finish();
    EXPECT_EQ(driver.checker.count(TimingChecker::act), 2U);
    EXPECT_EQ(driver.checker.count(TimingChecker::rd), 4U);
    EXPECT_EQ(driver.answers.size(), 1U);
    EXPECT_EQ(driver.checker.violation(), "");
}

// While one bank's data take the bus, the next bank is opened: a new row costs no data clock.
TEST(ChannelController, NextBankOpensWhileDataMove) {
    ControllerDriver driver;
    for (unsigned i = 0; i < 16; ++i) {
        driver.offer(false, i * 256, 256, 0);
    }
    EXPECT_EQ(driver.finish(), 29U + 16 * 64 + 28);
}

TEST(ChannelController, RowHitGoesBeforeOlderRowMiss) {
    ControllerDriver driver;
    driver.offer(false, 0, 32, 0);
    driver.finish();
    driver.offer(false, kSameBank, 32, 500); // 1
    driver.offer(false, 64, 32, 500);        // 2: hits the open row
    driver.finish();
    ASSERT_EQ(driver.answers.size(), 3U);
    EXPECT_EQ(driver.answers[1].number, 2U);
    EXPECT_EQ(driver.answers[1].data_end, 536U);
}

TEST(ChannelController, FifoKeepsTheOrderOfAcceptance) {
    DramConfig config;
    config.scheduler = DramScheduler::fifo;
    ControllerDriver driver(config);
    std::mt19937_64 random(3);
    for (int i = 0; i < 500; ++i) {
        driver.offer(random() % 2 == 0, random() % (1 << 20) / 32 * 32, 32, driver.now() + random() % 40);
    }
    driver.finish();
    ASSERT_EQ(driver.answers.size(), 500U);
    for (std::uint64_t i = 0; i < 500; ++i) {
        EXPECT_EQ(driver.answers[i].number, i);
    }
    EXPECT_EQ(driver.checker.violation(), "");
}

TEST(ChannelController, StreamOfRowHitsDoesNotStarveAMiss) {
    DramConfig config;
    config.refresh = DramRefresh::none; // nothing else closes the row
    config.age_limit_ck = 1000;
    ControllerDriver driver(config);
    driver.offer(false, 0, 32, 0);
    driver.offer(false, kSameBank, 32, 0); // number 1
    for (std::uint64_t i = 0; i < 500; ++i) {
        driver.offer(false, (i % 64) * 32, 32, 0);
    }
    driver.finish();
    std::size_t place = 0;
    while (driver.answers[place].number != 1) {
        ++place;
    }
    EXPECT_GE(driver.answers[place].data_end, 1000U);
    EXPECT_LE(driver.answers[place].data_end, 1000U + 12 + 94 + 8); // tRTP, then a row conflict; the CA bus
    EXPECT_EQ(driver.checker.violation(), "");
}

TEST(ChannelController, WritesAreServedWhileReadsNeverPause) {
    DramConfig config;
    config.scheduler = DramScheduler::fr_fcfs_grouped;
    config.age_limit_ck = 2000;
    ControllerDriver driver(config);
    driver.offer(true, 8 << 20, 256, 0); // number 0
    for (std::uint64_t i = 0; i < 200; ++i) {
        driver.offer(false, i * 256, 256, 0);
    }
    driver.finish();
    Ck written = 0;
    for (const ControllerDriver::Answer& answer : driver.answers) {
        written = answer.number == 0 ? answer.data_end : written;
    }
    EXPECT_GE(written, 2000U);
    EXPECT_LT(written, 2500U); // the limit, the train under way, a row conflict, and its own time
}

// Reads and writes of the same bytes in any overlap, also across rows, answer in the order they came.
TEST(ChannelController, RequestsToTheSameBytesKeepTheirOrder) {
    struct Range {
        std::uint64_t begin, end;
    };
    for (const unsigned seed : {1U, 2U, 3U, 4U}) {
        ControllerDriver driver;
        std::mt19937 random(seed);
        std::vector<Range> ranges;
        std::vector<bool> writes;
        for (int i = 0; i < 3000; ++i) {
            const std::uint64_t begin = random() % 8192 + (random() % 2) * kSameBank;
            const auto bytes = static_cast<std::uint32_t>(1 + random() % 300);
            writes.push_back(random() % 2 == 0);
            ranges.push_back({begin, begin + bytes});
            driver.offer(writes.back(), begin, bytes, driver.now() + random() % 30);
        }
        driver.finish();
        ASSERT_EQ(driver.answers.size(), ranges.size());
        std::vector<std::size_t> place(ranges.size());
        for (std::size_t i = 0; i < driver.answers.size(); ++i) {
            place[driver.answers[i].number] = i;
        }
        for (std::size_t i = 0; i < ranges.size(); ++i) {
            for (std::size_t j = i + 1; j < std::min(ranges.size(), i + 200); ++j) {
                if (ranges[i].begin < ranges[j].end && ranges[j].begin < ranges[i].end && (writes[i] || writes[j])) {
                    ASSERT_LT(place[i], place[j]) << i << " and " << j << ", seed " << seed;
                }
            }
        }
        EXPECT_EQ(driver.checker.violation(), "");
    }
}

TEST(ChannelController, RandomTrafficBreaksNoTimingRule) {
    for (const DramScheduler scheduler :
         {DramScheduler::fr_fcfs_grouped, DramScheduler::fr_fcfs, DramScheduler::fifo}) {
        for (const unsigned pause : {1U, 20U, 200U, 20000U}) {
            DramConfig config;
            config.scheduler = scheduler;
            ControllerDriver driver(config);
            std::mt19937_64 random(pause);
            std::map<std::uint64_t, int> answered;
            for (int i = 0; i < 5000; ++i) {
                const std::uint64_t address = (random() % 3 == 0 ? random() : driver.now()) % (1 << 22);
                driver.offer(random() % 3 == 0, address, static_cast<std::uint32_t>(1 + random() % 512),
                             driver.now() + random() % pause);
            }
            driver.finish();
            for (const ControllerDriver::Answer& answer : driver.answers) {
                ++answered[answer.number];
            }
            EXPECT_EQ(answered.size(), 5000U);
            EXPECT_EQ(driver.answers.size(), 5000U);
            EXPECT_EQ(driver.checker.violation(), "") << pause;
        }
    }
}

TEST(ChannelController, RefreshesComeOnceAnIntervalBusyOrIdle) {
    for (const Ck pause : {Ck{1}, Ck{60}, Ck{900}, Ck{100'000}}) {
        ControllerDriver driver;
        for (std::uint64_t i = 0; i < 3000; ++i) {
            driver.offer(false, i * 32, 32, driver.now() + pause);
        }
        const Ck end = driver.finish();
        const std::uint64_t refreshes = driver.controller.counters(end).refreshes;
        EXPECT_LE(end / 6246 - 1, refreshes);
        EXPECT_GE(end / 6246 + 1, refreshes);
        EXPECT_EQ(driver.checker.violation(), "");
    }
}

TEST(ChannelController, RefreshNoneNeverRefreshes) {
    DramConfig config;
    config.refresh = DramRefresh::none;
    ControllerDriver driver(config);
    driver.offer(false, 0, 32, 1'000'000);
    driver.finish();
    EXPECT_EQ(driver.controller.counters(driver.now()).refreshes, 0U);
}

TEST(ChannelController, LooselyTimedUseHasTheSameIsolatedTimesAndBreaksNoRule) {
    ControllerDriver driver;
    EXPECT_EQ(driver.controller.serve_now({nullptr, false, 0, 32}, 1000), 1065U);
    EXPECT_EQ(driver.controller.serve_now({nullptr, false, 32, 32}, 2000), 2036U);
    EXPECT_EQ(driver.controller.serve_now({nullptr, false, kSameBank, 32}, 3000), 3094U);
    std::mt19937_64 random(7);
    Ck at = 4000;
    for (int i = 0; i < 20000; ++i) {
        const auto bytes = static_cast<std::uint32_t>(1 + random() % 400);
        const Ck end = driver.controller.serve_now({nullptr, random() % 2 == 0, random() % (1 << 21), bytes}, at);
        EXPECT_GE(end, at + 14 + 8);
        at += random() % 50;
    }
    EXPECT_EQ(driver.checker.violation(), "");
}

} // namespace
} // namespace systolica
