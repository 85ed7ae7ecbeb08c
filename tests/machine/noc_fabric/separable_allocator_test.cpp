// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "machine/noc/fabric/separable_allocator.h"

#include <random>
#include <set>

#include <gtest/gtest.h>

namespace systolica {
namespace {

using Requests = std::set<std::pair<unsigned, unsigned>>;

Requests matches(SeparableAllocator& allocator, const Requests& requests) {
    for (const auto& [input, output] : requests) {
        allocator.request(input, output);
    }
    Requests found;
    for (const auto& match : allocator.allocate()) {
        found.insert({match.input, match.output});
    }
    return found;
}

TEST(Nearer, CountsUpwardsAroundTheCircle) {
    for (unsigned pointer = 0; pointer < 7; ++pointer) {
        for (unsigned a = 0; a < 7; ++a) {
            for (unsigned b = 0; b < 7; ++b) {
                EXPECT_EQ(nearer(a, b, pointer), (a + 7 - pointer) % 7 < (b + 7 - pointer) % 7);
            }
        }
    }
}

TEST(SeparableAllocator, GivesEachInputAndOutputAtMostOnceAndOnlyWhatWasAsked) {
    std::mt19937_64 random(1);
    SeparableAllocator allocator(5, 7);
    for (int round = 0; round < 2000; ++round) {
        Requests requests;
        for (auto n = random() % 20; n > 0; --n) {
            requests.insert({static_cast<unsigned>(random() % 5), static_cast<unsigned>(random() % 7)});
        }
        std::set<unsigned> inputs, outputs;
        const Requests found = matches(allocator, requests);
        for (const auto& [input, output] : found) {
            EXPECT_EQ(requests.count({input, output}), 1U);
            EXPECT_TRUE(inputs.insert(input).second);
            EXPECT_TRUE(outputs.insert(output).second);
        }
        EXPECT_EQ(found.empty(), requests.empty()) << "some output grants, and its input accepts somebody";
    }
}

TEST(SeparableAllocator, AnOutputServesItsInputsInTurn) {
    SeparableAllocator allocator(3, 1);
    for (unsigned round = 0; round < 9; ++round) {
        EXPECT_EQ(matches(allocator, {{0, 0}, {1, 0}, {2, 0}}), (Requests{{round % 3, 0}}));
    }
}

TEST(SeparableAllocator, AnInputAcceptsItsOutputsInTurn) {
    SeparableAllocator allocator(1, 3);
    for (unsigned round = 0; round < 9; ++round) {
        EXPECT_EQ(matches(allocator, {{0, 0}, {0, 1}, {0, 2}}), (Requests{{0, round % 3}}));
    }
}

// iSLIP: pointers start in the same place, so the first cycle serves one; then they avoid each other, and each of n
// inputs that want all n outputs is served every cycle.
TEST(SeparableAllocator, PointersAvoidEachOtherUnderFullLoad) {
    constexpr unsigned kPorts = 4;
    Requests all;
    for (unsigned input = 0; input < kPorts; ++input) {
        for (unsigned output = 0; output < kPorts; ++output) {
            all.insert({input, output});
        }
    }
    SeparableAllocator allocator(kPorts, kPorts);
    EXPECT_EQ(matches(allocator, all).size(), 1U);
    for (unsigned round = 1; round < kPorts; ++round) {
        matches(allocator, all);
    }
    for (unsigned round = 0; round < 20; ++round) {
        EXPECT_EQ(matches(allocator, all).size(), kPorts);
    }
}

TEST(SeparableAllocator, ForgetsRequestsBetweenCycles) {
    SeparableAllocator allocator(2, 2);
    EXPECT_EQ(matches(allocator, {{0, 1}}), (Requests{{0, 1}}));
    EXPECT_EQ(matches(allocator, {}), Requests{});
}

} // namespace
} // namespace systolica
