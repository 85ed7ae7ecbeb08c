// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// One direction of a link between two chips: serialises messages, credits and latency as in machine/chip_link. A write
// is a message of its data length; other commands are refused. Headers cost nothing; the answer comes back
// at once, since nobody waits for it.
//
// nb_transport: BEGIN_REQ is answered with TLM_UPDATED, END_REQ and the time until the link takes the next message; the
// message is handed on as BEGIN_REQ when its last byte has arrived, and BEGIN_RESP goes back when the other end has
// answered. b_transport books the link in the order of the calls.
#pragma once

#include <systemc>
#include <tlm>
#include <tlm_utils/simple_initiator_socket.h>
#include <tlm_utils/simple_target_socket.h>

#include "base/statistics.h"
#include "machine/chip_link/link_timing.h"
#include "models/chip_link/link_ends.h"
#include "models/tlm/timed_event.h"

namespace systolica {

class ChipLink : public sc_core::sc_module {
public:
    using Params = ChipLinkConfig;

    tlm_utils::simple_target_socket<ChipLink> link_in{"link_in"};
    tlm_utils::simple_initiator_socket<ChipLink> link_out{"link_out"};

    ChipLink(const sc_core::sc_module_name& name, const Params& params);

    std::uint64_t bytes() const { return bytes_; }
    std::uint64_t messages() const { return messages_; }
    std::uint64_t resent_flits() const { return timing_.resent_flits(); }
    void report(Statistics& statistics) const;

private:
    using Payload = tlm::tlm_generic_payload;

    tlm::tlm_sync_enum take_forward(Payload& payload, tlm::tlm_phase& phase, sc_core::sc_time& delay);
    tlm::tlm_sync_enum take_backward(Payload& payload, tlm::tlm_phase& phase, sc_core::sc_time& delay);
    void transport(Payload& payload, sc_core::sc_time& delay);
    void move_messages();
    LinkSlot book(const Payload& payload, std::uint64_t at_ps);

    LinkTiming timing_;
    LinkExit exit_;
    LinkEntry entry_;
    std::uint64_t bytes_ = 0;
    std::uint64_t messages_ = 0;
    std::uint64_t busy_ps_ = 0;
    TimedEvent wake_{"wake"};
};

// The answer to what a link cannot carry; TLM_OK_RESPONSE for a message.
tlm::tlm_response_status link_refusal(const tlm::tlm_generic_payload& payload);

} // namespace systolica
