// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// How far a run has got, on stderr: a line overwritten in place on a terminal, a new line now and then elsewhere.
// Short runs print nothing.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <string>

#include "platforms/simulation.h"

namespace systolica {

class ProgressLine {
public:
    using Text = std::function<std::string(double elapsed_s)>;

    explicit ProgressLine(bool enabled);
    ~ProgressLine(); // wipes the line
    ProgressLine(const ProgressLine&) = delete;
    ProgressLine& operator=(const ProgressLine&) = delete;

    void show(const Text& text); // asks for the text only when it is time for a new line

private:
    using Instant = std::chrono::steady_clock::time_point;

    bool enabled_;
    bool terminal_;
    Instant start_;
    Instant next_;
    std::size_t shown_columns_ = 0;
};

// "layer 12 of 175 layer2.0.conv1, 1.234 ms simulated, 45.1 Mcycles/s"
std::string progress_text(const Progress& progress, double elapsed_s);
// "1,200,000 of 20,000,000 requests, 1.52 M/s"
std::string progress_text(std::uint64_t requests, std::uint64_t planned, double elapsed_s);

} // namespace systolica
