// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "machine/noc/fabric/event_ring.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <random>
#include <utility>
#include <vector>

namespace systolica {
namespace {

using Taken = std::vector<std::pair<std::uint64_t, EventRing::Value>>;

Taken drained(EventRing& ring, std::uint64_t last) {
    Taken taken;
    ring.drain(last, [&](std::uint64_t cycle, EventRing::Value value) { taken.emplace_back(cycle, value); });
    return taken;
}

TEST(EventRing, EmptyNeverComes) {
    EventRing ring;
    EXPECT_EQ(ring.next(), EventRing::kNever);
    ring.come_to(1000);
    EXPECT_EQ(ring.next(), EventRing::kNever);
}

TEST(EventRing, OneCycleIsTakenInOrderOfInsertion) {
    EventRing ring;
    ring.push(5, 3);
    ring.push(5, 1);
    ring.push(5, 2);
    EXPECT_EQ(ring.next(), 5U);
    EXPECT_TRUE(drained(ring, 4).empty());
    EXPECT_EQ(drained(ring, 5), (Taken{{5, 3}, {5, 1}, {5, 2}}));
    EXPECT_EQ(ring.next(), EventRing::kNever);
}

TEST(EventRing, WhatIsPushedForTheCycleThatIsDrainedComesAfterIt) {
    EventRing ring;
    ring.push(7, 0);
    ring.push(7, 1);
    Taken taken;
    ring.drain(8, [&](std::uint64_t cycle, EventRing::Value value) {
        taken.emplace_back(cycle, value);
        if (value < 2) {
            ring.push(cycle + value, 10 + value);
        }
    });
    EXPECT_EQ(taken, (Taken{{7, 0}, {7, 1}, {7, 10}, {8, 11}}));
}

// An entry for a far cycle was pushed before one that is pushed when the cycle is near.
TEST(EventRing, FarEntriesKeepTheirPlaceBeforeNearOnes) {
    EventRing ring;
    ring.push(200, 1);
    ring.push(200, 2);
    ring.push(90, 3);
    EXPECT_EQ(ring.next(), 90U);
    EXPECT_EQ(drained(ring, 199), (Taken{{90, 3}}));
    ring.come_to(199);
    ring.push(200, 4);
    EXPECT_EQ(drained(ring, 300), (Taken{{200, 1}, {200, 2}, {200, 4}}));
}

// Against a list that is sorted stably: whatever lies up to 300 cycles ahead, from every turn of the ring.
TEST(EventRing, TakesRandomEntriesAsAStableSortDoes) {
    std::mt19937 random(1);
    EventRing ring;
    Taken expected;
    Taken taken;
    std::uint64_t now = 0;
    for (EventRing::Value value = 0; value < 5000; ++value) {
        const std::uint64_t cycle = now + (random() % 4 == 0 ? random() % 300 : random() % 8);
        ring.push(cycle, value);
        expected.emplace_back(cycle, value);
        if (random() % 3 == 0) {
            now = ring.next();
            const Taken some = drained(ring, now);
            taken.insert(taken.end(), some.begin(), some.end());
        }
    }
    const Taken rest = drained(ring, now + 300);
    taken.insert(taken.end(), rest.begin(), rest.end());
    std::stable_sort(expected.begin(), expected.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
    EXPECT_EQ(taken, expected);
}

} // namespace
} // namespace systolica
