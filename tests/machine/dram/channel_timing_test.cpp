// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "machine/dram/channel_timing.h"
#include "machine/dram/command_bus.h"
#include "tests/machine/dram/example_parts.h"

#include <gtest/gtest.h>

namespace systolica {
namespace {

// LPDDR4-3200: RL 28, WL 14, BL/2 8, tRCD 29, tRPpb 29, tRAS 68, tRRD 16, tFAW 64, tWR 29, tWTR 16, tRTP 12.
class LpddrTiming : public testing::Test {
protected:
    Ck columns(unsigned bank, bool write, unsigned count, Ck first) {
        return timing.columns(bank, {write, false, false, count, first}, hits);
    }

    std::uint64_t hits = 0;
    ChannelTiming timing{DramPart(), 1};
};

TEST_F(LpddrTiming, ReadDataEndAfterReadLatencyAndBurst) {
    timing.activate(0, 5, 100);
    EXPECT_EQ(timing.column_at(0, false), 129U);
    EXPECT_EQ(columns(0, false, 1, 129), 129U + 28 + 8);
}

TEST_F(LpddrTiming, WriteDataEndAfterWriteLatencyAndBurst) {
    timing.activate(0, 5, 100);
    EXPECT_EQ(columns(0, true, 1, 129), 129U + 14 + 8);
}

TEST_F(LpddrTiming, TrainTakesOneBurstTimeAColumn) {
    timing.activate(0, 5, 0);
    EXPECT_EQ(columns(0, false, 8, 29), 29U + 7 * 8 + 28 + 8);
    EXPECT_EQ(timing.column_at(0, false), 29U + 8 * 8);
}

TEST_F(LpddrTiming, OnlyTheFirstColumnAfterActivateIsAMiss) {
    timing.activate(0, 5, 0);
    columns(0, false, 8, 29);
    EXPECT_EQ(hits, 7U);
    columns(0, false, 8, 200);
    EXPECT_EQ(hits, 15U);
}

TEST_F(LpddrTiming, WriteToReadWaitsForTheWrittenData) {
    timing.activate(0, 5, 0);
    columns(0, true, 1, 29);
    EXPECT_EQ(timing.column_at(0, false), 29U + 14 + 1 + 8 + 16);
}

// JESD209-4: RL + tDQSCK + BL/2 - WL + tWPRE, with tDQSCK 3 and tWPRE 2 clocks.
TEST_F(LpddrTiming, ReadToWriteWaitsForTheDataPins) {
    timing.activate(0, 5, 0);
    columns(0, false, 1, 29);
    EXPECT_EQ(timing.column_at(0, true), 29U + 28 + 3 + 8 - 14 + 2);
}

TEST_F(LpddrTiming, PrechargeWaitsForRasThenReadOrWriteRecovery) {
    timing.activate(0, 5, 0);
    EXPECT_EQ(timing.precharge_at(0), 68U);
    columns(0, false, 1, 29);
    EXPECT_EQ(timing.precharge_at(0), 68U);
    columns(0, false, 1, 100);
    EXPECT_EQ(timing.precharge_at(0), 112U);
    columns(0, true, 1, 200);
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
    ChannelTiming slow(wide, 1);
    for (unsigned bank = 0; bank < 4; ++bank) {
        slow.activate(bank, 0, 100 + bank * 16);
    }
    EXPECT_EQ(slow.activate_at(4), 190U);
}

TEST_F(LpddrTiming, RefreshClosesAllBanksForItsTime) {
    timing.activate(0, 5, 0);
    timing.activate(1, 5, 16);
    EXPECT_EQ(timing.precharge_all_at(0), 16U + 68);
    timing.precharge_all(0, 84);
    EXPECT_FALSE(timing.any_row_open(0));
    EXPECT_EQ(timing.refresh_all_at(0), 84U + 34);
    timing.refresh_all(0, 118);
    EXPECT_EQ(timing.activate_at(3), 118U + 448);
}

TEST_F(LpddrTiming, AutoPrechargeWaitsForRasAndRecoveryAndThenRp) {
    timing.activate(0, 5, 0);
    timing.columns(0, {false, false, true, 1, 29}, hits);
    EXPECT_EQ(timing.open_row(0), ChannelTiming::kClosed);
    EXPECT_EQ(timing.activate_at(0), 68U + 29); // tRAS, not RD + tRTP = 41
    timing.activate(1, 5, 200);
    timing.columns(1, {true, false, true, 1, 300}, hits);
    EXPECT_EQ(timing.activate_at(1), 300U + 14 + 1 + 8 + 29 + 29);
}

TEST_F(LpddrTiming, MaskedWriteWaitsLongerAfterAWriteToItsBank) {
    timing.activate(0, 5, 0);
    timing.activate(1, 5, 16);
    columns(0, true, 1, 100);
    EXPECT_EQ(timing.masked_write_at(0), 100U + 32); // tCCDMW
    EXPECT_EQ(timing.masked_write_at(1), 100U + 8);
}

TEST_F(LpddrTiming, BankRefreshHoldsItsBankAndSpacesTheOthers) {
    timing.refresh_bank(2, 1000);
    EXPECT_EQ(timing.activate_at(2), 1000U + 224);     // tRFCpb
    EXPECT_EQ(timing.activate_at(3), 1000U + 16);      // tpbR2act
    EXPECT_EQ(timing.refresh_bank_at(3), 1000U + 224); // tpbR2pbR
    EXPECT_EQ(timing.refresh_all_at(0), 1000U + 224);
}

TEST(LpddrRanks, DataOfTwoRanksAreOneClockApart) {
    std::uint64_t hits = 0;
    ChannelTiming timing(DramPart(), 2);
    timing.activate(0, 1, 0);
    timing.activate(8, 1, 4); // tRRD is a rule of one rank
    EXPECT_EQ(timing.activate_at(9), 4U + 16);
    timing.columns(0, {false, false, false, 1, 100}, hits);
    EXPECT_EQ(timing.column_at(8, false), 100U + 8 + 1);
    EXPECT_EQ(timing.column_at(8, true), 100U + 28 + 8 + 1 - 14);
    timing.columns(8, {true, false, false, 1, 200}, hits);
    EXPECT_EQ(timing.column_at(8, false), 200U + 14 + 1 + 8 + 16); // tWTR
    EXPECT_EQ(timing.column_at(0, false), 200U + 14 + 8 + 1 - 28);
}

// LPDDR5-6400: RL 17, WL 9, BL/n_min 2, BL/n_max 4, tCCD_S 2, tCCD_L 4, tWTR_S 5, tWTR_L 10, nWR 28, tRBTP 8; banks 0
// to 3 are one group.
class Lpddr5Timing : public testing::Test {
protected:
    std::uint64_t hits = 0;
    ChannelTiming timing{test::lpddr5_6400(), 1};
};

TEST_F(Lpddr5Timing, ColumnsOfOneGroupKeepTheLongGap) {
    timing.activate(0, 5, 0);
    timing.activate(4, 5, 4);
    EXPECT_EQ(timing.columns(0, {false, false, false, 1, 100}, hits), 100U + 17 + 2);
    EXPECT_EQ(timing.column_at(0, false), 104U);
    EXPECT_EQ(timing.column_at(4, false), 102U);
    EXPECT_EQ(timing.column_at(4, true), 100U + 17 + 2 + 2 - 9);
    EXPECT_EQ(timing.precharge_at(0), 108U);
    EXPECT_EQ(timing.columns(0, {false, false, false, 4, 200}, hits), 200U + 3 * 4 + 17 + 2);
}

TEST_F(Lpddr5Timing, WriteToReadDependsOnTheGroup) {
    timing.activate(0, 5, 0);
    timing.activate(4, 5, 4);
    timing.columns(0, {true, false, false, 1, 100}, hits);
    EXPECT_EQ(timing.column_at(0, false), 100U + 9 + 4 + 10);
    EXPECT_EQ(timing.column_at(4, false), 100U + 9 + 2 + 5);
    EXPECT_EQ(timing.precharge_at(0), 100U + 9 + 2 + 28);
}

TEST_F(Lpddr5Timing, WckStopsAfterTheLastBeatAndItsPostamble) {
    EXPECT_TRUE(timing.wck_stopped(0, 50));
    timing.activate(0, 5, 0);
    timing.columns(0, {false, false, false, 1, 100}, hits);
    EXPECT_FALSE(timing.wck_stopped(0, 100 + 17 + 2));
    EXPECT_TRUE(timing.wck_stopped(0, 100 + 17 + 2 + 1));
}

// Reads every 8 clocks take 4 of them; a command of 4 edges fits exactly between two, one of 2 edges has three places.
TEST(CommandBus, RowCommandsSlipBetweenTheColumnsOfATrain) {
    CommandBus bus{DramTimings(DramPart())};
    bus.take_train(100, 156, 8, 4);
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
    CommandBus bus{DramTimings(DramPart())};
    bus.take_row(50);
    EXPECT_EQ(bus.row_slot(50, 4), 54U);
    EXPECT_EQ(bus.row_slot(50, 2), 52U);
    EXPECT_EQ(bus.column_slot(50, 4), 54U);
}

} // namespace
} // namespace systolica
