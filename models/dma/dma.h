// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// The DMA engine of a tile: load and store commands become bursts, each direction with its own window of `outstanding`
// bursts in flight, both through one memory port that takes at most one request a cycle, in turns. A load burst is
// written to its pad when it has been answered; a store burst is read from its pad before it is sent, one ahead.
// Approximately timed towards memory: one event a request and one a retirement. With `lt`, memory is asked by
// b_transport and answers by annotated delay; the windows stay, back-pressure of the port (END_REQ) is lost: requests
// go out one a cycle, however long their packets are (docs/loosely_timed.md says what else such a run loses).
// A command takes no cycle to decode. With `private_ports` (machine/dma/config.h) requests go out in the cycle in which
// they come up, and a burst is done when both memory and pad have moved it, side by side.
// Not modelled: data, burst reordering within a command.
#pragma once

#include <vector>

#include "base/statistics.h"
#include "base/waves.h"
#include "machine/scratchpad/config.h"
#include "models/dma/dma_queue.h"
#include "models/tlm/clock_edges.h"
#include "models/tlm/pad_access.h"
#include "models/tlm/payload_pool.h"
#include "models/tlm/timed_event.h"

#include <systemc>
#include <tlm>
#include <tlm_utils/passthrough_target_socket.h>
#include <tlm_utils/simple_initiator_socket.h>

namespace systolica {

class Dma : public sc_core::sc_module {
public:
    struct Params {
        DmaConfig config;
        Clock clock;
        std::uint32_t interleave_bytes = 256;
        std::uint32_t operations = 1; // of the plan: bytes are counted for each
        bool lt = false;
        unsigned queue_depth = 4; // commands held in each direction
    };

    tlm_utils::passthrough_target_socket<Dma> load_in{"load_in"};
    tlm_utils::passthrough_target_socket<Dma> store_in{"store_in"};
    tlm_utils::simple_initiator_socket<Dma> mem_out{"mem_out"};
    sc_core::sc_vector<tlm_utils::simple_initiator_socket<Dma>> pad_out{"pad_out", kPads}; // by Pad

    Dma(const sc_core::sc_module_name& name, const Params& params);

    // Payload bytes asked of memory, by operation of the plan; those that tiles share are one tile's.
    const std::vector<std::uint64_t>& read_bytes_by_operation() const { return load_.bytes; }
    const std::vector<std::uint64_t>& write_bytes_by_operation() const { return store_.bytes; }
    // Payload bytes moved to and from scratchpads of tiles, by operation of the plan.
    const std::vector<std::uint64_t>& loaded_from_tiles_by_operation() const { return load_.tile_bytes; }
    const std::vector<std::uint64_t>& stored_to_tiles_by_operation() const { return store_.tile_bytes; }
    std::uint64_t transactions() const { return load_.bursts + store_.bursts; }

    void report(Statistics& statistics) const;
    void add_waves(const WaveScope& scope);

private:
    struct Direction {
        Direction(Opcode opcode, const Params& params)
            : queue(opcode, params.operations, params.queue_depth, params.config, params.interleave_bytes),
              bytes(params.operations),
              tile_bytes(params.operations) {}

        DmaQueue queue;
        std::vector<std::uint64_t> bytes;      // by operation, of memory
        std::vector<std::uint64_t> tile_bytes; // by operation, of scratchpads of tiles
        std::uint64_t moved_bytes = 0;
        std::uint64_t bursts = 0;
        std::uint64_t commands = 0;
        TimedEvent retire_event;
        Wave state, in_flight, operation;
    };

    // Travels with a payload: what its answer completes. Stays with the payload in the pool, which owns it.
    struct BurstTag : tlm::tlm_extension<BurstTag> {
        tlm::tlm_extension_base* clone() const override { return new BurstTag(*this); }
        void copy_from(const tlm::tlm_extension_base& other) override { *this = static_cast<const BurstTag&>(other); }

        Direction* direction = nullptr;
        DmaRequest request;
    };

    void count(Direction& direction, const DmaRequest& request) const;

    tlm::tlm_sync_enum accept_load(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase, sc_core::sc_time& delay);
    tlm::tlm_sync_enum accept_store(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase, sc_core::sc_time& delay);
    tlm::tlm_sync_enum answered(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase, sc_core::sc_time& delay);

    void issue_requests(); // process: one request an activation, sleeps until the port can take the next
    void retire_loads();   // process
    void retire_stores();  // process

    bool issue_one(std::uint64_t now);
    std::uint64_t through_pad(tlm::tlm_command command, const DmaRequest& request, std::uint64_t from);
    void stage_store(std::uint64_t now);
    bool load_ready() const { return load_.queue.has_burst() && load_.queue.window_open(); }
    bool store_ready(std::uint64_t now) const { return staged_ && staged_cycle_ <= now && store_.queue.window_open(); }
    void wake_issue(std::uint64_t now);
    tlm::tlm_generic_payload& make_payload(Direction& direction, const DmaRequest& request);
    void send(Direction& direction, DmaRequest request, std::uint64_t now);
    void complete_annotated(tlm::tlm_generic_payload& payload, const sc_core::sc_time& delay);
    void finish_burst(tlm::tlm_generic_payload& payload, const sc_core::sc_time& delay);
    void wake_retire(Direction& direction);
    template <class Socket>
    void retire(Direction& direction, Socket& socket);
    void show(Direction& direction);

    const Params params_;
    const ClockEdges edges_;
    PayloadPool pool_;
    PadAccess pads_;
    Direction load_;
    Direction store_;

    TimedEvent issue_event_;
    tlm::tlm_generic_payload* unaccepted_ = nullptr; // waits for END_REQ
    std::uint64_t port_free_cycle_ = 0;
    bool load_turn_ = true; // of the direction to prefer when both are ready
    bool staged_ = false;   // a store burst has been read from its pad, ready at staged_cycle_
    std::uint64_t staged_cycle_ = 0;
    DmaRequest staged_request_;
    bool traced_ = false;
};

} // namespace systolica
