// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// The checker itself: each rule broken by one clock is found, and the same commands at the limit pass.
#include "tests/machine/dram/timing_checker.h"

#include <functional>

#include <gtest/gtest.h>

namespace systolica {
namespace {

using test::TimingChecker;

void expect_limit(const std::string& rule, Ck limit, const std::function<void(TimingChecker&, Ck)>& commands) {
    TimingChecker legal, broken;
    commands(legal, limit);
    commands(broken, limit - 1);
    EXPECT_EQ(legal.violation(), "") << rule;
    EXPECT_EQ(broken.violation().substr(0, rule.size()), rule);
}

TEST(TimingChecker, FindsEachRuleBrokenByOneClock) {
    expect_limit("tRCD", 129, [](TimingChecker& c, Ck at) {
        c.activate(0, 1, 100);
        c.columns(0, false, 1, at);
    });
    expect_limit("tRRD", 116, [](TimingChecker& c, Ck at) {
        c.activate(0, 1, 100);
        c.activate(1, 1, at);
    });
    expect_limit("tRAS", 168, [](TimingChecker& c, Ck at) {
        c.activate(0, 1, 100);
        c.precharge(0, at);
    });
    expect_limit("tRPpb", 229, [](TimingChecker& c, Ck at) {
        c.activate(0, 1, 100);
        c.precharge(0, 200);
        c.activate(0, 2, at);
    });
    expect_limit("tRTP", 212, [](TimingChecker& c, Ck at) {
        c.activate(0, 1, 100);
        c.columns(0, false, 1, 200);
        c.precharge(0, at);
    });
    expect_limit("WL + 1 + BL/2 + tWR", 252, [](TimingChecker& c, Ck at) {
        c.activate(0, 1, 100);
        c.columns(0, true, 1, 200);
        c.precharge(0, at);
    });
    expect_limit("WL + 1 + BL/2 + tWTR", 239, [](TimingChecker& c, Ck at) {
        c.activate(0, 1, 100);
        c.columns(0, true, 1, 200);
        c.columns(0, false, 1, at);
    });
    expect_limit("RL + tDQSCK", 227, [](TimingChecker& c, Ck at) {
        c.activate(0, 1, 100);
        c.columns(0, false, 1, 200);
        c.columns(0, true, 1, at);
    });
    expect_limit("tCCD", 208, [](TimingChecker& c, Ck at) {
        c.activate(0, 1, 100);
        c.columns(0, false, 1, 200);
        c.columns(0, false, 1, at);
    });
    expect_limit("CA bus", 204, [](TimingChecker& c, Ck at) {
        c.activate(0, 1, 100);
        c.columns(0, false, 2, 200);
        c.activate(1, 1, at);
    });
    expect_limit("tRPab", 234, [](TimingChecker& c, Ck at) {
        c.activate(0, 1, 100);
        c.precharge_all(200);
        c.refresh(at);
    });
    expect_limit("tRFCab", 748, [](TimingChecker& c, Ck at) {
        c.refresh(300);
        c.activate(0, 1, at);
    });
}

TEST(TimingChecker, FindsCommandsToTheWrongBankState) {
    TimingChecker twice, closed, refreshed;
    twice.activate(0, 1, 100);
    twice.activate(0, 2, 500);
    EXPECT_EQ(twice.violation().substr(0, 20), "ACT of an open bank ");
    closed.columns(3, false, 1, 100);
    EXPECT_NE(closed.violation(), "");
    refreshed.activate(0, 1, 100);
    refreshed.refresh(1000);
    EXPECT_NE(refreshed.violation(), "");
}

} // namespace
} // namespace systolica
