// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "machine/dram/overlap_filter.h"

#include <algorithm>
#include <random>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace systolica {
namespace {

TEST(OverlapFilter, NeverDeniesAnOverlapAndIsEmptyAgainAtTheEnd) {
    OverlapFilter filter;
    std::vector<std::pair<std::uint64_t, std::uint64_t>> waiting;
    std::mt19937_64 random(3);
    unsigned overlaps = 0, denied = 0;
    for (unsigned i = 0; i < 20000; ++i) {
        const std::uint64_t first = random() % 4000;
        const std::uint64_t end = first + 1 + (random() % 20 == 0 ? random() % 600 : random() % 16);
        const bool overlap = std::any_of(waiting.begin(), waiting.end(),
                                         [&](const auto& range) { return range.first < end && first < range.second; });
        ASSERT_TRUE(filter.possible(first, end) || !overlap) << first << " to " << end;
        overlaps += overlap ? 1U : 0U;
        denied += filter.possible(first, end) ? 0U : 1U;
        filter.add(first, end);
        waiting.emplace_back(first, end);
        if (waiting.size() > 8) {
            const auto gone = waiting.begin() + static_cast<std::ptrdiff_t>(random() % waiting.size());
            filter.remove(gone->first, gone->second);
            waiting.erase(gone);
        }
    }
    EXPECT_GT(overlaps, 100U);
    EXPECT_GT(denied, 100U) << "otherwise it saves nothing";
    for (const auto& range : waiting) {
        filter.remove(range.first, range.second);
    }
    for (std::uint64_t block = 0; block < 4096; ++block) {
        EXPECT_FALSE(filter.possible(8 * block, 8 * block + 8));
    }
}

} // namespace
} // namespace systolica
