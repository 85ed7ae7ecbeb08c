// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// When a message is on one direction of a link, in whole picoseconds. A message occupies the link for bytes / bandwidth
// (rounded up); its last byte arrives a latency after it has left. Messages follow each other without a gap.
// A flit needs a credit, which is back two latencies after the flit has left, so that with c credits at most c flits
// leave in that time and one flit's own: 2 x latency x bandwidth must fit c flits for full bandwidth (Dally and Towles,
// Principles and Practices of Interconnection Networks, 2004, section 13.3). Flits with errors are sent again,
// together, when their senders know of them: two latencies after the last one has left. What follows waits. Each takes
// the time of a whole flit and the credit that it has; a resent one can be wrong again. Not modelled: headers.
#pragma once

#include <cstdint>
#include <deque>

#include "machine/chip_link/config.h"
#include "machine/chip_link/link_errors.h"

namespace systolica {

// ceil(bytes / rate) in picoseconds; saturates at 2^63.
std::uint64_t link_ps(std::uint64_t bytes, std::uint64_t bytes_per_s);

struct LinkSlot {
    std::uint64_t begin_ps = 0;
    std::uint64_t end_ps = 0;     // the link takes the next message
    std::uint64_t arrival_ps = 0; // of the last byte
};

class LinkTiming {
public:
    explicit LinkTiming(const ChipLinkConfig& link);

    std::uint64_t free_ps() const { return free_ps_; } // end of the last message

    // The next message, which is there at `ready_ps`.
    LinkSlot book(std::uint64_t ready_ps, std::uint64_t bytes);

    std::uint64_t resent_flits() const { return resent_flits_; }

    // The far port of a switch, which is taken for as long as the near one sends.
    void hold_until(std::uint64_t end_ps) { free_ps_ = end_ps; }

private:
    // Flits that left one behind the other and whose credits come back so.
    struct Train {
        std::uint64_t credits_ps = 0; // the first credit is back
        std::uint64_t flits = 0;
    };

    void send_again(std::uint64_t failed);
    std::uint64_t send_flits(std::uint64_t ready_ps, std::uint64_t bytes, std::uint64_t& begin_ps);

    const std::uint64_t bytes_per_s_;
    const std::uint64_t latency_ps_;
    const std::uint64_t flit_bytes_;
    const bool limited_;         // credits do not cover the round trip
    std::uint64_t credits_left_; // never used
    std::deque<Train> on_the_way_;
    std::uint64_t free_ps_ = 0;
    LinkErrors errors_;
    std::uint64_t resent_flits_ = 0;
};

} // namespace systolica
