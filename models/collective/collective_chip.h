// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// A chip as far as a collective needs one: sends its messages over its links when what they wait for is there, passes
// on what is meant for others (each message whole before it goes on), and adds what it has received in the time of its
// vector units. Messages wait for a link in the order in which they were ready, of equals in that of the schedule.
// Not modelled: the chip's memory and network; messages have no data.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <set>
#include <utility>
#include <vector>

#include <systemc>
#include <tlm>
#include <tlm_utils/simple_initiator_socket.h>
#include <tlm_utils/simple_target_socket.h>

#include "machine/chip_link/chip_network.h"
#include "machine/collective/dependencies.h"
#include "machine/collective/reduction.h"
#include "models/tlm/payload_pool.h"
#include "models/tlm/timed_event.h"

namespace systolica {

// What all chips of a collective know of it, and how far it is.
struct CollectiveProgram {
    CollectiveProgram(const ChipNetwork& chip_network, const CollectiveSchedule& messages, const Reduction& adding);

    const ChipNetwork& network;
    const CollectiveSchedule& schedule;
    const Reduction& reduction;
    CollectiveDependencies dependencies;
    PayloadPool payloads;
    std::uint64_t done = 0; // messages received and added
    std::uint64_t end_ps = 0;
    std::uint64_t errors = 0; // answered with an error
};

class CollectiveChip : public sc_core::sc_module {
public:
    struct Params {
        unsigned chip = 0;
        std::vector<unsigned> out_links; // numbers of the links that leave it, by socket
        unsigned in_links = 0;
    };

    sc_core::sc_vector<tlm_utils::simple_initiator_socket_tagged<CollectiveChip>> link_out;
    sc_core::sc_vector<tlm_utils::simple_target_socket_tagged<CollectiveChip>> link_in;

    CollectiveChip(const sc_core::sc_module_name& name, const Params& params, CollectiveProgram& program);

    void start(std::uint32_t message); // which waits for nothing; before the simulation

private:
    using Payload = tlm::tlm_generic_payload;

    struct Port {
        std::set<std::pair<std::uint64_t, std::uint32_t>> ready; // since when, message
        std::uint64_t free_ps = 0;
        bool open = false; // a request waits for END_REQ
    };
    struct Added {
        std::uint32_t message = 0;
        std::uint64_t at_ps = 0;
    };

    tlm::tlm_sync_enum take_message(int id, Payload& payload, tlm::tlm_phase& phase, sc_core::sc_time& delay);
    void take_blocking(int id, Payload& payload, sc_core::sc_time& delay);
    tlm::tlm_sync_enum take_answer(int port, Payload& payload, tlm::tlm_phase& phase, sc_core::sc_time& delay);
    void work();
    void arrived(std::uint32_t message, std::uint64_t at_ps);
    void queue(std::uint32_t message, std::uint64_t at_ps);
    void send(std::size_t port, std::uint64_t now);
    void finish(Payload& payload);

    const unsigned chip_;
    CollectiveProgram& program_;
    std::vector<unsigned> out_links_;
    std::vector<Port> ports_;
    std::deque<Added> added_; // in order of time: one vector unit adds them
    std::uint64_t unit_free_ps_ = 0;
    TimedEvent wake_{"wake"};
};

} // namespace systolica
