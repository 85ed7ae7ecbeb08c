// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// The intervals between commands that JESD209-4 (LPDDR4) and JESD209-5 (LPDDR5) demand, as tables for the command
// checker. Written from the standards' own tables and sharing nothing with the controller but the part's raw values.
// Rules that follow from others (tRC = tRAS + tRP) are not repeated. All intervals run between the commands' times.
#pragma once

#include <cstdint>
#include <vector>

#include "machine/dram/command_listener.h"
#include "machine/dram/config.h"

namespace systolica {

// What an interval begins or ends with: a command of any form (with or without auto-precharge).
enum class DramEvent : std::uint8_t {
    activate,
    read,
    write, // as the beginning of an interval masked writes too
    masked_write,
    precharge,
    precharge_all,
    self_precharge, // begins inside the device after a column command with auto-precharge; never ends an interval
    refresh_all,
    refresh_bank,
    power_down_entry,
    power_down_exit,
    self_refresh_entry,
    self_refresh_exit,
    wck_sync,
};
inline constexpr unsigned kDramEvents = 14;

DramEvent event_of(DramCommand command);

using EventSet = std::uint32_t; // a bit for each DramEvent

constexpr EventSet event_bit(DramEvent event) {
    return EventSet{1} << static_cast<unsigned>(event);
}
constexpr bool holds(EventSet set, DramEvent event) {
    return (set & event_bit(event)) != 0;
}

enum class RuleScope : std::uint8_t { bank, group, rank }; // both commands go to the same

struct TimingRule {
    const char* name; // unique in the table of a standard
    DramEvent earlier;
    EventSet later;
    RuleScope scope;
    std::int64_t (*clocks)(const DramPart&);
};

std::vector<TimingRule> timing_rules(DramStandard standard);

// When the precharge inside the device begins, counted from a column command with auto-precharge.
std::int64_t read_to_precharge_ck(const DramPart& part);
std::int64_t write_to_precharge_ck(const DramPart& part);
std::int64_t burst_ck(const DramPart& part); // BL/2, LPDDR5: BL/n_min

} // namespace systolica
