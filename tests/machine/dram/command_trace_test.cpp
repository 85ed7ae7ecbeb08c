// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "machine/dram/command_trace.h"

#include <random>

#include <gtest/gtest.h>

#include "tests/base/temporary_folder.h"

namespace systolica {
namespace {

class CommandTrace : public ::testing::Test {
protected:
    std::vector<std::string> lines() {
        trace.finish();
        file.close();
        std::istringstream text(folder.read("c"));
        std::vector<std::string> found;
        for (std::string line; std::getline(text, line);) {
            found.push_back(line);
        }
        return found;
    }

    TemporaryFolder folder;
    OutputFile file{folder.file("c")};
    DramConfig config; // LPDDR4-3200: 0.625 ns
    DramCommandTrace trace{config, 1, file};
};

TEST_F(CommandTrace, WritesTheFieldsThatACommandHas) {
    trace.command({8, DramCommand::activate, 0, 3, 77, 0});
    trace.command({37, DramCommand::read, 0, 3, 77, 5});
    trace.command({80, DramCommand::masked_write_precharge, 0, 2, 9, 63});
    trace.command({90, DramCommand::precharge, 0, 3, 0, 0});
    trace.command({100, DramCommand::precharge_all, 1, 0, 0, 0});
    trace.command({200, DramCommand::refresh_bank, 1, 9, 0, 0});
    trace.command({300, DramCommand::power_down_entry, 1, 0, 0, 0});
    EXPECT_EQ(lines(),
              (std::vector<std::string>{"8,5000,1,ACT,0,3,77,", "37,23125,1,RD,0,3,77,5", "80,50000,1,MWRA,0,2,9,63",
                                        "90,56250,1,PRE,0,3,,", "100,62500,1,PREA,1,,,", "200,125000,1,REFpb,1,9,,",
                                        "300,187500,1,PDE,1,,,"}));
    EXPECT_STREQ(DramCommandTrace::header(), "clock,time_ps,channel,command,rank,bank,row,column\n");
}

TEST_F(CommandTrace, ATrainBecomesItsColumnCommands) {
    trace.command({100, DramCommand::write, 0, 1, 4, 8, 3, 8});
    EXPECT_EQ(lines(), (std::vector<std::string>{"100,62500,1,WR,0,1,4,8", "108,67500,1,WR,0,1,4,9",
                                                 "116,72500,1,WR,0,1,4,10"}));
}

// What a controller does at worst: whole rows as trains, each announced at its begin, with row commands that fall into
// them announced after; all in all far more than ever wait here.
TEST_F(CommandTrace, RowCommandsWithinATrainComeInOrderOfTime) {
    std::mt19937 random(1);
    Ck at = 0;
    std::size_t commands = 0;
    for (int i = 0; i < 200; ++i) {
        trace.command({at, DramCommand::read, 0, 0, 1, 0, 64, 8});
        Ck inside = at;
        for (int k = 0; k < 8; ++k) {
            inside += 1 + random() % 60;
            trace.command({inside, k % 2 == 0 ? DramCommand::precharge : DramCommand::activate, 0, 2, 1, 0});
        }
        at += 64 * 8;
        commands += 64 + 8;
    }
    const std::vector<std::string> found = lines();
    ASSERT_EQ(found.size(), commands);
    Ck last = 0;
    for (const std::string& line : found) {
        const Ck clock = std::stoull(line);
        ASSERT_GE(clock, last) << line;
        last = clock;
    }
}

TEST_F(CommandTrace, CommandsOfOneClockKeepTheirOrder) {
    trace.command({5, DramCommand::precharge_all, 0, 0, 0, 0});
    trace.command({5, DramCommand::refresh_all, 0, 0, 0, 0});
    EXPECT_EQ(lines(), (std::vector<std::string>{"5,3125,1,PREA,0,,,", "5,3125,1,REFab,0,,,"}));
}

} // namespace
} // namespace systolica
