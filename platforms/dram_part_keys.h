// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// The whole numbers that a DRAM part gives, but for rows and refi, which have 64 bits. Reader and documentation follow
// this table.
#pragma once

#include <cstdint>
#include <vector>

#include "machine/dram/config.h"

namespace systolica {

struct DramPartKey {
    enum class For : std::uint8_t { all, lpddr4, lpddr5 };

    const char* name;
    const char* unit;
    unsigned DramPart::*field;
    std::uint64_t least, most;
    bool power_of_two;
    For standards; // those that have it
    const char* description;

    bool belongs_to(DramStandard standard) const {
        return standards == For::all || (standards == For::lpddr4) == (standard == DramStandard::lpddr4);
    }
};

const std::vector<DramPartKey>& dram_part_keys();

// Limits of the other keys.
inline constexpr double kSlowestMtps = 1, kFastestMtps = 100000;
inline constexpr std::uint64_t kMostRows = 1u << 24;
inline constexpr std::uint64_t kMostRefi = 1'000'000;
inline constexpr double kLeastVolts = 0.1, kMostVolts = 5;
inline constexpr double kMostMilliamps = 100000;

struct DramRailKey {
    const char* name;
    double DramCurrents::*volts;
    double RailCurrent::*milliamps;
};

struct DramCurrentKey {
    const char* name;
    RailCurrent DramCurrents::*field;
    const char* description;
};

const std::vector<DramRailKey>& dram_rail_keys();       // vdd1, vdd2, vddq
const std::vector<DramCurrentKey>& dram_current_keys(); // idd0, ...

} // namespace systolica
