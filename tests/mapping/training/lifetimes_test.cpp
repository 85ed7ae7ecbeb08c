// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "mapping/training/lifetimes.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "../random_numbers.h"

namespace systolica {
namespace {

constexpr std::uint64_t kAlignment = 64;

Lifetime stays(std::uint64_t bytes) {
    Lifetime tensor;
    tensor.bytes = bytes;
    return tensor;
}

// Groups from the first to the last use it; from `free_from` on its place may be another's.
Lifetime passes(std::uint64_t bytes, int first, int last, int free_from) {
    Lifetime tensor;
    tensor.bytes = bytes;
    tensor.passing = true;
    tensor.first = first;
    tensor.last = last;
    tensor.free_from = free_from;
    return tensor;
}

Lifetime passes(std::uint64_t bytes, int first, int last) {
    return passes(bytes, first, last, last + 1);
}

std::uint64_t rounded(std::uint64_t bytes) {
    return (bytes + kAlignment - 1) / kAlignment * kAlignment;
}

bool used(const Lifetime& tensor) {
    return !tensor.passing || tensor.first >= 0;
}

bool at_once(const Lifetime& a, const Lifetime& b) {
    const auto over = [](const Lifetime& one, const Lifetime& other) {
        return one.passing && other.passing && one.free_from >= 0 && one.free_from <= other.first;
    };
    return !over(a, b) && !over(b, a);
}

bool overlap(const Lifetime& a, const Lifetime& b) {
    return a.base < b.base + b.bytes && b.base < a.base + a.bytes;
}

std::vector<Lifetime> random_lifetimes(RandomNumbers& random) {
    std::vector<Lifetime> tensors;
    for (std::uint64_t i = random.between(1, 40); i > 0; --i) {
        const std::uint64_t bytes = random.between(1, 1000);
        const int first = static_cast<int>(random.below(30));
        const int last = first + static_cast<int>(random.below(8));
        switch (random.below(8)) {
        case 0:
            tensors.push_back(stays(bytes));
            break;
        case 1:
            tensors.push_back(passes(bytes, -1, -1, -1)); // nobody uses it
            break;
        case 2:
            tensors.push_back(passes(bytes, first, last, -1)); // nobody can tell when it is over
            break;
        default:
            tensors.push_back(passes(bytes, first, last, last + 1 + static_cast<int>(random.below(3))));
        }
    }
    return tensors;
}

TEST(Lifetimes, WhatLivesAtOnceLiesApart) {
    for (std::uint64_t seed = 0; seed < 3000; ++seed) {
        RandomNumbers random(seed);
        std::vector<Lifetime> tensors = random_lifetimes(random);
        const std::uint64_t end = lay_out(tensors, 3 * kAlignment, kAlignment);
        for (std::size_t a = 0; a < tensors.size(); ++a) {
            if (!used(tensors[a])) {
                continue;
            }
            ASSERT_EQ(tensors[a].base % kAlignment, 0u);
            ASSERT_GE(tensors[a].base, 3 * kAlignment);
            ASSERT_LE(tensors[a].base + tensors[a].bytes, end);
            for (std::size_t b = 0; b < a; ++b) {
                ASSERT_FALSE(used(tensors[b]) && at_once(tensors[a], tensors[b]) && overlap(tensors[a], tensors[b]))
                    << "seed " << seed << ": " << a << " and " << b;
            }
        }
    }
}

TEST(Lifetimes, APlaceIsWrittenAfterAllThatWasThere) {
    for (std::uint64_t seed = 0; seed < 3000; ++seed) {
        RandomNumbers random(seed);
        std::vector<Lifetime> tensors = random_lifetimes(random);
        lay_out(tensors, 0, kAlignment);
        for (const Lifetime& tensor : tensors) {
            ASSERT_LT(tensor.waits_for, std::max(tensor.first, 0)) << "seed " << seed;
            for (const Lifetime& before : tensors) {
                if (used(tensor) && tensor.passing && before.passing && before.first >= 0 && !at_once(tensor, before) &&
                    before.first < tensor.first && overlap(tensor, before)) {
                    ASSERT_GE(tensor.waits_for, before.free_from - 1) << "seed " << seed;
                }
            }
        }
    }
}

TEST(Lifetimes, MemoryIsNoLargerThanWithoutSharingAndNoSmallerThanWhatLivesAtOnce) {
    for (std::uint64_t seed = 0; seed < 3000; ++seed) {
        RandomNumbers random(seed);
        std::vector<Lifetime> tensors = random_lifetimes(random);
        const std::uint64_t end = lay_out(tensors, 0, kAlignment);
        std::uint64_t all = 0, most = 0;
        for (int group = 0; group < 50; ++group) {
            std::uint64_t living = 0;
            for (const Lifetime& tensor : tensors) {
                const bool lives = tensor.first <= group && (tensor.free_from < 0 || group < tensor.free_from);
                living += !tensor.passing || (tensor.first >= 0 && lives) ? rounded(tensor.bytes) : 0;
            }
            most = std::max(most, living);
        }
        for (const Lifetime& tensor : tensors) {
            all += used(tensor) ? rounded(tensor.bytes) : 0;
        }
        ASSERT_LE(most, end) << "seed " << seed;
        ASSERT_LE(end, all) << "seed " << seed;
    }
}

TEST(Lifetimes, OneBehindTheOtherTakeOnePlace) {
    std::vector<Lifetime> tensors{passes(100, 0, 1), passes(100, 2, 3), passes(60, 4, 5)};
    EXPECT_EQ(lay_out(tensors, 0, kAlignment), 128u);
    for (const Lifetime& tensor : tensors) {
        EXPECT_EQ(tensor.base, 0u);
    }
    EXPECT_EQ(tensors[0].waits_for, -1);
    EXPECT_EQ(tensors[1].waits_for, 1);
    EXPECT_EQ(tensors[2].waits_for, 3);
}

TEST(Lifetimes, ForwardAndBackAsAStackNeedTheLargestSum) {
    // Activations 0 to 3 wait for the way back, where their gradients take turns in the places above them.
    std::vector<Lifetime> tensors;
    for (int i = 0; i < 4; ++i) {
        tensors.push_back(passes(64, i, 7 - i));
    }
    EXPECT_EQ(lay_out(tensors, 0, kAlignment), 4 * 64u);
}

TEST(Lifetimes, NeighboursThatAreFreeBecomeOnePlaceThatWaitsForBoth) {
    std::vector<Lifetime> tensors{passes(64, 0, 2), passes(64, 0, 4), passes(128, 5, 6)};
    EXPECT_EQ(lay_out(tensors, 0, kAlignment), 128u);
    EXPECT_EQ(tensors[2].base, 0u);
    EXPECT_EQ(tensors[2].waits_for, 4);
}

TEST(Lifetimes, WhatStaysLiesBeforeWhatPasses) {
    std::vector<Lifetime> tensors{passes(64, 0, 9), stays(10), stays(100)};
    EXPECT_EQ(lay_out(tensors, 64, kAlignment), 64u + 64 + 128 + 64);
    EXPECT_EQ(tensors[1].base, 64u);
    EXPECT_EQ(tensors[2].base, 128u);
    EXPECT_EQ(tensors[0].base, 256u);
}

} // namespace
} // namespace systolica
