// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// What follows from the counts of a replay: rates and means.
#pragma once

#include <optional>

#include "machine/dram/energy.h"
#include "platforms/dram_simulation.h"

namespace systolica {

struct DramFigures {
    DramFigures(const DramConfig& config, const DramReplayResult& result);

    double clock_mhz = 0, time_s = 0;
    double gb_per_s = 0, peak_gb_per_s = 0; // payload; the data pins
    double utilization = 0;                 // of the data pins, by whole bursts
    double row_hit_rate = 0;                // 1 - ACT / (RD + WR)
    double read_from_due = 0;
    double in_flight = 0;        // requests accepted and not complete, mean over time
    std::uint64_t refreshes = 0; // of ranks and of single banks
    std::optional<DramEnergy> energy;
};

} // namespace systolica
