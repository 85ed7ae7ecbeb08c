// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// When a group of scratchpad banks has moved what was asked of it. Addresses interleave over the banks at port width,
// so the group is one server of banks * port_bytes bytes a cycle. Two kinds of access:
//   stream: the array or the vector unit, so many bytes spread over so many cycles; too little bandwidth stretches it
//   burst:  the DMA, done as soon as ports are there
// Three clocks decide, each the time at which a server of constant rate would have done all work so far:
//   total:     every byte, at the full budget. Bytes are charged when their access starts, so a burst that is let
//              through while streams hold all ports is a debt, and the next stream pays it as a stall
//   guarantee: of each stream source, at half of the budget: no backlog of others holds it up longer
//   port:      bursts, at one port (with a single bank, half of it): the DMA gets through although streams hold all
// An access ends at the earlier of the total clock and its own guarantee, streams not before their own length. As every
// clock is a max-plus expression that falls when the budget rises, wider ports or more banks never make a given
// sequence of accesses later. What is lost: a stream's bytes count from its first cycle on, not spread over its length,
// so a burst beside a stream that leaves ports free can be let through a few cycles early or late; bytes are conserved.
#pragma once

#include <array>
#include <cstdint>

#include "machine/scratchpad/config.h"

namespace systolica {

enum class StreamSource : std::uint8_t { array, vector_unit };

constexpr std::size_t kStreamSources = 2;

class PadSchedule {
public:
    explicit PadSchedule(const ScratchpadConfig& pad);

    // A stream of `bytes` over `cycles` cycles from `start` on. Returns the cycles it really takes, at least `cycles`.
    std::uint64_t reserve_stream(StreamSource source, std::uint64_t start, std::uint64_t cycles, std::uint64_t bytes);

    // Returns the cycle at which the last byte has been moved. Bursts complete in the order of the calls.
    std::uint64_t reserve_burst(std::uint64_t start, std::uint64_t bytes);

    std::uint64_t bytes_per_cycle() const { return budget_; }

private:
    std::uint64_t charge_total(std::uint64_t start, std::uint64_t bytes);
    std::uint64_t ceil_cycles(std::uint64_t ticks) const { return (ticks + budget_ - 1) / budget_; }

    // Clocks count ticks: 1 / budget_ of a cycle, the time of a byte at the full budget.
    std::uint64_t budget_;
    std::uint64_t ticks_per_burst_byte_;
    std::uint64_t latest_start_ = 0; // starts may go back a little (annotated delays); capacity is not lost by that
    std::uint64_t total_ = 0;
    std::uint64_t port_ = 0;
    std::array<std::uint64_t, kStreamSources> guarantee_{};
};

} // namespace systolica
