// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// The command checker beyond single intervals: states, shared wires, refresh, and commands announced out of order.
#include <algorithm>
#include <random>

#include "tests/machine/dram/timing_checker_script.h"

namespace systolica {
namespace {

using test::broken_rules;
using test::expect_limit;
using test::lpddr4_two_ranks;
using test::lpddr5_two_ranks;
using Rules = std::vector<std::string>;

TEST(CommandChecker, BankStatesDecideWhichCommandsAreLegal) {
    const DramConfig config = lpddr4_two_ranks();
    EXPECT_EQ(broken_rules(config, "ACT0@1000 ACT0:2@2000"), Rules{"ACT of an open bank"});
    EXPECT_EQ(broken_rules(config, "RD0@1000"), Rules{"column command to a closed bank"});
    EXPECT_EQ(broken_rules(config, "ACT0@1000 PRE0@1100 WR0@1200"), Rules{"column command to a closed bank"});
    EXPECT_EQ(broken_rules(config, "ACT0@1000 RDA0@1100 RD0@1200"), Rules{"column command to a closed bank"});
    EXPECT_EQ(broken_rules(config, "ACT0@1000 ACT1@1016 PREA0@1200 RD1@1300"),
              Rules{"column command to a closed bank"});
    EXPECT_EQ(broken_rules(config, "ACT0:5@1000 RD0:6@1100"), Rules{"column command to another row"});
    EXPECT_EQ(broken_rules(config, "ACT0:5@1000 RD0:5@1100 PRE0@1200 ACT0:6@1300 RD0:6@1400"), Rules{});
    EXPECT_EQ(broken_rules(config, "ACT7@1000 REFAB0@2000"), Rules{"REFab with an open bank"});
    EXPECT_EQ(broken_rules(config, "ACT8@1000 REFAB0@2000"), Rules{}); // bank of the other rank
    EXPECT_EQ(broken_rules(config, "ACT0@1000 REFPB0@2000"), Rules{"REFpb of an open bank"});
    EXPECT_EQ(broken_rules(config, "ACT0@1000 REFPB1@2000"), Rules{});
    EXPECT_EQ(broken_rules(config, "ACT7@1000 SRE0@2000"), Rules{"SRE with an open bank"});
    EXPECT_EQ(broken_rules(config, "PRE0@1000 PRE0@1004"), Rules{}); // JESD209-4: a closed bank takes a PRE
}

TEST(CommandChecker, PowerDownAndSelfRefreshTakeOnlyTheirExit) {
    const DramConfig config = lpddr4_two_ranks();
    EXPECT_EQ(broken_rules(config, "ACT0@1000 PDE0@1100 PDX0@1200 RD0@1300"), Rules{}); // the row stays open
    EXPECT_EQ(broken_rules(config, "PDE0@1000 ACT0@1100"), Rules{"command in power-down"});
    EXPECT_EQ(broken_rules(config, "PDE0@1000 REFAB0@1100"), Rules{"command in power-down"});
    EXPECT_EQ(broken_rules(config, "PDE0@1000 PDE0@1100"), Rules{"command in power-down"});
    EXPECT_EQ(broken_rules(config, "PDE0@1000 ACT8@1100"), Rules{}); // the other rank
    EXPECT_EQ(broken_rules(config, "PDE0@1000 SRX0@1100"), Rules{"SRX without self-refresh"});
    EXPECT_EQ(broken_rules(config, "PDX0@1000"), Rules{"PDX without power-down"});
    EXPECT_EQ(broken_rules(config, "SRE0@1000 REFAB0@1100"), Rules{"command in self-refresh"});
    EXPECT_EQ(broken_rules(config, "SRE0@1000 PDX0@1100"), Rules{"PDX without power-down"});
    EXPECT_EQ(broken_rules(config, "SRX0@1000"), Rules{"SRX without self-refresh"});
}

// tFAW is a rule of its own only where it is longer than four tRRD, here 80 against 64. A REFpb opens a row, too.
TEST(CommandChecker, FiveActivationsOfARankNeedTheWholeWindow) {
    DramConfig config = lpddr4_two_ranks();
    config.part.faw = 80;
    expect_limit(config, "tFAW", "ACT0@1000 ACT1@1016 ACT2@1032 ACT3@1048 ACT4@1080");
    expect_limit(config, "tFAW", "ACT0@1000 ACT1@1016 REFPB2@1032 ACT3@1048 ACT4@1080");
    expect_limit(config, "tFAW", "ACT0@1000 ACT1@1016 ACT2@1032 ACT3@1048 REFPB4@1080");
    expect_limit(config, "tFAW",
                 "ACT0@1000 ACT1@1016 ACT2@1032 ACT3@1048 ACT4@1090 ACT5@1106 ACT6@1122 PRE0@1130 "
                 "ACT7@1138 ACT0@1170");
    EXPECT_EQ(broken_rules(config, "ACT0@1000 ACT1@1016 ACT2@1032 ACT3@1048 ACT8@1052"), Rules{}); // the other rank
}

// JESD209-4, command truth table: ACT-1 ACT-2 and RD-1 CAS-2 take four edges, all others two, whatever the rank.
TEST(CommandChecker, Lpddr4CommandsFollowEachOtherOnTheCaBus) {
    const DramConfig config = lpddr4_two_ranks();
    expect_limit(config, "CA bus", "PRE7@1000 ACT8@1004");
    for (const char* column : {"RD8", "WR8", "MWR8", "RDA8", "WRA8", "MWRA8"}) {
        expect_limit(config, "CA bus", "ACT8@1000 PRE7@1100 " + std::string(column) + "@1104");
    }
    for (const char* other : {"PRE8", "PREA1", "REFAB1", "REFPB8", "PDE1", "SRE1"}) {
        expect_limit(config, "CA bus", "PRE7@1000 " + std::string(other) + "@1002");
    }
    expect_limit(config, "CA bus", "SRE1@1000 PRE7@1100 SRX1@1102");
    EXPECT_EQ(broken_rules(config, "PDE1@1000 PRE7@1100 PDX1@1100"), Rules{}); // CKE is a pin of its own
}

// JESD209-5: one clock carries a command on both edges, ACT takes two.
TEST(CommandChecker, Lpddr5CommandsFollowEachOtherOnTheCaBus) {
    const DramConfig config = lpddr5_two_ranks();
    expect_limit(config, "CA bus", "PRE7@1000 ACT16@1002");
    for (const char* other : {"PRE16", "PREA1", "REFAB1", "REFPB16", "PDE1", "SRE1"}) {
        expect_limit(config, "CA bus", "PRE7@1000 " + std::string(other) + "@1001");
    }
    expect_limit(config, "CA bus", "ACT16@1000 PRE7@1100 *CAS1@1101 RD16@1102");
}

TEST(CommandChecker, BurstsOfTwoRanksKeepTheRankGapOnTheDataPins) {
    const DramConfig config = lpddr4_two_ranks();
    const std::string open = "ACT0@1000 ACT8@1016 ";
    expect_limit(config, "DQ pins", open + "RD0@1100 RD8@1109"); // BL/2 + 1
    expect_limit(config, "DQ pins", open + "WR0@1100 WR8@1109");
    // The read's data end at 1100 + 28 + 8, and one clock later the write's begin: 1123 + 14.
    expect_limit(config, "DQ pins", open + "RD0@1100 WR8@1123");
    // Or the write's data come first: 1105 + 14 + 8, and one clock later the read's begin at 1128.
    EXPECT_EQ(broken_rules(config, open + "RD0@1100 WR8@1105"), Rules{});
    EXPECT_EQ(broken_rules(config, open + "RD0@1100 WR8@1106"), Rules{"DQ pins"});
    EXPECT_EQ(broken_rules(config, open + "RD0@1100 RD0@1108 RD0@1116 WR8@1104"), Rules{});
    EXPECT_EQ(broken_rules(config, open + "RD0@1100 RD0@1108 RD0@1116 WR8@1112"), Rules{"DQ pins"});
    EXPECT_EQ(broken_rules(config, open + "WR0@1100 RD8@1104"), Rules{}); // 1122 to 1132
    expect_limit(lpddr5_two_ranks(), "DQ pins", "ACT0@1000 ACT16@1016 CAS0@1099 RD0@1100 *CAS1@1103 RD16@1104");
}

// After a read WCK runs for RL + BL/n_min + tWCKPST = 17 + 2 + 1 clocks, after a write for 9 + 2 + 1.
TEST(CommandChecker, ColumnCommandsNeedARunningWck) {
    const DramConfig config = lpddr5_two_ranks();
    EXPECT_EQ(broken_rules(config, "ACT0@1000 RD0@1100"), Rules{"WCK off"});
    EXPECT_EQ(broken_rules(config, "ACT0@1000 CAS0@1099 RD0@1100 RD0@1120"), Rules{});
    EXPECT_EQ(broken_rules(config, "ACT0@1000 CAS0@1099 RD0@1100 RD0@1121"), Rules{"WCK off"});
    EXPECT_EQ(broken_rules(config, "ACT0@1000 CAS0@1099 WR0@1100 WR0@1112"), Rules{});
    EXPECT_EQ(broken_rules(config, "ACT0@1000 CAS0@1099 WR0@1100 WR0@1113"), Rules{"WCK off"});
    EXPECT_EQ(broken_rules(config, "ACT0@1000 ACT16@1016 CAS0@1099 RD0@1100 RD16@1110"), Rules{"WCK off"});
    const Rules wasted{"CAS without its column command", "WCK off"};
    EXPECT_EQ(broken_rules(config, "ACT0@1000 CAS0@1098 RD0@1100"), wasted);
    EXPECT_EQ(broken_rules(config, "ACT0@1000 CAS1@1099 RD0@1100"), wasted);
    EXPECT_EQ(broken_rules(config, "ACT0@1000 CAS0@1098 PRE4@1099 RD0@1100"), wasted);
    EXPECT_EQ(broken_rules(config, "CAS0@1099"), Rules{"CAS without its column command"});
    EXPECT_EQ(broken_rules(lpddr4_two_ranks(), "CAS0@1099"), Rules{"CAS is of LPDDR5"});
}

TEST(CommandChecker, BanksThatDoNotExistAreNotTouched) {
    const DramConfig config = lpddr4_two_ranks();
    const auto broken = [&](unsigned rank, unsigned bank) {
        return broken_rules(config, std::vector<IssuedCommand>{{1000, DramCommand::activate, rank, bank, 0, 0}});
    };
    EXPECT_EQ(broken(1, 15), Rules{});
    EXPECT_EQ(broken(1, 16), Rules{"no such bank"});
    EXPECT_EQ(broken(2, 16), Rules{"no such bank"});
    EXPECT_EQ(broken(0, 8), Rules{"no such bank"}); // of rank 1
    EXPECT_EQ(broken(1, 7), Rules{"no such bank"});
}

TEST(CommandChecker, TrainsAreCheckedCommandByCommand) {
    const DramConfig config = lpddr4_two_ranks();
    for (const Ck gap : {8U, 7U}) {
        DramCommandChecker checker(config);
        checker.command({1000, DramCommand::activate, 0, 0, 3, 0});
        checker.command({1100, DramCommand::read, 0, 0, 3, 0, 5, gap});
        checker.command({1100 + 5 * gap + 22, DramCommand::precharge, 0, 0, 0, 0});
        checker.finish(2000);
        EXPECT_EQ(checker.count(DramCommand::read), 5U);
        EXPECT_EQ(checker.count(DramCommand::precharge), 1U);
        // tCCD and the pins, for each but the first.
        EXPECT_EQ(checker.violations(), gap == 8 ? 0U : 8U);
    }
}

TEST(CommandChecker, AllViolationsAreCountedAndTheFirstTenTold) {
    DramCommandChecker checker(lpddr4_two_ranks());
    for (Ck i = 0; i < 25; ++i) {
        checker.command({1000 + i * 100, DramCommand::read, 0, 3, 17, 0});
    }
    checker.finish(4000);
    EXPECT_EQ(checker.violations(), 25U);
    ASSERT_EQ(checker.first_violations().size(), 10U);
    EXPECT_EQ(checker.first_violations()[1], "column command to a closed bank: RD bank 3 row 17 at 1100");
    DramCommandChecker early(lpddr4_two_ranks());
    early.command({1000, DramCommand::activate, 0, 3, 17, 0});
    early.command({1020, DramCommand::read, 0, 3, 17, 0});
    early.finish(1100);
    ASSERT_EQ(early.violations(), 1U);
    EXPECT_EQ(early.first_violations()[0], "tRCD: RD bank 3 row 17 at 1020, 29 clocks needed since 1000");
}

// Rows of two banks in turn, each opened, read eight times and closed; every `slip`-th row is read one clock early.
std::vector<IssuedCommand> busy(unsigned rows, unsigned slip) {
    std::vector<IssuedCommand> commands;
    for (unsigned r = 0; r < rows; ++r) {
        const Ck at = 1000 + r * Ck{110};
        const Ck early = slip != 0 && r % slip == 0 ? 1 : 0;
        commands.push_back({at, DramCommand::activate, 0, r % 2, r, 0});
        commands.push_back({at + 29 - early, DramCommand::read, 0, r % 2, r, 0, 8, 8});
        commands.push_back({at + 100, DramCommand::precharge, 0, r % 2, 0, 0});
    }
    return commands;
}

TEST(CommandChecker, OrderOfAnnouncementDoesNotMatterWithinTheWindow) {
    std::mt19937 random(7);
    for (const unsigned slip : {0U, 50U}) {
        std::vector<IssuedCommand> commands = busy(3000, slip);
        for (int order = 0; order < 3; ++order) {
            DramCommandChecker checker(lpddr4_two_ranks());
            for (const IssuedCommand& c : commands) {
                checker.command(c);
            }
            checker.finish(400000);
            EXPECT_EQ(checker.violations(), slip == 0 ? 0U : 60U) << order; // 3000 / 50
            EXPECT_EQ(checker.count(DramCommand::read), 24000U);
            // In the next round each is announced up to 8000 clocks late; a train reaches 56 clocks ahead.
            std::vector<std::pair<Ck, IssuedCommand>> announced;
            for (const IssuedCommand& c : commands) {
                announced.emplace_back(c.at + random() % 8000, c);
            }
            std::stable_sort(announced.begin(), announced.end(),
                             [](const auto& a, const auto& b) { return a.first < b.first; });
            for (std::size_t i = 0; i < commands.size(); ++i) {
                commands[i] = announced[i].second;
            }
        }
    }
}

// Runs that are silent for longer than the window, and times far from zero.
TEST(CommandChecker, SilenceOfAnyLengthPasses) {
    Ck at = 5;
    DramCommandChecker checker(lpddr4_two_ranks());
    for (const Ck silence : {Ck{97}, Ck{8191}, Ck{8192}, Ck{16384}, Ck{16385}, Ck{1000003}, Ck{1} << 36, Ck{97}}) {
        at += silence;
        checker.command({at, DramCommand::activate, 0, 0, 1, 0});
        checker.command({at + 68, DramCommand::precharge, 0, 0, 0, 0});
    }
    checker.command({at + 68 + 28, DramCommand::activate, 0, 0, 1, 0}); // tRPpb is 29
    checker.finish(at + 200);
    EXPECT_EQ(checker.violations(), 1U);
}

TEST(CommandChecker, CommandsTooOldForTheirPlaceAreAViolation) {
    const DramConfig config = lpddr4_two_ranks();
    const auto late = [&](Ck at) {
        return broken_rules(config, std::vector<IssuedCommand>{{20000, DramCommand::precharge, 0, 0, 0, 0},
                                                               {at, DramCommand::precharge, 0, 1, 0, 0}});
    };
    EXPECT_EQ(late(20000 - 8192), Rules{});
    EXPECT_EQ(late(20000 - 8193), Rules{"announced too late"});
}

} // namespace
} // namespace systolica
