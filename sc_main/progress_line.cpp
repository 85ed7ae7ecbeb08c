// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "sc_main/progress_line.h"

#include "sc_main/text_table.h"

#include <unistd.h>

#include <algorithm>
#include <iostream>

namespace systolica {

namespace {

using std::chrono::milliseconds;

constexpr milliseconds kTerminalDelay{300}; // before the first line: most runs are over by then
constexpr milliseconds kTerminalPeriod{100};
constexpr milliseconds kLogDelay{2000};
constexpr milliseconds kLogPeriod{10000};

} // namespace

ProgressLine::ProgressLine(bool enabled)
    : enabled_(enabled),
      terminal_(::isatty(STDERR_FILENO) == 1),
      start_(std::chrono::steady_clock::now()),
      next_(start_ + (terminal_ ? kTerminalDelay : kLogDelay)) {}

ProgressLine::~ProgressLine() {
    if (terminal_ && shown_columns_ != 0) {
        std::cerr << "\r" << std::string(shown_columns_, ' ') << "\r" << std::flush;
    }
}

void ProgressLine::show(const Text& make_text) {
    if (!enabled_) {
        return;
    }
    const Instant now = std::chrono::steady_clock::now();
    if (now < next_) {
        return;
    }
    next_ = now + (terminal_ ? kTerminalPeriod : kLogPeriod);
    const std::string text = make_text(std::chrono::duration<double>(now - start_).count());
    if (!terminal_) {
        std::cerr << text << std::endl;
        return;
    }
    const std::size_t wipe = shown_columns_ > text.size() ? shown_columns_ - text.size() : 0;
    std::cerr << "\r" << text << std::string(wipe, ' ') << std::flush;
    shown_columns_ = text.size();
}

std::string progress_text(const Progress& progress, double elapsed_s) {
    const double rate = elapsed_s > 0 ? static_cast<double>(progress.cycle) / elapsed_s : 0;
    return "layer " + std::to_string(progress.operation) + " of " + std::to_string(progress.operations) + " " +
           shortened(progress.name, 28) + ", " + fixed(progress.simulated_s * 1e3, 3) + " ms simulated, " +
           fixed(rate / 1e6, 1) + " Mcycles/s";
}

std::string progress_text(std::uint64_t requests, std::uint64_t planned, double elapsed_s) {
    const double rate = elapsed_s > 0 ? static_cast<double>(requests) / elapsed_s : 0;
    return grouped(requests) + " of " + grouped(planned) + " requests, " + fixed(rate / 1e6, 2) + " M/s";
}

} // namespace systolica
