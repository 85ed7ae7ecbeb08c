// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// Whether the command checker sees a channel that refreshes too rarely, too often or out of turn. LPDDR4-3200: tREFI is
// 6246 clocks (3.904 us), tRFCab 448, tRFCpb 224.
#include "tests/machine/dram/timing_checker_script.h"

namespace systolica {
namespace {

using Rules = std::vector<std::string>;

constexpr Ck kRefi = 6246;

class Refreshing {
public:
    explicit Refreshing(DramRefresh refresh = DramRefresh::all_bank, unsigned postpone = 0, unsigned ranks = 1) {
        config_.refresh = refresh;
        config_.refresh_postpone = postpone;
        config_.ranks = ranks;
    }
    void all(Ck at, unsigned rank = 0) { commands_.push_back({at, DramCommand::refresh_all, rank, 0, 0, 0}); }
    void bank(Ck at, unsigned bank) { commands_.push_back({at, DramCommand::refresh_bank, bank / 8, bank, 0, 0}); }
    void enter(Ck at) { commands_.push_back({at, DramCommand::self_refresh_entry, 0, 0, 0, 0}); }
    void exit(Ck at) { commands_.push_back({at, DramCommand::self_refresh_exit, 0, 0, 0, 0}); }

    Rules broken(Ck end) const {
        DramCommandChecker checker(config_);
        for (const IssuedCommand& c : commands_) {
            checker.command(c);
        }
        checker.finish(end);
        Rules names;
        for (const std::string& text : checker.first_violations()) {
            names.push_back(text.substr(0, text.find(':')));
        }
        return names;
    }

private:
    DramConfig config_;
    std::vector<IssuedCommand> commands_;
};

TEST(CommandCheckerRefresh, OneRefreshEachTrefiIsEnough) {
    Refreshing device;
    for (Ck n = 1; n <= 200; ++n) {
        device.all(n * kRefi + n % 7 * 100); // each as late as the banks were busy
    }
    EXPECT_EQ(device.broken(200 * kRefi + 1000), Rules{});
    EXPECT_EQ(device.broken(201 * kRefi + 1000), Rules{}); // the last is on its way
    EXPECT_EQ(device.broken(202 * kRefi - 1), Rules{});
    EXPECT_EQ(device.broken(202 * kRefi), Rules{"refresh late"}); // 202 due, 200 came
}

TEST(CommandCheckerRefresh, ALostRefreshIsSeenAtTheNext) {
    Refreshing device;
    for (Ck n = 1; n <= 5; ++n) {
        device.all((n < 5 ? n : 6) * kRefi);
    }
    EXPECT_EQ(device.broken(6 * kRefi), Rules{"refresh late"});
}

TEST(CommandCheckerRefresh, RefreshesInAdvanceAreLimitedToo) {
    Refreshing device;
    device.all(1000);
    EXPECT_EQ(device.broken(2000), Rules{});
    device.all(2000);
    EXPECT_EQ(device.broken(3000), Rules{"refresh early"});
}

TEST(CommandCheckerRefresh, EachRankIsAskedForItsOwn) {
    Refreshing device(DramRefresh::all_bank, 0, 2);
    for (Ck n = 1; n <= 20; ++n) {
        device.all(n * kRefi);
        if (n < 19) {
            device.all(n * kRefi + 100, 1);
        }
    }
    EXPECT_EQ(device.broken(20 * kRefi), Rules{"refresh late"});
}

TEST(CommandCheckerRefresh, EightMayBePostponedAndNeverMore) {
    const auto after = [](Ck first) {
        Refreshing device(DramRefresh::all_bank, 8);
        for (Ck n = 0; n < 9; ++n) {
            device.all(first + n * 448); // made up for at once
        }
        return device.broken(first + 5000);
    };
    EXPECT_EQ(after(9 * kRefi), Rules{});
    EXPECT_EQ(after(9 * kRefi + 1), Rules{"9 x tREFI"});
    // Never nine intervals apart, but the debt grows: 17 due and one come, which the second finds and the end.
    Refreshing device(DramRefresh::all_bank, 8);
    device.all(8 * kRefi + 1000);
    device.all(17 * kRefi);
    EXPECT_EQ(device.broken(17 * kRefi), (Rules{"refresh late", "refresh late"}));
    Refreshing ahead(DramRefresh::all_bank, 8);
    for (Ck n = 0; n < 10; ++n) {
        ahead.all(1000 + n * 448);
    }
    EXPECT_EQ(ahead.broken(6000), Rules{"refresh early"});
}

TEST(CommandCheckerRefresh, PerBankRefreshGivesEachBankItsOwnInAnyOrderOfARound) {
    Refreshing device(DramRefresh::per_bank), lost(DramRefresh::per_bank), twice(DramRefresh::per_bank);
    for (unsigned n = 0; n < 160; ++n) {
        const Ck at = (n + 1) * kRefi / 8;
        const unsigned round = n / 8;
        const unsigned bank = (n * 3 + round) % 8; // 3 and 8 have no common divisor
        device.bank(at, bank);
        if (bank != 5) {
            lost.bank(at, bank);
        }
        twice.bank(at, n == 23 ? (22 * 3 + 2) % 8 : bank);
    }
    EXPECT_EQ(device.broken(20 * kRefi), Rules{});
    EXPECT_EQ(lost.broken(20 * kRefi).at(0), "REFpb of a bank twice in a round");
    const Rules found = lost.broken(20 * kRefi);
    EXPECT_EQ(std::count(found.begin(), found.end(), "REFpb of a bank twice in a round"), 10);
    EXPECT_EQ(twice.broken(20 * kRefi).at(0), "REFpb of a bank twice in a round");
}

TEST(CommandCheckerRefresh, ABankThatIsLeftOutIsLate) {
    Refreshing device(DramRefresh::per_bank);
    for (unsigned bank = 0; bank < 7; ++bank) {
        device.bank((bank + 1) * kRefi / 8, bank);
    }
    EXPECT_EQ(device.broken(kRefi), Rules{});
    EXPECT_EQ(device.broken(2 * kRefi - 1), Rules{});
    EXPECT_EQ(device.broken(2 * kRefi), Rules{"refresh late"});
}

TEST(CommandCheckerRefresh, AnAllBankRefreshCountsForEachBankAndBeginsARound) {
    Refreshing device(DramRefresh::per_bank);
    for (Ck n = 1; n <= 20; ++n) {
        device.all(n * kRefi);
    }
    EXPECT_EQ(device.broken(20 * kRefi), Rules{});
    Refreshing round(DramRefresh::per_bank, 8);
    round.bank(1000, 0);
    round.all(2000);
    round.bank(3000, 0);
    EXPECT_EQ(round.broken(4000), Rules{});
}

TEST(CommandCheckerRefresh, SelfRefreshNeedsNoneAndCountingBeginsAnew) {
    Refreshing device;
    device.all(kRefi);
    device.enter(10000);
    EXPECT_EQ(device.broken(1000 * kRefi), Rules{}); // still in self-refresh
    device.exit(1000 * kRefi);
    EXPECT_EQ(device.broken(1001 * kRefi), Rules{});
    EXPECT_EQ(device.broken(1002 * kRefi), Rules{"refresh late"});
    device.all(1001 * kRefi);
    device.enter(1001 * kRefi + 1000);
    EXPECT_EQ(device.broken(1002 * kRefi), Rules{});
}

TEST(CommandCheckerRefresh, BetweenTwoSelfRefreshesOneRefreshComes) {
    Refreshing device;
    device.enter(1000);
    device.exit(2000);
    device.enter(3000);
    EXPECT_EQ(device.broken(4000), Rules{"refresh between self-refreshes"});
    Refreshing refreshed;
    refreshed.enter(1000);
    refreshed.exit(2000);
    refreshed.all(3000);
    refreshed.enter(4000);
    EXPECT_EQ(refreshed.broken(5000), Rules{});
}

TEST(CommandCheckerRefresh, WithoutRefreshNoneIsAskedFor) {
    EXPECT_EQ(Refreshing(DramRefresh::none).broken(1000 * kRefi), Rules{});
    EXPECT_EQ(Refreshing(DramRefresh::all_bank).broken(1000 * kRefi), Rules{"9 x tREFI"});
}

} // namespace
} // namespace systolica
