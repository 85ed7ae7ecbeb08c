// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "machine/dram/energy.h"

namespace systolica {

namespace {

using Rail = double RailCurrent::*;

// One rail. Each term is a charge in mA times clocks; times V and ns that is pJ. As in Micron's TN-41-01 and DRAMsim3,
// a command costs what it draws above the standby current. A refresh counts above IDD3N, though its clocks are paid
// with IDD2N as background: the few per cent between the two are DRAMsim3's convention, kept to be comparable.
void add_rail(const DramPart& part, const DramCounters& counters, double volts, Rail rail, DramEnergyParts& energy) {
    const DramCurrents& idd = *part.currents;
    const double clock_ns = part.beats_per_clock * 1000.0 / part.data_rate_mtps;
    const auto add = [&](double& nj, std::uint64_t count, double charge) {
        nj += static_cast<double>(count) * charge * volts * clock_ns / 1000.0;
    };
    const double burst_ck = static_cast<double>(part.burst_length) / part.beats_per_clock;
    const double rc = part.ras + part.rp_pb;
    const double active = idd.idd3n.*rail;
    const double precharged = idd.idd2n.*rail;

    add(energy.activate, counters.activates, idd.idd0.*rail * rc - active * part.ras - precharged * part.rp_pb);
    add(energy.read, counters.read_commands, (idd.idd4r.*rail - active) * burst_ck);
    add(energy.write, counters.write_commands, (idd.idd4w.*rail - active) * burst_ck);
    add(energy.refresh, counters.refreshes, (idd.idd5ab.*rail - active) * part.rfc_ab);
    add(energy.refresh, counters.bank_refreshes, (idd.idd5pb.*rail - active) * part.rfc_pb);
    add(energy.active_standby, counters.active_ck, active);
    add(energy.precharge_standby, counters.precharged_ck, precharged);
    add(energy.power_down, counters.active_power_down_ck, idd.idd3p.*rail);
    add(energy.power_down, counters.power_down_ck, idd.idd2p.*rail);
    add(energy.self_refresh, counters.self_refresh_ck, idd.idd6.*rail);
}

} // namespace

std::optional<DramEnergy> dram_energy(const DramPart& part, const DramCounters& counters) {
    if (!part.currents) {
        return std::nullopt;
    }
    DramEnergy energy;
    add_rail(part, counters, part.currents->vdd1, &RailCurrent::vdd1, energy.core);
    add_rail(part, counters, part.currents->vdd2, &RailCurrent::vdd2, energy.core);
    add_rail(part, counters, part.currents->vddq, &RailCurrent::vddq, energy.io);
    return energy;
}

} // namespace systolica
