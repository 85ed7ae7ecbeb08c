// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// Processor sharing by hand: a server that can do one cycle of work a cycle, streams with weights, costs and caps.

#include "machine/fast_forward/shared_rate.h"

#include <gtest/gtest.h>

namespace systolica {
namespace {

constexpr SharedRate::Share kPlain{1, 0.1, 100}; // ten bytes a cycle if alone, the cap is out of reach

std::size_t ended_at(SharedRate& server, std::uint64_t cycle) {
    std::size_t stream = 99;
    EXPECT_EQ(server.next_end(), cycle);
    EXPECT_TRUE(server.take_ended(cycle, stream));
    return stream;
}

TEST(SharedRate, AStreamAloneTakesItsBytesTimesTheirCost) {
    SharedRate server(2);
    server.start(0, kPlain, 1000, 5);
    EXPECT_EQ(ended_at(server, 105), 0u);
    EXPECT_EQ(server.served(), 0u);
    EXPECT_EQ(server.next_end(), SharedRate::kNever);
    EXPECT_DOUBLE_EQ(server.used(200), 100);
}

TEST(SharedRate, ACapHoldsAStreamThatHasTheServerToItself) {
    SharedRate server(1);
    server.start(0, {1, 0.1, 4}, 1000, 0);
    EXPECT_FALSE(server.full());
    EXPECT_EQ(ended_at(server, 250), 0u);
}

TEST(SharedRate, EqualStreamsShareAlikeUntilTheShorterEnds) {
    SharedRate server(2);
    server.start(0, kPlain, 1000, 0);
    server.start(1, kPlain, 500, 0);
    EXPECT_TRUE(server.full());
    EXPECT_EQ(ended_at(server, 100), 1u); // 500 bytes at 5 a cycle
    EXPECT_EQ(ended_at(server, 150), 0u); // 500 left at 10 a cycle
}

TEST(SharedRate, WeightsDivideTheServer) {
    SharedRate server(2);
    server.start(0, {3, 0.1, 100}, 750, 0);
    server.start(1, {1, 0.1, 100}, 250, 0);
    EXPECT_EQ(ended_at(server, 100), 0u); // 7.5 and 2.5 bytes a cycle: both end together
    EXPECT_EQ(ended_at(server, 100), 1u);
}

TEST(SharedRate, WhatACappedStreamLeavesGoesToTheOthers) {
    SharedRate server(3);
    server.start(0, {1, 0.1, 2}, 200, 0);
    server.start(1, kPlain, 400, 0);
    server.start(2, kPlain, 800, 0);
    EXPECT_EQ(ended_at(server, 100), 0u); // 2 a cycle; the others 4 each
    EXPECT_EQ(ended_at(server, 100), 1u);
    EXPECT_EQ(ended_at(server, 140), 2u); // 400 left at 10
}

TEST(SharedRate, DearerBytesTakeMoreOfTheServer) {
    SharedRate server(2);
    server.start(0, {1, 0.3, 100}, 250, 0);
    server.start(1, {1, 0.1, 100}, 250, 0);
    EXPECT_EQ(ended_at(server, 100), 0u); // 2.5 bytes a cycle each: 0.75 and 0.25 of the server
    EXPECT_EQ(ended_at(server, 100), 1u);
}

TEST(SharedRate, AnOccupantTakesItsPartWithoutEnding) {
    SharedRate server(2);
    server.occupy(1, kPlain, 0);
    server.start(0, kPlain, 1000, 0);
    EXPECT_EQ(server.present(), 2u);
    EXPECT_EQ(server.served(), 1u);
    server.release(1, 100); // 500 of the 1000 bytes are through
    EXPECT_EQ(ended_at(server, 150), 0u);
}

TEST(SharedRate, WhatTheLastCycleServedTooMuchStartsTheNextPiece) {
    SharedRate server(1);
    server.start(0, kPlain, 15, 0); // ends in the middle of cycle 2: seen at 2, five bytes too many
    EXPECT_EQ(ended_at(server, 2), 0u);
    server.start(0, kPlain, 15, 2); // ten left: one cycle
    EXPECT_EQ(ended_at(server, 3), 0u);
}

TEST(SharedRate, SettingBackDelaysEveryStreamByAsManyCycles) {
    SharedRate server(2);
    server.start(0, kPlain, 500, 0);
    server.start(1, kPlain, 500, 0);
    server.set_back(10, 20);
    EXPECT_EQ(ended_at(server, 110), 0u);
    EXPECT_EQ(ended_at(server, 110), 1u);
}

} // namespace
} // namespace systolica
