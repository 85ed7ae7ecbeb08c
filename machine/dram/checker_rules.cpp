// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "machine/dram/checker_rules.h"

namespace systolica {

namespace {

using E = DramEvent;
using S = RuleScope;
using Clocks = std::int64_t;

template <unsigned DramPart::*kField>
Clocks part(const DramPart& p) {
    return p.*kField;
}

constexpr EventSet any(std::initializer_list<DramEvent> events) {
    EventSet set = 0;
    for (const DramEvent event : events) {
        set |= event_bit(event);
    }
    return set;
}

constexpr EventSet kWrites = any({E::write, E::masked_write});
constexpr EventSet kColumns = kWrites | event_bit(E::read);
constexpr EventSet kPrecharges = any({E::precharge, E::precharge_all});
constexpr EventSet kOpensOrRefreshes = any({E::activate, E::refresh_bank});
constexpr EventSet kWholeRank = any({E::refresh_all, E::self_refresh_entry}); // need every bank precharged
constexpr EventSet kFromIdle = kPrecharges | kOpensOrRefreshes | kWholeRank;  // legal with every bank closed
constexpr EventSet kAtWork = kFromIdle | kColumns | event_bit(E::wck_sync);

// The same text in both standards; the values differ. Tables "Core AC timing", "Refresh command scheduling separation
// requirements", "Power-down" and "Self refresh AC timing".
const TimingRule kBoth[] = {
    {"tRRD", E::activate, kOpensOrRefreshes, S::rank, part<&DramPart::rrd>},
    {"tRCD", E::activate, kColumns, S::bank, part<&DramPart::rcd>},
    {"tRAS", E::activate, event_bit(E::precharge), S::bank, part<&DramPart::ras>},
    {"tRAS of any bank", E::activate, event_bit(E::precharge_all), S::rank, part<&DramPart::ras>},
    {"tRTP", E::read, event_bit(E::precharge), S::bank, read_to_precharge_ck},
    {"tRTP of any bank", E::read, event_bit(E::precharge_all), S::rank, read_to_precharge_ck},
    {"tWR", E::write, event_bit(E::precharge), S::bank, write_to_precharge_ck},
    {"tWR of any bank", E::write, event_bit(E::precharge_all), S::rank, write_to_precharge_ck},
    {"tCCDMW", E::write, event_bit(E::masked_write), S::bank, part<&DramPart::ccdmw>},
    {"tPPD after PRE", E::precharge, kPrecharges, S::rank, part<&DramPart::ppd>},
    {"tPPD after PREA", E::precharge_all, kPrecharges, S::rank, part<&DramPart::ppd>},
    // Precharged before it is opened or refreshed.
    {"tRPpb", E::precharge, kOpensOrRefreshes, S::bank, part<&DramPart::rp_pb>},
    {"tRPpb of any bank", E::precharge, kWholeRank, S::rank, part<&DramPart::rp_pb>},
    {"tRPpb after auto-precharge", E::self_precharge, kOpensOrRefreshes, S::bank, part<&DramPart::rp_pb>},
    {"tRPpb after any auto-precharge", E::self_precharge, kWholeRank, S::rank, part<&DramPart::rp_pb>},
    {"tRPab", E::precharge_all, kOpensOrRefreshes | kWholeRank, S::rank, part<&DramPart::rp_ab>},
    // Refreshed. No command to the bank may interrupt it, not even a PRE (states of a bank, command truth table).
    {"tRFCab", E::refresh_all, kOpensOrRefreshes | kWholeRank | kPrecharges, S::rank, part<&DramPart::rfc_ab>},
    {"tRFCpb", E::refresh_bank, any({E::activate, E::precharge}), S::bank, part<&DramPart::rfc_pb>},
    {"tRFCpb of any bank", E::refresh_bank, kWholeRank | event_bit(E::precharge_all), S::rank, part<&DramPart::rfc_pb>},
    {"tpbR2pbR", E::refresh_bank, event_bit(E::refresh_bank), S::rank, part<&DramPart::pbr_to_pbr>},
    {"tpbR2act", E::refresh_bank, event_bit(E::activate), S::rank, part<&DramPart::pbr_to_act>},
    // Power-down: entered when the data have ended. Self-refresh needs no such rule, its precharge takes longer.
    {"read before power-down", E::read, event_bit(E::power_down_entry), S::rank,
     [](const DramPart& p) -> Clocks { return p.rl + p.dqsck + burst_ck(p) + 1; }},
    {"write before power-down", E::write, event_bit(E::power_down_entry), S::rank,
     [](const DramPart& p) -> Clocks { return p.wl + 1 + burst_ck(p) + p.wr; }},
    {"tCKE in power-down", E::power_down_entry, event_bit(E::power_down_exit), S::rank, part<&DramPart::cke>},
    {"tCKE between power-downs", E::power_down_exit, event_bit(E::power_down_entry), S::rank, part<&DramPart::cke>},
    {"tXP", E::power_down_exit, kAtWork, S::rank, part<&DramPart::xp>},
    {"tSR", E::self_refresh_entry, event_bit(E::self_refresh_exit), S::rank, part<&DramPart::sr>},
    {"tXSR", E::self_refresh_exit, kFromIdle | event_bit(E::power_down_entry), S::rank, part<&DramPart::xsr>},
};

// JESD209-4, "Timing constraints for same banks" and "for different banks", BL16.
const TimingRule kLpddr4[] = {
    {"tCCD of reads", E::read, event_bit(E::read), S::rank, part<&DramPart::ccd>},
    {"tCCD of writes", E::write, kWrites, S::rank, part<&DramPart::ccd>},
    {"read to write", E::read, kWrites, S::rank,
     [](const DramPart& p) -> Clocks { return Clocks{p.rl} + p.dqsck + burst_ck(p) - p.wl + p.wpre; }},
    {"tWTR", E::write, event_bit(E::read), S::rank,
     [](const DramPart& p) -> Clocks { return p.wl + 1 + burst_ck(p) + p.wtr; }},
};

// BL/n_max: how long a burst of 16 keeps its bank group busy; bank groups send two bursts in turn.
Clocks group_burst_ck(const DramPart& p) {
    return p.bank_groups > 1 ? 2 * burst_ck(p) : burst_ck(p);
}

// JESD209-5, "Effective burst length definition" and "Command timing constraints". tCCD_S and tWTR_S hold in the whole
// rank; inside a bank group the longer ones come on top.
const TimingRule kLpddr5[] = {
    {"tCCD_S of reads", E::read, event_bit(E::read), S::rank, part<&DramPart::ccd>},
    {"tCCD_L of reads", E::read, event_bit(E::read), S::group, part<&DramPart::ccd_l>},
    {"tCCD_S of writes", E::write, kWrites, S::rank, part<&DramPart::ccd>},
    {"tCCD_L of writes", E::write, kWrites, S::group, part<&DramPart::ccd_l>},
    {"read to write", E::read, kWrites, S::rank,
     [](const DramPart& p) -> Clocks { return Clocks{p.rl} + burst_ck(p) + 2 - p.wl; }},
    {"tWTR_S", E::write, event_bit(E::read), S::rank,
     [](const DramPart& p) -> Clocks { return p.wl + burst_ck(p) + p.wtr; }},
    {"tWTR_L", E::write, event_bit(E::read), S::group,
     [](const DramPart& p) -> Clocks { return p.wl + group_burst_ck(p) + p.wtr_l; }},
};

} // namespace

DramEvent event_of(DramCommand command) {
    switch (command) {
    case DramCommand::activate:
        return E::activate;
    case DramCommand::read:
    case DramCommand::read_precharge:
        return E::read;
    case DramCommand::write:
    case DramCommand::write_precharge:
        return E::write;
    case DramCommand::masked_write:
    case DramCommand::masked_write_precharge:
        return E::masked_write;
    case DramCommand::precharge:
        return E::precharge;
    case DramCommand::precharge_all:
        return E::precharge_all;
    case DramCommand::refresh_all:
        return E::refresh_all;
    case DramCommand::refresh_bank:
        return E::refresh_bank;
    case DramCommand::power_down_entry:
        return E::power_down_entry;
    case DramCommand::power_down_exit:
        return E::power_down_exit;
    case DramCommand::self_refresh_entry:
        return E::self_refresh_entry;
    case DramCommand::self_refresh_exit:
        return E::self_refresh_exit;
    case DramCommand::wck_sync:
        break;
    }
    return E::wck_sync;
}

std::int64_t burst_ck(const DramPart& p) {
    return p.burst_length / p.beats_per_clock;
}

std::int64_t read_to_precharge_ck(const DramPart& p) {
    return p.rtp; // BL16: tRTP alone
}

// LPDDR4 takes the latest DQS, tDQSS = 1.25 clocks after WL, hence the 1.
std::int64_t write_to_precharge_ck(const DramPart& p) {
    return p.wl + (p.standard == DramStandard::lpddr4 ? 1 : 0) + burst_ck(p) + p.wr;
}

std::vector<TimingRule> timing_rules(DramStandard standard) {
    std::vector<TimingRule> rules(std::begin(kBoth), std::end(kBoth));
    if (standard == DramStandard::lpddr4) {
        rules.insert(rules.end(), std::begin(kLpddr4), std::end(kLpddr4));
    } else {
        rules.insert(rules.end(), std::begin(kLpddr5), std::end(kLpddr5));
    }
    return rules;
}

} // namespace systolica
