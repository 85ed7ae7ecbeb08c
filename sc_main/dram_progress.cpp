// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "sc_main/dram_progress.h"

#include "sc_main/text_table.h"

#include <unistd.h>

#include <iostream>

namespace systolica {

using std::chrono::milliseconds;

DramProgress::DramProgress(bool enabled, std::uint64_t planned)
    : enabled_(enabled),
      terminal_(::isatty(STDERR_FILENO) == 1),
      planned_(planned),
      start_(std::chrono::steady_clock::now()),
      next_(start_ + milliseconds(terminal_ ? 300 : 2000)) {} // most replays are over by then

DramProgress::~DramProgress() {
    if (terminal_ && shown_) {
        std::cerr << "\r\x1b[K" << std::flush;
    }
}

void DramProgress::show(std::uint64_t completed) {
    const Instant now = std::chrono::steady_clock::now();
    if (!enabled_ || now < next_) {
        return;
    }
    next_ = now + milliseconds(terminal_ ? 100 : 10000);
    shown_ = true;
    const double seconds = std::chrono::duration<double>(now - start_).count();
    const std::string text = grouped(completed) + " of " + grouped(planned_) + " requests, " +
                             fixed(static_cast<double>(completed) / seconds / 1e6, 2) + " M/s";
    std::cerr << (terminal_ ? "\r" + text + "\x1b[K" : text + "\n") << std::flush;
}

} // namespace systolica
