// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// Policies of the controller: every combination keeps the device's rules (checked by command_checker.h, which shares
// nothing with the controller), loses nothing, and does what its name says.
#include <random>
#include <set>
#include <tuple>

#include <gtest/gtest.h>

#include "tests/machine/dram/controller_driver.h"
#include "tests/machine/dram/example_parts.h"

namespace systolica {
namespace {

using test::ControllerDriver;
using test::lpddr5_6400;

constexpr std::uint64_t kSameBank = 16384; // LPDDR4: distance of two rows of one bank

// Bursts of activity with pauses; a third of the addresses random, the others in a few streams; some writes unaligned.
void offer_traffic(ControllerDriver& driver, unsigned seed, int requests) {
    std::mt19937_64 random(seed);
    std::uint64_t stream[3] = {0, 5 << 20, 9 << 20};
    for (int i = 0; i < requests; ++i) {
        const bool aligned = random() % 8 != 0;
        std::uint64_t& next = stream[random() % 3];
        const std::uint64_t address = random() % 3 == 0 ? random() % (1 << 26) : next;
        const auto bytes = static_cast<std::uint32_t>(aligned ? 32U << random() % 4 : 1 + random() % 300);
        next += aligned ? bytes : 0;
        const Ck pause = random() % 200 == 0 ? random() % 30000 : random() % 12;
        driver.offer(random() % 3 == 0, aligned ? address / 32 * 32 : address, bytes, driver.now() + pause);
    }
}

using Policies = std::tuple<bool, DramScheduler, DramPagePolicy, DramRefresh>;

class ControllerPolicies : public testing::TestWithParam<Policies> {};

TEST_P(ControllerPolicies, KeepTheRulesAndLoseNothing) {
    for (const unsigned variant : {0U, 1U, 2U, 3U}) {
        DramConfig config;
        bool lpddr5 = false;
        std::tie(lpddr5, config.scheduler, config.page_policy, config.refresh) = GetParam();
        config.part = lpddr5 ? lpddr5_6400() : DramPart();
        config.ranks = variant == 1 ? 2 : 1;
        config.power_down_ck = variant == 0 ? 0 : 40;
        config.self_refresh_ck = variant == 2 ? 3000 : 0;
        config.refresh_postpone = variant == 3 ? 4 : 0;
        config.ecc = variant == 3 ? DramEcc::in_line : DramEcc::none;
        config.per_bank_queue = variant == 1 ? 8 : 0;
        config.unified_queue = variant == 2 ? 24 : 0;
        ControllerDriver driver(config);
        offer_traffic(driver, variant + 7, 3000);
        driver.finish();
        std::set<std::uint64_t> answered;
        for (const ControllerDriver::Answer& answer : driver.answers) {
            answered.insert(answer.number);
        }
        EXPECT_EQ(answered.size(), 3000U);
        EXPECT_EQ(driver.answers.size(), 3000U);
        EXPECT_EQ(driver.checker.violation(), "") << "variant " << variant;
    }
}

INSTANTIATE_TEST_SUITE_P(
    All, ControllerPolicies,
    testing::Combine(testing::Bool(),
                     testing::Values(DramScheduler::fifo, DramScheduler::fr_fcfs, DramScheduler::fr_fcfs_grouped),
                     testing::Values(DramPagePolicy::open, DramPagePolicy::closed, DramPagePolicy::adaptive,
                                     DramPagePolicy::timeout),
                     testing::Values(DramRefresh::all_bank, DramRefresh::per_bank, DramRefresh::none)));

TEST(PagePolicy, ClosedTurnsHitsAndConflictsIntoReadsOfAClosedBank) {
    DramConfig config;
    config.page_policy = DramPagePolicy::closed;
    ControllerDriver driver(config);
    for (const std::uint64_t address : {std::uint64_t{0}, std::uint64_t{32}, kSameBank}) {
        const Ck accepted = driver.offer(false, address, 32, driver.now() + 500);
        EXPECT_EQ(driver.finish() - accepted, 65U);
    }
    EXPECT_EQ(driver.controller.counters(driver.now()).auto_precharges, 3U);
    EXPECT_EQ(driver.controller.counters(driver.now()).precharges, 0U);
}

TEST(PagePolicy, AdaptiveClosesOnlyARowThatAnotherWaitsFor) {
    DramConfig config;
    config.page_policy = DramPagePolicy::adaptive;
    ControllerDriver driver(config);
    driver.offer(false, 0, 32, 0);
    driver.finish();
    EXPECT_EQ(driver.controller.counters(driver.now()).auto_precharges, 0U);
    driver.offer(false, 32, 32, 500);
    driver.offer(false, kSameBank, 32, 500);
    // RD at 500 closes by itself at 500 + tRTP; then tRPpb, tRCD, RL + BL/2.
    EXPECT_EQ(driver.finish(), 500U + 12 + 29 + 29 + 36);
    EXPECT_EQ(driver.controller.counters(driver.now()).auto_precharges, 1U);
}

TEST(PagePolicy, TimeoutClosesAnUnusedRowAfterItsTime) {
    DramConfig config;
    config.page_policy = DramPagePolicy::timeout;
    config.page_timeout_ck = 300;
    ControllerDriver driver(config);
    driver.offer(false, 0, 32, 0); // RD at 29
    driver.finish();
    Ck accepted = driver.offer(false, 32, 32, 320); // still open; RD at 320
    EXPECT_EQ(driver.finish() - accepted, 36U);
    accepted = driver.offer(false, 64, 32, 320 + 300 + 29); // closed at 620, tRPpb over
    EXPECT_EQ(driver.finish() - accepted, 65U);
}

// Every bank once a tREFI, in all tREFI / 8 apart, whether busy or idle.
TEST(PerBankRefresh, ComesEightTimesAsOften) {
    for (const Ck pause : {Ck{1}, Ck{60}, Ck{900}, Ck{100'000}}) {
        DramConfig config;
        config.refresh = DramRefresh::per_bank;
        ControllerDriver driver(config);
        for (std::uint64_t i = 0; i < 3000; ++i) {
            driver.offer(false, i * 32, 32, driver.now() + pause);
        }
        const Ck end = driver.finish();
        const DramCounters counters = driver.controller.counters(end);
        EXPECT_EQ(counters.refreshes, 0U);
        EXPECT_LE(end * 8 / 6246 - 1, counters.bank_refreshes);
        EXPECT_GE(end * 8 / 6246 + 1, counters.bank_refreshes);
        EXPECT_EQ(driver.checker.violation(), "");
    }
}

// Banks that nobody waits for go first, so a stream through other banks hardly notices.
TEST(PerBankRefresh, CostsAStreamLessThanAllBankRefresh) {
    Ck end[2];
    for (const bool per_bank : {false, true}) {
        DramConfig config;
        config.refresh = per_bank ? DramRefresh::per_bank : DramRefresh::all_bank;
        ControllerDriver driver(config);
        for (std::uint64_t i = 0; i < 20000; ++i) {
            driver.offer(false, i * 32, 32, driver.now() + 1);
        }
        end[per_bank] = driver.finish();
    }
    EXPECT_GE(end[1], 20000U * 8);
    EXPECT_LT(static_cast<double>(end[1]), 1.03 * 20000 * 8);
    EXPECT_GT(static_cast<double>(end[0]), 1.07 * 20000 * 8); // tRFCab / tREFI = 7.2 %
}

TEST(PostponedRefresh, IsMadeUpInIdleTime) {
    DramConfig config;
    config.refresh_postpone = 8;
    ControllerDriver driver(config);
    for (std::uint64_t i = 0; i < 4000; ++i) { // 32000 clocks: five refreshes fall due
        driver.offer(false, i * 32, 32, driver.now() + 1);
    }
    const Ck end = driver.finish();
    EXPECT_EQ(driver.controller.counters(end).refreshes, 0U);
    EXPECT_NEAR(static_cast<double>(end), 4000 * 8, 400); // the rows of a stream open unseen, or nearly so
    driver.offer(false, 0, 32, end + 6 * 600);
    driver.finish();
    EXPECT_EQ(driver.controller.counters(driver.now()).refreshes, 5U);
    EXPECT_EQ(driver.checker.violation(), "");
}

TEST(PowerDown, DelaysTheNextRequestByItsExit) {
    DramConfig config;
    config.power_down_ck = 100;
    ControllerDriver driver(config);
    driver.offer(false, 0, 32, 0);
    driver.finish();
    Ck accepted = driver.offer(false, 32, 32, 140); // data end at 65: still awake
    EXPECT_EQ(driver.finish() - accepted, 36U);
    accepted = driver.offer(false, 64, 32, 1000);
    EXPECT_EQ(driver.finish() - accepted, 36U + 12); // tXP
    const DramCounters counters = driver.controller.counters(driver.now());
    EXPECT_EQ(counters.power_downs, 1U);
    EXPECT_EQ(counters.active_power_down_ck, 1000U - (140 + 36 + 100));
    EXPECT_EQ(driver.checker.violation(), "");
}

TEST(SelfRefresh, TakesOverTheRefreshes) {
    DramConfig config;
    config.self_refresh_ck = 1000;
    ControllerDriver driver(config);
    driver.offer(false, 0, 32, 0);
    driver.finish();
    const Ck accepted = driver.offer(false, 0, 32, 10'000'000);
    EXPECT_EQ(driver.finish() - accepted, 460U + 65); // tXSR, then a closed bank
    const DramCounters counters = driver.controller.counters(driver.now());
    EXPECT_EQ(counters.self_refreshes, 1U);
    EXPECT_EQ(counters.refreshes, 0U);
    EXPECT_GE(counters.self_refresh_ck, 10'000'000U - 1500);
    EXPECT_EQ(driver.checker.violation(), "");
}

TEST(Residency, StatesAddUpToTheClocksOfAllRanks) {
    for (const unsigned ranks : {1U, 2U}) {
        DramConfig config;
        config.ranks = ranks;
        config.power_down_ck = 60;
        config.self_refresh_ck = 20000;
        ControllerDriver driver(config);
        offer_traffic(driver, 3, 2000);
        const Ck end = driver.finish() + 1'000'000;
        driver.controller.settle(end);
        const DramCounters c = driver.controller.counters(end);
        EXPECT_EQ(c.active_ck + c.precharged_ck + c.active_power_down_ck + c.power_down_ck + c.self_refresh_ck,
                  ranks * end);
        EXPECT_GT(c.active_ck, 0U);
        EXPECT_GT(c.power_down_ck + c.active_power_down_ck, 0U);
        EXPECT_GT(c.self_refresh_ck, 0U);
    }
}

} // namespace
} // namespace systolica
