// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// Energy of a memory from what it counted and the current table of its part: an energy for every command, above the
// standby current, and a background power for every state of a rank. Core (VDD1, VDD2) and I/O (VDDQ) are separate.
// Not modelled: data-dependent switching, termination, temperature, the partial arrays of self-refresh.
#pragma once

#include <optional>

#include "machine/dram/config.h"
#include "machine/dram/counters.h"

namespace systolica {

// nJ
struct DramEnergyParts {
    double activate = 0; // ACT with the PRE that ends it
    double read = 0, write = 0;
    double refresh = 0; // REFab and REFpb
    double active_standby = 0, precharge_standby = 0;
    double power_down = 0; // with and without an open row
    double self_refresh = 0;

    double background() const { return active_standby + precharge_standby + power_down + self_refresh; }
    double total() const { return activate + read + write + refresh + background(); }
};

struct DramEnergy {
    DramEnergyParts core; // VDD1 and VDD2
    DramEnergyParts io;   // VDDQ

    double total() const { return core.total() + io.total(); }
};

// Of one channel, or of several of the same part added up. Nothing when the part has no current table.
std::optional<DramEnergy> dram_energy(const DramPart& part, const DramCounters& counters);

} // namespace systolica
