// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// Reads a memory trace: one request a line, `R|W 0xADDR [BYTES] [@CLOCK]`, plain or gzip (told by content). Fields are
// separated by blanks or tabs, `#` begins a comment, empty lines and CR LF are taken.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "machine/dram/timings.h"

namespace systolica {

struct DramTraceRequest {
    std::uint64_t address = 0; // of the system: channels interleave
    std::uint32_t bytes = 32;
    bool write = false;
};

struct DramTrace {
    static constexpr std::uint32_t kMostBytes = 1U << 20; // of a request
    static constexpr Ck kLastClock = 1'000'000'000'000;   // ten minutes of LPDDR4-3200
    static constexpr std::size_t kLongestLine = 4096;     // characters
    static constexpr std::size_t kMostProblems = 20;      // then the reader gives up

    std::vector<DramTraceRequest> requests; // in order of offering
    // Not to be offered before; never decreasing. A request without @CLOCK has that of the one before it. Empty when
    // the file names no clock at all.
    std::vector<Ck> clocks;
    std::uint32_t largest_bytes = 0;
};

// Throws InputError with a line for every bad line, or when nothing is left to replay.
DramTrace read_dram_trace(const std::string& path, std::uint64_t capacity_bytes);

} // namespace systolica
