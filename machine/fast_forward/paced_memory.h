// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// What the channels of a memory would have counted, had everything that was paced gone over them. Bytes are exact.
// Requests, column commands and latencies are scaled by the bytes read or written; row hits, ACT and PRE by the bytes
// on the pins; clocks by state, and entries into power-down, from the time that was simulated to the whole. Refreshes
// are counted, paced or not: they follow time alone.
#pragma once

#include <cstdint>
#include <vector>

#include "machine/dram/counters.h"

namespace systolica {

class PacedMemory {
public:
    struct Bytes { // paced so far
        std::uint64_t read = 0, written = 0, pins = 0;
    };

    void begin(const std::vector<DramCounters>& channels); // pacing begins
    void end(const std::vector<DramCounters>& channels);   // and ends

    // Of each channel; the bytes of all channels add up to counted and paced.
    std::vector<DramCounters> estimate(const std::vector<DramCounters>& counted, const Bytes& paced) const;

private:
    bool pacing_ = false;
    std::vector<DramCounters> begun_;
    std::vector<DramCounters> idle_; // counted while pacing; the clocks by state only
};

} // namespace systolica
