// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// How far a replay has got, on stderr: a line overwritten in place on a terminal, a new line now and then elsewhere.
// Short replays print nothing.
#pragma once

#include <chrono>
#include <cstdint>

namespace systolica {

class DramProgress {
public:
    DramProgress(bool enabled, std::uint64_t planned);
    ~DramProgress(); // wipes the line
    DramProgress(const DramProgress&) = delete;
    DramProgress& operator=(const DramProgress&) = delete;

    void show(std::uint64_t completed); // cheap when it is too early for a new line

private:
    using Instant = std::chrono::steady_clock::time_point;

    const bool enabled_;
    const bool terminal_;
    const std::uint64_t planned_;
    const Instant start_;
    Instant next_;
    bool shown_ = false;
};

} // namespace systolica
