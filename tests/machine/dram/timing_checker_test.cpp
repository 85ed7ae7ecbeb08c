// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// Each interval of both standards at its limit and one clock early. Clocks are written out from the standards' tables;
// nanoseconds are theirs, rounded up to clocks.
#include <set>
#include <utility>

#include "tests/machine/dram/timing_checker_script.h"

namespace systolica {
namespace {

using test::expect_limit;

struct Limit {
    const char* rule;
    const char* script;
};

// LPDDR4-3200: RL 28, WL 14, BL/2 8, tDQSCK 3.
const Limit kLpddr4[] = {
    {"tRRD", "ACT0@1000 ACT1@1016"}, // 10 ns
    {"tRRD", "ACT0@1000 REFPB1@1016"},
    {"tRCD", "ACT0@1000 RD0@1029"}, // 18 ns
    {"tRCD", "ACT0@1000 WR0@1029"},
    {"tRCD", "ACT0@1000 MWR0@1029"},
    {"tRAS", "ACT0@1000 PRE0@1068"}, // 42 ns
    {"tRAS of any bank", "ACT0@1000 PREA0@1068"},
    {"tRTP", "ACT0@1000 RD0@1100 PRE0@1112"}, // 7.5 ns
    {"tRTP of any bank", "ACT0@1000 ACT1@1016 RD0@1100 PREA0@1112"},
    {"tWR", "ACT0@1000 WR0@1100 PRE0@1152"}, // WL + 1 + BL/2 + 18 ns = 14 + 1 + 8 + 29
    {"tWR", "ACT0@1000 MWR0@1100 PRE0@1152"},
    {"tWR of any bank", "ACT0@1000 ACT1@1016 WR0@1100 PREA0@1152"},
    {"tCCDMW", "ACT0@1000 WR0@1100 MWR0@1132"},
    {"tCCDMW", "ACT0@1000 MWR0@1100 MWR0@1132"},
    {"tPPD after PRE", "PRE0@1000 PRE1@1004"},
    {"tPPD after PRE", "PRE0@1000 PREA0@1004"},
    {"tPPD after PREA", "PREA0@1000 PRE1@1004"},
    {"tPPD after PREA", "PREA0@1000 PREA0@1004"},
    {"tRPpb", "PRE0@1000 ACT0@1029"}, // 18 ns
    {"tRPpb", "PRE0@1000 REFPB0@1029"},
    {"tRPpb of any bank", "PRE3@1000 REFAB0@1029"},
    {"tRPpb of any bank", "PRE3@1000 SRE0@1029"},
    {"tRPpb after auto-precharge", "ACT0@1000 RDA0@1100 ACT0@1141"}, // tRTP + tRPpb = 12 + 29
    {"tRPpb after auto-precharge", "ACT0@1000 RDA0@1100 REFPB0@1141"},
    {"tRPpb after auto-precharge", "ACT0@1000 RDA0@1029 ACT0@1097"},          // tRAS + tRPpb after the ACT
    {"tRPpb after auto-precharge", "ACT0@1000 WRA0@1100 ACT0@1181"},          // 52 + 29
    {"tRPpb after auto-precharge", "ACT0@1000 MWRA0@1100 ACT0@1181"},         // 52 + 29
    {"tRPpb after auto-precharge", "ACT0@1000 WR0@1100 RDA0@1139 ACT0@1181"}, // the write is the last to recover
    {"tRPpb after any auto-precharge", "ACT0@1000 RDA0@1100 REFAB0@1141"},
    {"tRPpb after any auto-precharge", "ACT0@1000 RDA0@1100 SRE0@1141"},
    {"tRPpb after any auto-precharge", "ACT0@1000 ACT1@1016 WRA0@1100 RDA1@1139 REFAB0@1181"},
    {"tRPab", "PREA0@1000 ACT0@1034"}, // 21 ns
    {"tRPab", "PREA0@1000 REFPB0@1034"},
    {"tRPab", "PREA0@1000 REFAB0@1034"},
    {"tRPab", "PREA0@1000 SRE0@1034"},
    {"tRFCab", "REFAB0@1000 ACT0@1448"}, // 280 ns
    {"tRFCab", "REFAB0@1000 REFPB0@1448"},
    {"tRFCab", "REFAB0@1000 REFAB0@1448"},
    {"tRFCab", "REFAB0@1000 SRE0@1448"},
    {"tRFCab", "REFAB0@1000 PRE0@1448"},
    {"tRFCab", "REFAB0@1000 PREA0@1448"},
    {"tRFCpb", "REFPB0@1000 ACT0@1224"}, // 140 ns
    {"tRFCpb", "REFPB0@1000 PRE0@1224"},
    {"tRFCpb of any bank", "REFPB0@1000 REFAB0@1224"},
    {"tRFCpb of any bank", "REFPB0@1000 SRE0@1224"},
    {"tRFCpb of any bank", "REFPB0@1000 PREA0@1224"},
    {"tpbR2pbR", "REFPB0@1000 REFPB1@1224"},
    {"tpbR2act", "REFPB0@1000 ACT1@1016"},
    {"read before power-down", "ACT0@1000 RD0@1100 PDE0@1140"},  // RL + tDQSCK + BL/2 + 1 = 28 + 3 + 8 + 1
    {"write before power-down", "ACT0@1000 WR0@1100 PDE0@1152"}, // WL + 1 + BL/2 + tWR
    {"tCKE in power-down", "PDE0@1000 PDX0@1012"},               // 7.5 ns
    {"tCKE between power-downs", "PDE0@1000 PDX0@1100 PDE0@1112"},
    {"tXP", "PDE0@1000 PDX0@1100 ACT0@1112"}, // 7.5 ns
    {"tXP", "ACT0@900 PDE0@1000 PDX0@1100 RD0@1112"},
    {"tXP", "ACT0@900 PDE0@1000 PDX0@1100 WR0@1112"},
    {"tXP", "ACT0@900 PDE0@1000 PDX0@1100 MWR0@1112"},
    {"tXP", "ACT0@900 PDE0@1000 PDX0@1100 PRE0@1112"},
    {"tXP", "ACT0@900 PDE0@1000 PDX0@1100 PREA0@1112"},
    {"tXP", "PDE0@1000 PDX0@1100 REFAB0@1112"},
    {"tXP", "PDE0@1000 PDX0@1100 REFPB0@1112"},
    {"tXP", "PDE0@1000 PDX0@1100 SRE0@1112"},
    {"tSR", "SRE0@1000 SRX0@1024"},            // 15 ns
    {"tXSR", "SRE0@1000 SRX0@1100 ACT0@1560"}, // tRFCab + 7.5 ns = 287.5 ns
    {"tXSR", "SRE0@1000 SRX0@1100 PRE0@1560"},
    {"tXSR", "SRE0@1000 SRX0@1100 PREA0@1560"},
    {"tXSR", "SRE0@1000 SRX0@1100 REFAB0@1560"},
    {"tXSR", "SRE0@1000 SRX0@1100 REFPB0@1560"},
    {"tXSR", "SRE0@1000 SRX0@1100 SRE0@1560"},
    {"tXSR", "SRE0@1000 SRX0@1100 PDE0@1560"},
    {"tCCD of reads", "ACT0@1000 ACT1@1016 RD0@1100 RD1@1108"},
    {"tCCD of writes", "ACT0@1000 WR0@1100 WR0@1108"},
    {"tCCD of writes", "ACT0@1000 ACT1@1016 WR0@1100 MWR1@1108"},
    {"read to write", "ACT0@1000 RD0@1100 WR0@1127"}, // RL + tDQSCK + BL/2 - WL + tWPRE = 28 + 3 + 8 - 14 + 2
    {"read to write", "ACT0@1000 RD0@1100 MWR0@1127"},
    {"tWTR", "ACT0@1000 WR0@1100 RD0@1139"}, // WL + 1 + BL/2 + 10 ns = 14 + 1 + 8 + 16
    {"tWTR", "ACT0@1000 ACT1@1016 MWR0@1100 RD1@1139"},
};

// LPDDR5-6400: RL 17, WL 9, BL/n_min 2, BL/n_max 4. Banks 0..3 are a group. WCK runs 20 clocks from a read and 12 from
// a write; a column command later than that has its CAS.
const Limit kLpddr5[] = {
    {"tRRD", "ACT0@1000 ACT4@1004"}, // 5 ns
    {"tRRD", "ACT0@1000 REFPB1@1004"},
    {"tRCD", "ACT0@1000 *CAS0@1014 RD0@1015"}, // 18 ns
    {"tRCD", "ACT0@1000 *CAS0@1014 WR0@1015"},
    {"tRCD", "ACT0@1000 *CAS0@1014 MWR0@1015"},
    {"tRAS", "ACT0@1000 PRE0@1034"}, // 42 ns
    {"tRAS of any bank", "ACT0@1000 PREA0@1034"},
    {"tRTP", "ACT0@1000 CAS0@1099 RD0@1100 PRE0@1108"},
    {"tRTP of any bank", "ACT0@1000 ACT1@1016 CAS0@1099 RD0@1100 PREA0@1108"},
    {"tWR", "ACT0@1000 CAS0@1099 WR0@1100 PRE0@1139"}, // WL + BL/n_min + 34 ns = 9 + 2 + 28
    {"tWR of any bank", "ACT0@1000 ACT1@1016 CAS0@1099 WR0@1100 PREA0@1139"},
    {"tCCDMW", "ACT0@1000 CAS0@1099 WR0@1100 *CAS0@1115 MWR0@1116"}, // 4 x BL/n_max
    {"tPPD after PRE", "PRE0@1000 PRE1@1002"},
    {"tPPD after PRE", "PRE0@1000 PREA0@1002"},
    {"tPPD after PREA", "PREA0@1000 PRE1@1002"},
    {"tPPD after PREA", "PREA0@1000 PREA0@1002"},
    {"tRPpb", "PRE0@1000 ACT0@1015"}, // 18 ns
    {"tRPpb", "PRE0@1000 REFPB0@1015"},
    {"tRPpb of any bank", "PRE3@1000 REFAB0@1015"},
    {"tRPpb of any bank", "PRE3@1000 SRE0@1015"},
    {"tRPpb after auto-precharge", "ACT0@1000 CAS0@1099 RDA0@1100 ACT0@1123"}, // tRTP + tRPpb = 8 + 15
    {"tRPpb after auto-precharge", "ACT0@1000 CAS0@1099 RDA0@1100 REFPB0@1123"},
    {"tRPpb after auto-precharge", "ACT0@1000 CAS0@1014 RDA0@1015 ACT0@1049"}, // tRAS + tRPpb after the ACT
    {"tRPpb after auto-precharge", "ACT0@1000 CAS0@1099 WRA0@1100 ACT0@1154"}, // 39 + 15
    {"tRPpb after any auto-precharge", "ACT0@1000 CAS0@1099 RDA0@1100 REFAB0@1123"},
    {"tRPpb after any auto-precharge", "ACT0@1000 CAS0@1099 RDA0@1100 SRE0@1123"},
    {"tRPab", "PREA0@1000 ACT0@1017"}, // 21 ns
    {"tRPab", "PREA0@1000 REFPB0@1017"},
    {"tRPab", "PREA0@1000 REFAB0@1017"},
    {"tRPab", "PREA0@1000 SRE0@1017"},
    {"tRFCab", "REFAB0@1000 ACT0@1168"}, // 210 ns
    {"tRFCab", "REFAB0@1000 REFPB0@1168"},
    {"tRFCab", "REFAB0@1000 REFAB0@1168"},
    {"tRFCab", "REFAB0@1000 SRE0@1168"},
    {"tRFCab", "REFAB0@1000 PRE0@1168"},
    {"tRFCab", "REFAB0@1000 PREA0@1168"},
    {"tRFCpb", "REFPB0@1000 ACT0@1096"}, // 120 ns
    {"tRFCpb", "REFPB0@1000 PRE0@1096"},
    {"tRFCpb of any bank", "REFPB0@1000 REFAB0@1096"},
    {"tRFCpb of any bank", "REFPB0@1000 SRE0@1096"},
    {"tRFCpb of any bank", "REFPB0@1000 PREA0@1096"},
    {"tpbR2pbR", "REFPB0@1000 REFPB1@1072"},                               // 90 ns
    {"tpbR2act", "REFPB0@1000 ACT1@1006"},                                 // 7.5 ns
    {"read before power-down", "ACT0@1000 CAS0@1099 RD0@1100 PDE0@1121"},  // RL + 1 + BL/n_min + 1 = 17 + 1 + 2 + 1
    {"write before power-down", "ACT0@1000 CAS0@1099 WR0@1100 PDE0@1140"}, // WL + 1 + BL/n_min + tWR = 9 + 1 + 2 + 28
    {"write before power-down", "ACT0@1000 CAS0@1099 MWR0@1100 PDE0@1140"},
    {"tCKE in power-down", "PDE0@1000 PDX0@1006"}, // 7 ns
    {"tCKE between power-downs", "PDE0@1000 PDX0@1100 PDE0@1106"},
    {"tXP", "PDE0@1000 PDX0@1100 ACT0@1106"}, // 7 ns
    {"tXP", "ACT0@900 PDE0@1000 PDX0@1100 *CAS0@1106 RD0@1107"},
    {"tXP", "ACT0@900 PDE0@1000 PDX0@1100 PRE0@1106"},
    {"tXP", "ACT0@900 PDE0@1000 PDX0@1100 PREA0@1106"},
    {"tXP", "PDE0@1000 PDX0@1100 REFAB0@1106"},
    {"tXP", "PDE0@1000 PDX0@1100 REFPB0@1106"},
    {"tXP", "PDE0@1000 PDX0@1100 SRE0@1106"},
    {"tSR", "SRE0@1000 SRX0@1012"},            // 15 ns
    {"tXSR", "SRE0@1000 SRX0@1100 ACT0@1274"}, // tRFCab + 7.5 ns = 217.5 ns
    {"tXSR", "SRE0@1000 SRX0@1100 PRE0@1274"},
    {"tXSR", "SRE0@1000 SRX0@1100 PREA0@1274"},
    {"tXSR", "SRE0@1000 SRX0@1100 REFAB0@1274"},
    {"tXSR", "SRE0@1000 SRX0@1100 REFPB0@1274"},
    {"tXSR", "SRE0@1000 SRX0@1100 SRE0@1274"},
    {"tXSR", "SRE0@1000 SRX0@1100 PDE0@1274"},
    {"tCCD_S of reads", "ACT0@1000 ACT4@1016 CAS0@1099 RD0@1100 RD4@1102"},
    {"tCCD_L of reads", "ACT0@1000 ACT3@1016 CAS0@1099 RD0@1100 RD3@1104"},
    {"tCCD_S of writes", "ACT0@1000 ACT4@1016 CAS0@1099 WR0@1100 WR4@1102"},
    {"tCCD_S of writes", "ACT0@1000 ACT4@1016 CAS0@1099 WR0@1100 MWR4@1102"},
    {"tCCD_L of writes", "ACT0@1000 ACT3@1016 CAS0@1099 WR0@1100 WR3@1104"},
    {"tCCD_L of writes", "ACT0@1000 ACT3@1016 CAS0@1099 WR0@1100 MWR3@1104"},
    {"read to write", "ACT0@1000 CAS0@1099 RD0@1100 WR0@1112"}, // RL + BL/n_min + 2 - WL = 17 + 2 + 2 - 9
    {"read to write", "ACT0@1000 CAS0@1099 RD0@1100 MWR0@1112"},
    {"tWTR_S", "ACT0@1000 ACT4@1016 CAS0@1099 WR0@1100 *CAS0@1115 RD4@1116"}, // WL + BL/n_min + 6.25 ns = 9 + 2 + 5
    {"tWTR_L", "ACT0@1000 ACT3@1016 CAS0@1099 WR0@1100 *CAS0@1122 RD3@1123"}, // WL + BL/n_max + 12 ns = 9 + 4 + 10
};

// Each pair of a rule and a command that it holds back has its limit above. Of LPDDR4 no CAS exists; of LPDDR5 a column
// command after power-down has its CAS in front of it, which is the one that tXP holds back.
template <std::size_t kCount>
void expect_limits(const DramConfig& config, const Limit (&limits)[kCount], DramStandard standard) {
    std::set<std::pair<std::string, DramEvent>> tried;
    for (const Limit& limit : limits) {
        expect_limit(config, limit.rule, limit.script);
        const test::Script script = test::parse_script(limit.script, config.part.banks);
        for (std::size_t i = script.marked; i < script.commands.size(); ++i) {
            tried.insert({limit.rule, event_of(script.commands[i].command)});
        }
    }
    for (const TimingRule& rule : timing_rules(standard)) {
        for (unsigned i = 0; i < kDramEvents; ++i) {
            const auto later = static_cast<DramEvent>(i);
            const bool after_cas = std::string(rule.name) == "tXP" && standard == DramStandard::lpddr5 &&
                                   (later == DramEvent::write || later == DramEvent::masked_write);
            const bool exists = standard == DramStandard::lpddr5 || later != DramEvent::wck_sync;
            if (holds(rule.later, later) && exists && !after_cas) {
                EXPECT_EQ(tried.count({rule.name, later}), 1U) << rule.name << ", event " << i;
            }
        }
    }
}

TEST(CommandChecker, EachIntervalOfLpddr4IsFoundOneClockEarly) {
    expect_limits(test::lpddr4_two_ranks(), kLpddr4, DramStandard::lpddr4);
}

TEST(CommandChecker, EachIntervalOfLpddr5IsFoundOneClockEarly) {
    expect_limits(test::lpddr5_two_ranks(), kLpddr5, DramStandard::lpddr5);
}

TEST(CommandChecker, OtherPartsBringTheirOwnClocks) {
    DramConfig config = test::lpddr4_two_ranks();
    config.part.rl = 20; // LPDDR4-2133, clock 0.938 ns
    config.part.wl = 10;
    config.part.rcd = 20;
    config.part.dqsck = 2;
    config.part.wtr = 11;
    expect_limit(config, "tRCD", "ACT0@1000 RD0@1020");
    expect_limit(config, "tWTR", "ACT0@1000 WR0@1100 RD0@1130");          // 10 + 1 + 8 + 11
    expect_limit(config, "read to write", "ACT0@1000 RD0@1100 WR0@1122"); // 20 + 2 + 8 - 10 + 2
}

// LPDDR5 without bank groups (16 banks, up to 3200 Mb/s): BL/n_max is BL/n_min, and nothing is longer within a group.
TEST(CommandChecker, WithoutBankGroupsABurstKeepsTheBankForItsLengthOnly) {
    DramConfig config = test::lpddr5_two_ranks();
    config.part.bank_groups = 1;
    config.part.ccd_l = 2;
    config.part.wtr_l = 7;
    expect_limit(config, "tWTR_L", "ACT0@1000 ACT3@1016 CAS0@1099 WR0@1100 *CAS0@1117 RD3@1118"); // 9 + 2 + 7
}

} // namespace
} // namespace systolica
