// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "machine/dram/channel_timing.h"
#include "machine/dram/command_bus.h"

#include <gtest/gtest.h>

namespace systolica {
namespace {

// LPDDR4-3200: RL 28, WL 14, BL/2 8, tRCD 29, tRPpb 29, tRAS 68, tRRD 16, tFAW 64, tWR 29, tWTR 16, tRTP 12.
class LpddrTiming : public testing::Test {
protected:
    std::uint64_t hits = 0;
    ChannelTiming timing{DramPart{}};
};

TEST_F(LpddrTiming, ReadDataEndAfterReadLatencyAndBurst) {
    timing.activate(0, 5, 100);
    EXPECT_EQ(timing.column_at(0, false), 129U);
    EXPECT_EQ(timing.columns(0, false, 1, 129, hits), 129U + 28 + 8);
}

TEST_F(LpddrTiming, WriteDataEndAfterWriteLatencyAndBurst) {
    timing.activate(0, 5, 100);
    EXPECT_EQ(timing.columns(0, true, 1, 129, hits), 129U + 14 + 8);
}

TEST_F(LpddrTiming, TrainTakesOneBurstTimeAColumn) {
    timing.activate(0, 5, 0);
    EXPECT_EQ(timing.columns(0, false, 8, 29, hits), 29U + 7 * 8 + 28 + 8);
    EXPECT_EQ(timing.column_at(0, false), 29U + 8 * 8);
}

TEST_F(LpddrTiming, OnlyTheFirstColumnAfterActivateIsAMiss) {
    timing.activate(0, 5, 0);
    timing.columns(0, false, 8, 29, hits);
    EXPECT_EQ(hits, 7U);
    timing.columns(0, false, 8, 200, hits);
    EXPECT_EQ(hits, 15U);
}

TEST_F(LpddrTiming, WriteToReadWaitsForTheWrittenData) {
    timing.activate(0, 5, 0);
    timing.columns(0, true, 1, 29, hits);
    EXPECT_EQ(timing.column_at(0, false), 29U + 14 + 1 + 8 + 16);
}

// JESD209-4: RL + tDQSCK + BL/2 - WL + tWPRE, with tDQSCK 3 and tWPRE 2 clocks.
TEST_F(LpddrTiming, ReadToWriteWaitsForTheDataPins) {
    timing.activate(0, 5, 0);
    timing.columns(0, false, 1, 29, hits);
    EXPECT_EQ(timing.column_at(0, true), 29U + 28 + 3 + 8 - 14 + 2);
}

TEST_F(LpddrTiming, PrechargeWaitsForRasThenReadOrWriteRecovery) {
    timing.activate(0, 5, 0);
    EXPECT_EQ(timing.precharge_at(0), 68U);
    timing.columns(0, false, 1, 29, hits);
    EXPECT_EQ(timing.precharge_at(0), 68U);
    timing.columns(0, false, 1, 100, hits);
    EXPECT_EQ(timing.precharge_at(0), 112U);
    timing.columns(0, true, 1, 200, hits);
    EXPECT_EQ(timing.precharge_at(0), 200U + 14 + 1 + 8 + 29);
}

TEST_F(LpddrTiming, ActivateWaitsForPrecharge) {
    timing.activate(0, 5, 0);
    timing.precharge(0, 68);
    EXPECT_EQ(timing.activate_at(0), 97U);
    EXPECT_EQ(timing.open_row(0), ChannelTiming::kClosed);
}

TEST_F(LpddrTiming, FifthActivateWaitsForTheFourBankWindow) {
    Ck at = 100;
    for (unsigned bank = 0; bank < 4; ++bank, at += 16) {
        EXPECT_LE(timing.activate_at(bank), at);
        timing.activate(bank, 0, at);
        EXPECT_EQ(timing.activate_at(7), bank < 3 ? at + 16 : 164U); // tRRD; then both end at 100 + tFAW
    }
    DramPart wide;
    wide.faw = 90;
    ChannelTiming slow(wide);
    for (unsigned bank = 0; bank < 4; ++bank) {
        slow.activate(bank, 0, 100 + bank * 16);
    }
    EXPECT_EQ(slow.activate_at(4), 190U);
}

TEST_F(LpddrTiming, RefreshClosesAllBanksForItsTime) {
    timing.activate(0, 5, 0);
    timing.activate(1, 5, 16);
    EXPECT_EQ(timing.precharge_all_at(), 16U + 68);
    timing.precharge_all(84);
    EXPECT_FALSE(timing.any_row_open());
    EXPECT_EQ(timing.refresh_at(), 84U + 34);
    timing.refresh(118);
    EXPECT_EQ(timing.activate_at(3), 118U + 448);
}

// Reads every 8 clocks take 4 of them; a command of 4 edges fits exactly between two, one of 2 edges has three places.
TEST(CommandBus, RowCommandsSlipBetweenTheColumnsOfATrain) {
    CommandBus bus(8);
    bus.take_train(100, 156);
    EXPECT_EQ(bus.row_slot(96, 4), 96U);
    EXPECT_EQ(bus.row_slot(97, 4), 104U);
    EXPECT_EQ(bus.row_slot(101, 4), 104U);
    EXPECT_EQ(bus.row_slot(104, 4), 104U);
    EXPECT_EQ(bus.row_slot(105, 4), 112U);
    EXPECT_EQ(bus.row_slot(101, 2), 102U);
    EXPECT_EQ(bus.row_slot(104, 2), 104U);
    EXPECT_EQ(bus.row_slot(105, 2), 110U);
    EXPECT_EQ(bus.row_slot(155, 4), 160U);
    EXPECT_EQ(bus.row_slot(170, 4), 170U);
}

TEST(CommandBus, CommandsDoNotOverlap) {
    CommandBus bus(8);
    bus.take_row(50);
    EXPECT_EQ(bus.row_slot(50, 4), 54U);
    EXPECT_EQ(bus.row_slot(50, 2), 52U);
    EXPECT_EQ(bus.column_slot(50), 54U);
}

} // namespace
} // namespace systolica
