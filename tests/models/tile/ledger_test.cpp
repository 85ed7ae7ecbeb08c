// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include <gtest/gtest.h>

#include "models/chip/ledger.h"

namespace systolica::sequencer_test {

namespace {

class FixedSampler : public StateSampler {
public:
    StateCycles now;
    StateCycles sample() override { return now; }
};

StateCycles cycles(std::uint64_t matrix, std::uint64_t load) {
    StateCycles spent;
    spent.matrix = matrix;
    spent.load = load;
    return spent;
}

} // namespace

TEST(Ledger, OperationsRetireInProgramOrder) {
    Ledger ledger(3);
    FixedSampler tile;
    ledger.attach(tile, {true, true, true});
    tile.now = cycles(4, 1);
    ledger.ended(0, 1, 5); // before operation 0: waits for it
    EXPECT_EQ(ledger.retired(), 0U);
    tile.now = cycles(7, 2);
    ledger.ended(0, 0, 9);
    EXPECT_EQ(ledger.retired(), 2U);
    tile.now = cycles(10, 4);
    ledger.ended(0, 2, 14);
    EXPECT_EQ(ledger.retired(), 2U); // the last one waits for the tile
    tile.now = cycles(10, 6);
    ledger.finished(0, 16);
    EXPECT_TRUE(ledger.complete());
    ASSERT_TRUE(ledger.errors().empty());
    EXPECT_EQ(ledger.rows()[0].cycles, 9U);
    EXPECT_EQ(ledger.rows()[0].spent.load, 2U);
    EXPECT_EQ(ledger.rows()[1].cycles, 0U);
    EXPECT_EQ(ledger.rows()[1].retired_at, 9U);
    EXPECT_EQ(ledger.rows()[2].cycles, 7U);
    EXPECT_EQ(ledger.rows()[2].spent.matrix, 3U);
    EXPECT_EQ(ledger.rows()[2].spent.load, 4U);
    EXPECT_EQ(ledger.cycles(), 16U);
}

TEST(Ledger, RowTakesTheStatesOfTheTileThatEndedLast) {
    Ledger ledger(2);
    FixedSampler first;
    FixedSampler second;
    ledger.attach(first, {true, true});
    ledger.attach(second, {true, true});
    ledger.ended(0, 0, 3);
    first.now = cycles(3, 5);
    second.now = cycles(8, 0);
    ledger.ended(1, 0, 8);
    EXPECT_EQ(ledger.rows()[0].tile, 1U);
    EXPECT_EQ(ledger.rows()[0].spent.matrix, 8U);
    // Both end operation 1 in the same cycle, the higher number first: the lower one counts.
    first.now = cycles(5, 7);
    second.now = cycles(9, 3);
    ledger.ended(1, 1, 12);
    ledger.ended(0, 1, 12);
    ledger.finished(1, 12);
    ledger.finished(0, 12);
    EXPECT_EQ(ledger.rows()[1].tile, 0U);
    EXPECT_EQ(ledger.rows()[1].spent.matrix, 2U);
    EXPECT_EQ(ledger.rows()[1].spent.load, 2U);
    EXPECT_TRUE(ledger.errors().empty());
}

TEST(Ledger, OperationsWithoutWorkRetireWithTheirPredecessor) {
    Ledger ledger(4);
    FixedSampler tile;
    ledger.attach(tile, {false, true, false, true});
    tile.now = cycles(6, 0);
    ledger.ended(0, 1, 6);
    EXPECT_EQ(ledger.retired(), 3U);
    EXPECT_EQ(ledger.rows()[0].retired_at, 0U);
    EXPECT_EQ(ledger.rows()[0].cycles, 0U);
    EXPECT_EQ(ledger.rows()[1].cycles, 6U);
    EXPECT_EQ(ledger.rows()[2].retired_at, 6U);
    EXPECT_EQ(ledger.rows()[2].start, 6U);
    EXPECT_EQ(ledger.rows()[2].end, 6U);
}

TEST(Ledger, StoresAfterRetirementStillMoveTheEnd) {
    Ledger ledger(2);
    FixedSampler tile;
    ledger.attach(tile, {true, true});
    ledger.issued(0, 2);
    ledger.issued(0, 4);
    tile.now = cycles(6, 0);
    ledger.ended(0, 0, 6);
    ledger.done(0, 11);
    EXPECT_EQ(ledger.rows()[0].start, 2U);
    EXPECT_EQ(ledger.rows()[0].end, 11U);
    EXPECT_EQ(ledger.rows()[0].retired_at, 6U);
}

TEST(Ledger, StatesThatDoNotAddUpAreAnError) {
    Ledger ledger(1);
    FixedSampler tile;
    ledger.attach(tile, {true});
    tile.now = cycles(4, 0);
    ledger.ended(0, 0, 5);
    ledger.finished(0, 5);
    ASSERT_EQ(ledger.errors().size(), 1U);
    EXPECT_NE(ledger.errors()[0].find("add up to 4 cycles, expected 5"), std::string::npos);
}

} // namespace systolica::sequencer_test
