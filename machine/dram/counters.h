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
    std::uint64_t precharges = 0; // PRE and PREab commands
    std::uint64_t refreshes = 0;
    std::uint64_t read_latency_ck = 0, write_latency_ck = 0; // sums, acceptance to the last data beat

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
        refreshes += other.refreshes;
        read_latency_ck += other.read_latency_ck;
        write_latency_ck += other.write_latency_ck;
        return *this;
    }
};

} // namespace systolica
