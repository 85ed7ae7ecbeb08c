// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "machine/noc/cycle_queue.h"

#include <algorithm>
#include <random>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace systolica {
namespace {

using Entry = std::pair<std::uint64_t, CycleQueue::Value>; // cycle, value

TEST(CycleQueue, SameCycleComesOutInOrderOfInsertionNearAndFar) {
    CycleQueue queue;
    queue.push(100, 5, 1); // far: beyond the ring
    queue.push(100, 5, 2);
    queue.push(7, 5, 3);
    queue.drain(50, [](std::uint64_t, CycleQueue::Value) {});
    queue.come_to(60);
    queue.push(100, 5, 4); // near by now
    std::vector<Entry> out;
    queue.drain(200, [&](std::uint64_t cycle, CycleQueue::Value value) { out.emplace_back(cycle, value); });
    EXPECT_EQ(out, (std::vector<Entry>{{100, 1}, {100, 2}, {100, 4}}));
    EXPECT_TRUE(queue.empty());
}

TEST(CycleQueue, SameCycleComesOutInOrderOfRankFirst) {
    CycleQueue queue;
    queue.push(90, 2, 1); // far
    queue.push(90, 0, 2);
    queue.come_to(50);
    queue.push(90, 1, 3);
    queue.push(90, 0, 4);
    std::vector<Entry> out;
    queue.drain(90, [&](std::uint64_t cycle, CycleQueue::Value value) { out.emplace_back(cycle, value); });
    EXPECT_EQ(out, (std::vector<Entry>{{90, 2}, {90, 4}, {90, 3}, {90, 1}}));
}

TEST(CycleQueue, DrainTakesWhatIsPushedMeanwhile) {
    CycleQueue queue;
    queue.push(3, 0, 0);
    std::vector<Entry> out;
    queue.drain(10, [&](std::uint64_t cycle, CycleQueue::Value value) {
        out.emplace_back(cycle, value);
        if (value < 3) {
            queue.push(cycle + (value == 0 ? 0 : 7), 0, value + 1);
        }
    });
    EXPECT_EQ(out, (std::vector<Entry>{{3, 0}, {3, 1}, {10, 2}}));
    EXPECT_EQ(queue.next(), 17U);
}

// Against a list that is sorted anew each time.
TEST(CycleQueue, AgreesWithAPlainListOnRandomUse) {
    std::mt19937 random(1);
    CycleQueue queue;
    struct Plain {
        std::uint64_t cycle;
        std::uint32_t rank;
        CycleQueue::Value value;
    };
    std::vector<Plain> plain;
    std::uint64_t now = 0;
    CycleQueue::Value value = 0;
    for (int step = 0; step < 20000; ++step) {
        for (unsigned pushes = random() % 4; pushes > 0; --pushes) {
            const std::uint64_t cycle = now + (random() % 8 == 0 ? random() % 500 : random() % 12);
            const auto rank = static_cast<std::uint32_t>(random() % 4);
            queue.push(cycle, rank, value);
            plain.push_back({cycle, rank, value++});
        }
        now += random() % 50 == 0 ? random() % 1000 : random() % 6;
        std::stable_sort(plain.begin(), plain.end(), [](const Plain& a, const Plain& b) {
            return a.cycle != b.cycle ? a.cycle < b.cycle : a.rank < b.rank;
        });
        std::vector<Entry> expected;
        std::size_t due = 0;
        for (; due < plain.size() && plain[due].cycle <= now; ++due) {
            expected.emplace_back(plain[due].cycle, plain[due].value);
        }
        plain.erase(plain.begin(), plain.begin() + static_cast<std::ptrdiff_t>(due));
        std::vector<Entry> out;
        queue.drain(now, [&](std::uint64_t cycle, CycleQueue::Value v) { out.emplace_back(cycle, v); });
        queue.come_to(now);
        ASSERT_EQ(out, expected);
    }
}

} // namespace
} // namespace systolica
