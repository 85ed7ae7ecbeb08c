// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// What a channel counted. Bus bytes are whole bursts on the data pins, payload bytes what the requests asked for.
#pragma once

#include <cstdint>

namespace systolica {

struct DramCounters {
    std::uint64_t reads = 0, writes = 0; // requests served
    std::uint64_t read_bytes = 0, write_bytes = 0;
    std::uint64_t bus_bytes = 0;
    std::uint64_t read_commands = 0, write_commands = 0; // column commands
    std::uint64_t row_hits = 0;                          // column commands that needed no ACT of their own
    std::uint64_t activates = 0;
    std::uint64_t precharges = 0;      // PRE and PREab commands
    std::uint64_t auto_precharges = 0; // column commands that close their row
    std::uint64_t masked_writes = 0;   // of the write commands
    std::uint64_t check_commands = 0;  // column commands for the check bytes of inline ECC, part of the two above
    std::uint64_t wck_syncs = 0;       // LPDDR5: CAS commands that start WCK
    std::uint64_t power_downs = 0, self_refreshes = 0;       // entries
    std::uint64_t refreshes = 0;                             // REFab commands
    std::uint64_t bank_refreshes = 0;                        // REFpb commands
    std::uint64_t read_latency_ck = 0, write_latency_ck = 0; // sums, acceptance to the last data beat
    // Rank-clocks by state; they add up to the clocks of all ranks. Refreshing counts as precharged.
    std::uint64_t active_ck = 0, precharged_ck = 0; // a row is open, none is
    std::uint64_t active_power_down_ck = 0, power_down_ck = 0, self_refresh_ck = 0;

    DramCounters& operator+=(const DramCounters& other) {
        reads += other.reads;
        writes += other.writes;
        read_bytes += other.read_bytes;
        write_bytes += other.write_bytes;
        bus_bytes += other.bus_bytes;
        read_commands += other.read_commands;
        write_commands += other.write_commands;
        row_hits += other.row_hits;
        activates += other.activates;
        precharges += other.precharges;
        auto_precharges += other.auto_precharges;
        masked_writes += other.masked_writes;
        check_commands += other.check_commands;
        wck_syncs += other.wck_syncs;
        power_downs += other.power_downs;
        self_refreshes += other.self_refreshes;
        refreshes += other.refreshes;
        bank_refreshes += other.bank_refreshes;
        read_latency_ck += other.read_latency_ck;
        write_latency_ck += other.write_latency_ck;
        active_ck += other.active_ck;
        precharged_ck += other.precharged_ck;
        active_power_down_ck += other.active_power_down_ck;
        power_down_ck += other.power_down_ck;
        self_refresh_ck += other.self_refresh_ck;
        return *this;
    }
};

// Of one bank.
struct DramBankCounters {
    std::uint64_t activates = 0, precharges = 0; // PRE of this bank alone
    std::uint64_t reads = 0, writes = 0;         // column commands
    std::uint64_t refreshes = 0;
    std::uint64_t open_clocks = 0;
};

} // namespace systolica
