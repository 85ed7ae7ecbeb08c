// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// Reads a traffic file: one packet a line, `CYCLE SOURCE DESTINATION FLITS`, in order of cycles. A multicast has
// several destinations, as in `0 3 4,5,9 16`, and a reduction several sources and the word reduce at the end, as in `0
// 4,8,12 0 64 reduce`; `all` in their place is every node but the one at the other end. Fields are separated by blanks
// or tabs, `#` begins a comment, empty lines and CR LF are taken.
#pragma once

#include <string>
#include <vector>

#include "machine/noc/fabric/traffic_run.h"

namespace systolica {

struct TrafficFile {
    static constexpr std::uint64_t kLastCycle = 1'000'000'000'000;
    static constexpr unsigned kMostFlits = 1U << 16; // of a packet
    static constexpr std::size_t kMostProblems = 20; // then the reader gives up
};

// Throws InputError with a line for every bad line, or when there is no packet.
std::vector<TimedPacket> read_traffic(const std::string& path, unsigned nodes);

} // namespace systolica
