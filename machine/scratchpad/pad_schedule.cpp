// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "machine/scratchpad/pad_schedule.h"

#include <algorithm>

namespace systolica {

PadSchedule::PadSchedule(const ScratchpadConfig& pad)
    : budget_(pad.bytes_per_cycle()), ticks_per_burst_byte_(std::max(pad.banks, 2U)) {}

std::uint64_t PadSchedule::reserve_stream(StreamSource source, std::uint64_t start, std::uint64_t cycles,
                                          std::uint64_t bytes) {
    std::uint64_t& guarantee = guarantee_[static_cast<std::size_t>(source)];
    guarantee = std::max(guarantee, start * budget_) + 2 * bytes;
    const std::uint64_t moved = std::min(charge_total(start, bytes), guarantee);
    return std::max(start + cycles, ceil_cycles(moved)) - start;
}

std::uint64_t PadSchedule::reserve_burst(std::uint64_t start, std::uint64_t bytes) {
    const std::uint64_t one_port = std::max(port_, start * budget_) + bytes * ticks_per_burst_byte_;
    const std::uint64_t free_ports = std::max(port_, charge_total(start, bytes)); // never past an earlier burst
    port_ = std::min(one_port, free_ports);
    return ceil_cycles(port_);
}

// The total clock after `bytes` more, as seen from `start`.
std::uint64_t PadSchedule::charge_total(std::uint64_t start, std::uint64_t bytes) {
    latest_start_ = std::max(latest_start_, start);
    total_ = std::max(total_, latest_start_ * budget_) + bytes;
    return total_ - (latest_start_ - start) * budget_;
}

} // namespace systolica
