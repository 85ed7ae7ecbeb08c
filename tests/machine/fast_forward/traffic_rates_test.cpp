// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// Windows made up of streams whose rates are known by construction.

#include "machine/fast_forward/traffic_rates.h"

#include <gtest/gtest.h>

namespace systolica {
namespace {

constexpr double kPeak = 100;
constexpr std::uint64_t kWindow = 1000;
constexpr std::uint64_t kEnough = 4 * 100 * 1000; // TrafficRates::kWorthwhileWindows windows at the peak

// `streams` loads, backlogged all the time, that reach `rate` bytes a cycle together.
TrafficRates::Window window_of(std::size_t traffic, std::size_t streams, double rate) {
    TrafficRates::Window window;
    const std::size_t crowd = TrafficRates::crowd(streams);
    window.cycles = kWindow;
    window.crowd_cycles[crowd] = kWindow;
    window.served_bytes = rate * kWindow;
    TrafficRates::Seen& seen = window.classes[traffic];
    seen.bytes[crowd] = seen.backlog_bytes[crowd] = window.served_bytes;
    seen.backlog_cycles[crowd] = streams * kWindow;
    return window;
}

TEST(TrafficRates, CrowdsDouble) {
    const std::vector<std::size_t> streams{0, 1, 2, 3, 4, 5, 8, 9, 16, 17, 64, 100000};
    const std::vector<std::size_t> crowds{0, 0, 1, 2, 2, 3, 3, 4, 4, 5, 6, 7};
    for (std::size_t i = 0; i < streams.size(); ++i) {
        EXPECT_EQ(TrafficRates::crowd(streams[i]), crowds[i]) << streams[i];
    }
}

TEST(TrafficRates, OperationsOfFewWindowsAreNeverTrusted) {
    TrafficRates rates({kEnough - 1, kEnough}, kPeak, kWindow);
    EXPECT_FALSE(rates.worthwhile(0));
    EXPECT_TRUE(rates.worthwhile(1));
    const std::size_t small = rates.add({false, 0, 50});
    const std::size_t large = rates.add({false, 1, 50});
    for (const std::size_t traffic : {small, large}) {
        EXPECT_FALSE(rates.trusted(traffic));
        rates.learn(window_of(traffic, 8, 60));
    }
    EXPECT_FALSE(rates.trusted(small));
    EXPECT_TRUE(rates.trusted(large));
}

TEST(TrafficRates, WhatManyStreamsReachTogetherIsTheMemorys) {
    TrafficRates rates({kEnough}, kPeak, kWindow);
    const std::size_t loads = rates.add({false, 0, 50});
    for (int i = 0; i < 20; ++i) {
        rates.learn(window_of(loads, 8, 60)); // eight could take 400, the memory gives 60
    }
    EXPECT_DOUBLE_EQ(rates.usual_cost(), 1 / 60.0);
    EXPECT_NEAR(rates.share(loads).cost, 1 / 60.0, 1e-12);
    EXPECT_DOUBLE_EQ(rates.share(loads).cap, 50); // of its link: one alone was not seen
}

TEST(TrafficRates, WhatAStreamReachesAloneIsItsOwnLimit) {
    TrafficRates rates({kEnough}, kPeak, kWindow);
    const std::size_t loads = rates.add({false, 0, 50});
    for (int i = 0; i < 5; ++i) {
        rates.learn(window_of(loads, 1, 20));
    }
    EXPECT_NEAR(rates.share(loads).cap, 20, 1e-9);
    EXPECT_DOUBLE_EQ(rates.usual_cost(), 1 / kPeak); // the memory was never short
}

TEST(TrafficRates, AWindowWithoutBytesOfAStreamTeachesNothingAboutIt) {
    TrafficRates rates({kEnough}, kPeak, kWindow);
    const std::size_t loads = rates.add({false, 0, 50});
    const std::size_t idle = rates.add({true, 0, 30});
    TrafficRates::Window window = window_of(loads, 1, 20);
    window.classes[idle].bytes[3] = 1;            // moved something in another crowd,
    window.classes[idle].backlog_cycles[0] = 900; // waited alone
    rates.learn(window);
    EXPECT_DOUBLE_EQ(rates.share(idle).cap, 30);
}

TEST(TrafficRates, TrustEndsWhenMuchHasBeenPacedAndAnotherWindowRenewsIt) {
    TrafficRates rates({100 * kEnough}, kPeak, kWindow);
    const std::size_t loads = rates.add({false, 0, 50});
    rates.learn(window_of(loads, 8, 60));
    rates.paced(loads, 15.9 * 60 * kWindow);
    EXPECT_TRUE(rates.trusted(loads));
    rates.paced(loads, 0.2 * 60 * kWindow);
    EXPECT_FALSE(rates.trusted(loads));
    rates.learn(window_of(loads, 8, 60));
    rates.paced(loads, 31.9 * 60 * kWindow); // better known: twice as long
    EXPECT_TRUE(rates.trusted(loads));
}

} // namespace
} // namespace systolica
