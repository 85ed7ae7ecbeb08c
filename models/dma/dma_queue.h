// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// One direction of the DMA engine (loads or stores): its commands, the bursts they are cut into, and how many of those
// are in flight. Bursts of the next command go out while earlier ones are still unanswered.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <vector>

#include "machine/dma/burst_splitter.h"
#include "machine/dma/config.h"
#include "models/tlm/command_inbox.h"

namespace systolica {

struct DmaJob {
    BurstSplitter bursts;
    std::uint64_t memory_bytes_cut = 0; // so far, of the whole descriptor
    std::uint64_t pad_bytes_cut = 0;
    std::uint32_t unfinished = 0; // bursts cut, but not yet written to the pad or acknowledged
    std::uint64_t done_cycle = 0; // of the last burst so far
    bool all_cut = false;
};

// A burst as it is sent to memory, with its place in the pad.
struct DmaRequest {
    Burst memory;
    Pad pad = Pad::ifmap;
    std::uint64_t pad_address = 0;
    std::uint32_t pad_bytes = 0;
    std::uint32_t operation = 0;
    std::uint16_t sharers = 0; // machine/commands/command.h
    bool follows = false;
    std::size_t slot = 0;            // of the command in the inbox
    std::uint64_t pad_end_cycle = 0; // private_ports: when the pad has moved it
};

class DmaQueue {
public:
    using Inbox = CommandInbox<DmaJob>;

    DmaQueue(Opcode opcode, std::uint32_t operations, unsigned depth, const DmaConfig& config,
             std::uint32_t interleave_bytes)
        : inbox(opcode, operations, depth), config_(config), interleave_bytes_(interleave_bytes) {
        answer_cycles_.reserve(config.outstanding);
    }

    Inbox inbox;

    // Takes over the commands that came since the last call.
    void note_arrivals(std::uint64_t now);

    bool has_burst() const { return cutting_ < prepared_; }
    DmaRequest next_request(); // only if has_burst()

    // The window of requests in flight. With annotated delays the answers are known when the requests are sent.
    bool window_open() const { return in_flight_ < config_.outstanding; }
    std::uint32_t in_flight() const { return in_flight_; }
    void sent() { ++in_flight_; }
    void answered() { --in_flight_; }
    void answer_at(std::uint64_t cycle);
    void take_answers(std::uint64_t now);
    bool answers_known() const { return !answer_cycles_.empty(); }
    std::uint64_t next_answer() const { return answer_cycles_.front(); } // only if answers_known()

    // The burst has been written to its pad (load) or acknowledged (store).
    void burst_done(std::size_t slot, std::uint64_t cycle) {
        DmaJob& job = inbox.at_slot(slot).job;
        --job.unfinished;
        job.done_cycle = std::max(job.done_cycle, cycle);
    }

    // The oldest command has nothing left to do but to wait for its done_cycle.
    bool front_complete() const { return prepared_ > 0 && front_job().all_cut && front_job().unfinished == 0; }
    std::uint64_t front_done_cycle() const { return front_job().done_cycle; }

    template <class Socket>
    bool retire_front(Socket& socket) { // true: there is a new command
        --prepared_;
        --cutting_;
        return inbox.retire(socket);
    }

private:
    const DmaJob& front_job() const { return inbox.front().job; }
    void skip_cut();

    DmaConfig config_;
    std::uint32_t interleave_bytes_;
    std::size_t prepared_ = 0; // commands of the inbox that note_arrivals() has seen
    std::size_t cutting_ = 0;  // the first of them that has bursts left to cut
    std::uint32_t in_flight_ = 0;
    std::vector<std::uint64_t> answer_cycles_; // heap, earliest first
};

} // namespace systolica
