// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// The port of a chip's links when chips exchange gradients or parts of tensors: waits until those of a bucket are
// stored, reads chunk after chunk of them from the chip's memory into its buffer, plays the collective with the ports
// of the other chips over the links, adding what comes to what is there, or putting it beside it, writes the result to
// memory and says so on the sync board. It passes on what is meant for other chips, each message whole before it goes
// on. What comes before the chip's own chunk has been read waits for it. Adding takes the time of
// machine/collective/reduction.h. Messages wait for a link in the order in which they were ready, of equals in that of
// chunks and schedule. Not modelled: data; the buffer of what waits for the chip's own chunk; the addition's place in
// the vector units.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include <systemc>
#include <tlm>
#include <tlm_utils/simple_initiator_socket.h>
#include <tlm_utils/simple_target_socket.h>

#include "base/statistics.h"
#include "models/exchange/exchange_program.h"
#include "models/exchange/memory_mover.h"
#include "models/tlm/timed_event.h"

namespace systolica {

class LinkPort : public sc_core::sc_module {
public:
    struct Params {
        unsigned chip = 0;
        std::vector<unsigned> out_links; // numbers of the links that leave it, by socket; of a switch: one
        unsigned in_links = 0;
        unsigned chunks_at_once = 2; // that the buffer holds
        ExchangeProgram* program = nullptr;
        MemoryMover::Params memory; // without what is called
    };

    sc_core::sc_vector<tlm_utils::simple_initiator_socket_tagged<LinkPort>> link_out;
    sc_core::sc_vector<tlm_utils::simple_target_socket_tagged<LinkPort>> link_in;
    tlm::tlm_initiator_socket<> mem_out{"mem_out"};
    tlm_utils::simple_initiator_socket<LinkPort> sync_out{"sync_out"}; // machine/commands/sync_access.h

    LinkPort(const sc_core::sc_module_name& name, const Params& params);

    const MemoryMover& memory() const { return memory_; }
    std::uint64_t sent_bytes() const { return sent_bytes_; } // in messages of its own
    std::uint64_t sent_messages() const { return sent_messages_; }
    std::uint64_t errors() const { return errors_; }
    std::uint64_t busy_ps() const {
        return busy_ps_;
    } // from the first read of a chunk to its last write, overlaps once
    std::string waiting() const;
    void report(Statistics& statistics) const;

private:
    using Payload = tlm::tlm_generic_payload;
    using Message = std::pair<std::uint32_t, std::uint32_t>;                            // chunk, number in its schedule
    using Due = std::tuple<std::uint64_t, std::uint32_t, std::uint32_t, std::uint32_t>; // when, chunk, place, number

    struct Chunk {
        bool loaded = false;
        std::uint32_t to_send = 0, to_receive = 0;
        std::set<Due> held; // arrived before the chip's own
    };
    struct Port {
        std::set<Due> ready; // since when
        std::uint64_t free_ps = 0;
        bool open = false; // a request waits for END_REQ
    };
    struct Added {
        Message message;
        std::uint64_t at_ps = 0;
    };

    void start(); // before the simulation
    void await_events();
    tlm::tlm_sync_enum event_reached(Payload& payload, tlm::tlm_phase& phase, sc_core::sc_time& delay);
    void open_chunks();
    void chunk_loaded(std::uint32_t chunk);
    void chunk_stored(std::uint32_t chunk);
    void store_if_done(std::uint32_t chunk);
    tlm::tlm_sync_enum take_message(int id, Payload& payload, tlm::tlm_phase& phase, sc_core::sc_time& delay);
    void take_blocking(int id, Payload& payload, sc_core::sc_time& delay);
    tlm::tlm_sync_enum take_answer(int port, Payload& payload, tlm::tlm_phase& phase, sc_core::sc_time& delay);
    void work(); // process
    void arrive(Payload& payload, std::uint64_t at_ps);
    void receive(const Due& message);
    void queue(std::uint32_t chunk, std::uint32_t number, std::uint64_t at_ps);
    void send(std::size_t port, std::uint64_t now);
    void finish(Payload& payload);
    Due due(std::uint64_t at_ps, std::uint32_t chunk, std::uint32_t number) const;
    const CollectiveMessage& message(std::uint32_t chunk, std::uint32_t number) const;

    const Params params_;
    ExchangeProgram& program_;
    MemoryMover memory_;
    PayloadPool event_reads_;
    std::vector<Port> ports_;
    std::map<std::uint32_t, Chunk> open_;          // chunks in the buffer
    std::map<std::uint32_t, std::set<Due>> early_; // what came for chunks that are not yet
    std::set<Due> arrived_;
    std::deque<Added> added_; // in order of time: one unit adds them
    std::uint64_t unit_free_ps_ = 0;
    std::size_t bucket_ = 0; // whose events are waited for
    std::size_t event_ = 0;
    std::uint32_t next_chunk_ = 0;
    std::uint64_t busy_since_ps_ = 0;
    std::uint64_t busy_ps_ = 0;
    std::uint64_t sent_bytes_ = 0;
    std::uint64_t sent_messages_ = 0;
    std::uint64_t errors_ = 0;
    TimedEvent wake_{"wake"};
};

} // namespace systolica
