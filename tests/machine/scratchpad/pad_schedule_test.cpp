// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "machine/scratchpad/pad_schedule.h"

#include <algorithm>
#include <random>
#include <vector>

#include <gtest/gtest.h>

namespace systolica {
namespace {

constexpr StreamSource kArray = StreamSource::array;
constexpr StreamSource kVector = StreamSource::vector_unit;

ScratchpadConfig pad(unsigned banks, unsigned port_bytes) {
    return {256 * 1024, banks, port_bytes};
}

// 8 banks of 32 bytes move 256 bytes a cycle: the numbers below count in this budget.

TEST(PadSchedule, StreamWithinTheBudgetKeepsItsLength) {
    PadSchedule schedule(pad(8, 32));
    EXPECT_EQ(schedule.reserve_stream(kArray, 10, 100, 100 * 256), 100U);
    EXPECT_EQ(schedule.reserve_stream(kArray, 110, 7, 1), 7U);
}

TEST(PadSchedule, StreamAloneTakesBytesOverBudgetRoundedUp) {
    PadSchedule schedule(pad(8, 32));
    EXPECT_EQ(schedule.reserve_stream(kArray, 0, 10, 100 * 256 + 1), 101U);
}

TEST(PadSchedule, TwoStreamsThatFitTogetherAreNotStretched) {
    PadSchedule schedule(pad(8, 32));
    EXPECT_EQ(schedule.reserve_stream(kArray, 0, 100, 100 * 128), 100U);
    EXPECT_EQ(schedule.reserve_stream(kVector, 0, 100, 100 * 128), 100U);
}

TEST(PadSchedule, StreamsBeyondTheBudgetStretchTheLater) {
    PadSchedule schedule(pad(8, 32));
    // Together 100 * 384 bytes: 150 cycles of the budget.
    EXPECT_EQ(schedule.reserve_stream(kArray, 0, 100, 100 * 256), 100U);
    EXPECT_EQ(schedule.reserve_stream(kVector, 0, 50, 50 * 256), 100U); // its half of the ports: 50 cycles take 100
    // 150 cycles of work have been charged and 100 have passed: the array's next stream pays the other 50.
    EXPECT_EQ(schedule.reserve_stream(kArray, 100, 100, 100 * 256), 150U);
}

TEST(PadSchedule, StreamGetsAtLeastHalfTheBudgetWhateverTheBacklog) {
    PadSchedule schedule(pad(8, 32));
    schedule.reserve_stream(kArray, 0, 1000, 1000 * 256);
    EXPECT_EQ(schedule.reserve_stream(kVector, 10, 10, 10 * 256), 20U);
    EXPECT_EQ(schedule.reserve_stream(kVector, 30, 10, 10 * 128), 10U);
}

TEST(PadSchedule, BurstUsesAllPortsWhenTheyAreFree) {
    PadSchedule schedule(pad(8, 32));
    EXPECT_EQ(schedule.reserve_burst(5, 256), 6U);
    EXPECT_EQ(schedule.reserve_burst(5, 256), 7U); // behind the first
    EXPECT_EQ(schedule.reserve_burst(9, 512), 11U);
}

TEST(PadSchedule, BurstTakesOnePortWhenStreamsHoldAll) {
    PadSchedule schedule(pad(8, 32));
    schedule.reserve_stream(kArray, 0, 1000, 1000 * 256);
    EXPECT_EQ(schedule.reserve_burst(10, 256), 18U); // 256 bytes over one port of 32
    EXPECT_EQ(schedule.reserve_burst(10, 64), 20U);
}

TEST(PadSchedule, NextStreamPaysForBurstsUnderAFullStream) {
    PadSchedule schedule(pad(8, 32));
    schedule.reserve_stream(kArray, 0, 100, 100 * 256);
    schedule.reserve_burst(10, 256 * 5);
    EXPECT_EQ(schedule.reserve_stream(kArray, 100, 50, 50 * 256), 55U); // 5 cycles of budget went to the burst
    EXPECT_EQ(schedule.reserve_stream(kArray, 155, 50, 50 * 256), 50U); // once
}

TEST(PadSchedule, BurstsInTheSlackOfAStreamCostNobodyAnything) {
    PadSchedule schedule(pad(8, 32));
    schedule.reserve_stream(kArray, 0, 100, 90 * 256);
    for (std::uint64_t i = 0; i < 10; ++i) {
        schedule.reserve_burst(10 * i, 256);
    }
    EXPECT_EQ(schedule.reserve_stream(kArray, 100, 100, 100 * 256), 100U);
}

TEST(PadSchedule, SingleBankIsSharedEvenlyWithTheDma) {
    PadSchedule schedule(pad(1, 32));
    schedule.reserve_stream(kArray, 0, 1000, 1000 * 32);
    EXPECT_EQ(schedule.reserve_burst(0, 320), 20U); // 10 cycles of the port at half rate
}

TEST(PadSchedule, AnAccessFromAnEarlierStartLosesNoCapacity) {
    PadSchedule schedule(pad(8, 32));
    schedule.reserve_burst(100, 256); // its answer is annotated: it lies in the future
    EXPECT_EQ(schedule.reserve_stream(kArray, 20, 50, 49 * 256), 50U);
}

// Long run: with the array asking for the whole budget and bursts for one port in eight, streams get the other seven.
TEST(PadSchedule, ThroughputIsConserved) {
    PadSchedule schedule(pad(8, 32));
    std::uint64_t now = 0;
    std::uint64_t burst_bytes = 0;
    std::uint64_t stream_bytes = 0;
    while (now < 100'000) {
        const std::uint64_t cycles = schedule.reserve_stream(kArray, now, 64, 64 * 256);
        stream_bytes += 64 * 256;
        for (std::uint64_t cycle = now; cycle < now + cycles; cycle += 8) {
            schedule.reserve_burst(cycle, 256);
            burst_bytes += 256;
        }
        now += cycles;
    }
    EXPECT_LE(stream_bytes + burst_bytes, (now + 100) * 256); // the debt of at most one stream
    EXPECT_GE(stream_bytes + burst_bytes, (now - 100) * 256); // and nothing wasted
}

struct Access {
    bool burst;
    StreamSource source;
    std::uint64_t start, cycles, bytes;
};

std::vector<Access> random_accesses(std::mt19937& random) {
    std::vector<Access> accesses;
    std::uint64_t now = 0;
    for (int i = 0; i < 200; ++i) {
        now += random() % 40;
        const std::uint64_t back = std::min<std::uint64_t>(now, random() % 4 == 0 ? random() % 60 : 0);
        const std::uint64_t cycles = random() % 80;
        accesses.push_back({random() % 2 == 0, random() % 2 == 0 ? kArray : kVector, now - back, cycles,
                            1 + random() % (random() % 2 == 0 ? 256 : 20'000)});
    }
    return accesses;
}

std::vector<std::uint64_t> ends(const std::vector<Access>& accesses, const ScratchpadConfig& config) {
    PadSchedule schedule(config);
    std::vector<std::uint64_t> result;
    for (const Access& a : accesses) {
        result.push_back(a.burst ? schedule.reserve_burst(a.start, a.bytes)
                                 : a.start + schedule.reserve_stream(a.source, a.start, a.cycles, a.bytes));
    }
    return result;
}

TEST(PadSchedule, WiderPortsOrMoreBanksNeverMakeAnythingLater) {
    std::mt19937 random(7);
    for (int round = 0; round < 300; ++round) {
        const std::vector<Access> accesses = random_accesses(random);
        const unsigned banks = 1 + static_cast<unsigned>(random() % 8);
        const unsigned port_bytes = 1 + static_cast<unsigned>(random() % 64);
        const std::vector<std::uint64_t> narrow = ends(accesses, pad(banks, port_bytes));
        const unsigned more = 1 + static_cast<unsigned>(random() % 9);
        const std::vector<std::uint64_t> wider_ports = ends(accesses, pad(banks, port_bytes + more));
        const std::vector<std::uint64_t> more_banks = ends(accesses, pad(banks + more, port_bytes));
        for (std::size_t i = 0; i < accesses.size(); ++i) {
            ASSERT_LE(wider_ports[i], narrow[i]) << "round " << round << " access " << i;
            ASSERT_LE(more_banks[i], narrow[i]) << "round " << round << " access " << i;
        }
    }
}

TEST(PadSchedule, BurstsCompleteInOrder) {
    std::mt19937 random(11);
    for (int round = 0; round < 100; ++round) {
        const std::vector<Access> accesses = random_accesses(random);
        const std::vector<std::uint64_t> all = ends(accesses, pad(4, 16));
        std::uint64_t last = 0;
        for (std::size_t i = 0; i < accesses.size(); ++i) {
            if (accesses[i].burst) {
                ASSERT_GE(all[i], last);
                ASSERT_GT(all[i], accesses[i].start);
                last = all[i];
            }
        }
    }
}

} // namespace
} // namespace systolica
