// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// A switch and the one link that each chip has to it. The upper bits of an address name the chip (chip_address.h). A
// message goes through without being stored: it takes the sender's and the receiver's port for the same time and
// arrives one latency after its last byte has left. A message for a port that is taken waits, with those behind it.
// Same protocol as ChipLink.
#pragma once

#include <map>
#include <memory>
#include <vector>

#include <systemc>
#include <tlm>
#include <tlm_utils/simple_initiator_socket.h>
#include <tlm_utils/simple_target_socket.h>

#include "base/statistics.h"
#include "machine/chip_link/link_timing.h"
#include "models/chip_link/link_ends.h"
#include "models/tlm/timed_event.h"

namespace systolica {

class LinkSwitch : public sc_core::sc_module {
public:
    struct Params {
        unsigned chips = 2;
        ChipLinkConfig link;
    };

    sc_core::sc_vector<tlm_utils::simple_target_socket_tagged<LinkSwitch>> link_in;
    sc_core::sc_vector<tlm_utils::simple_initiator_socket_tagged<LinkSwitch>> link_out;

    LinkSwitch(const sc_core::sc_module_name& name, const Params& params);

    std::uint64_t bytes_from(unsigned chip) const { return ports_[chip]->sent_bytes; }
    std::uint64_t bytes_to(unsigned chip) const { return ports_[chip]->received_bytes; }
    std::uint64_t resent_flits() const;
    void report(Statistics& statistics) const;

private:
    using Payload = tlm::tlm_generic_payload;

    struct Port {
        Port(const ChipLinkConfig& link, LinkExit::Forward forward, LinkExit::Taken taken, LinkEntry::Backward backward)
            : from_chip(link), to_chip(link), exit(std::move(forward), std::move(taken)), entry(std::move(backward)) {}

        LinkTiming from_chip, to_chip;
        LinkExit exit;
        LinkEntry entry;
        std::uint64_t sent_bytes = 0, received_bytes = 0;
    };

    tlm::tlm_sync_enum take_forward(int port, Payload& payload, tlm::tlm_phase& phase, sc_core::sc_time& delay);
    tlm::tlm_sync_enum take_backward(int port, Payload& payload, tlm::tlm_phase& phase, sc_core::sc_time& delay);
    void transport(int port, Payload& payload, sc_core::sc_time& delay);
    void move_messages();
    tlm::tlm_response_status refusal(const Payload& payload) const;
    LinkSlot book(int port, const Payload& payload, std::uint64_t at_ps);

    std::vector<std::unique_ptr<Port>> ports_;
    std::map<const Payload*, unsigned> senders_; // of what is under way
    TimedEvent wake_{"wake"};
};

} // namespace systolica
