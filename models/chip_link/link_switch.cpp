// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "models/chip_link/link_switch.h"

#include <algorithm>

#include "machine/chip_link/chip_address.h"
#include "models/chip_link/chip_link.h"
#include "models/tlm/clock_edges.h"

namespace systolica {

LinkSwitch::LinkSwitch(const sc_core::sc_module_name& name, const Params& params)
    : sc_module(name), link_in("link_in", params.chips), link_out("link_out", params.chips) {
    sc_assert(sc_core::sc_get_time_resolution() == sc_core::sc_time(1, sc_core::SC_PS));
    for (unsigned i = 0; i < params.chips; ++i) {
        const int id = static_cast<int>(i);
        link_in[i].register_nb_transport_fw(this, &LinkSwitch::take_forward, id);
        link_in[i].register_b_transport(this, &LinkSwitch::transport, id);
        link_out[i].register_nb_transport_bw(this, &LinkSwitch::take_backward, id);
        ports_.push_back(std::make_unique<Port>(
            params.link.of_link(i),
            [this, i](Payload& payload, tlm::tlm_phase& phase, sc_core::sc_time& delay) {
                return link_out[i]->nb_transport_fw(payload, phase, delay);
            },
            [this](Payload& payload, std::uint64_t at_ps) {
                const auto sender = senders_.find(&payload);
                ports_[sender->second]->entry.respond(payload, at_ps);
                senders_.erase(sender);
            },
            [this, i](Payload& payload, tlm::tlm_phase& phase, sc_core::sc_time& delay) {
                return link_in[i]->nb_transport_bw(payload, phase, delay);
            }));
    }
    SC_HAS_PROCESS(LinkSwitch);
    SC_METHOD(move_messages);
    sensitive << wake_;
    dont_initialize();
}

tlm::tlm_response_status LinkSwitch::refusal(const Payload& payload) const {
    const bool known = chip_of_address(payload.get_address()) < ports_.size();
    return known ? link_refusal(payload) : tlm::TLM_ADDRESS_ERROR_RESPONSE;
}

LinkSlot LinkSwitch::book(int port, const Payload& payload, std::uint64_t at_ps) {
    Port& from = *ports_[static_cast<std::size_t>(port)];
    Port& to = *ports_[chip_of_address(payload.get_address())];
    const std::uint64_t bytes = payload.get_data_length();
    const LinkSlot slot = from.from_chip.book(std::max(at_ps, to.to_chip.free_ps()), bytes);
    to.to_chip.hold_until(slot.end_ps);
    from.sent_bytes += bytes;
    to.received_bytes += bytes;
    return slot;
}

tlm::tlm_sync_enum LinkSwitch::take_forward(int port, Payload& payload, tlm::tlm_phase& phase,
                                            sc_core::sc_time& delay) {
    if (phase == tlm::END_RESP) {
        if (ports_[static_cast<std::size_t>(port)]->entry.end(payload)) {
            wake_.notify(sc_core::SC_ZERO_TIME);
        }
        return tlm::TLM_COMPLETED;
    }
    if (phase != tlm::BEGIN_REQ) {
        return tlm::TLM_ACCEPTED; // an extended phase
    }
    const tlm::tlm_response_status refused = refusal(payload);
    if (refused != tlm::TLM_OK_RESPONSE) {
        payload.set_response_status(refused);
        return tlm::TLM_COMPLETED;
    }
    payload.acquire();
    senders_[&payload] = static_cast<unsigned>(port);
    const LinkSlot slot = book(port, payload, now_ps() + delay.value());
    ports_[chip_of_address(payload.get_address())]->exit.add(payload, slot.arrival_ps);
    wake_.notify(until_ps(slot.arrival_ps)); // does not put off an earlier one
    phase = tlm::END_REQ;
    delay = until_ps(slot.end_ps);
    return tlm::TLM_UPDATED;
}

tlm::tlm_sync_enum LinkSwitch::take_backward(int port, Payload& payload, tlm::tlm_phase& phase,
                                             sc_core::sc_time& delay) {
    const tlm::tlm_sync_enum answer =
        ports_[static_cast<std::size_t>(port)]->exit.backward(payload, phase, delay, now_ps());
    wake_.notify(sc_core::SC_ZERO_TIME);
    return answer;
}

void LinkSwitch::transport(int port, Payload& payload, sc_core::sc_time& delay) {
    const tlm::tlm_response_status refused = refusal(payload);
    if (refused != tlm::TLM_OK_RESPONSE) {
        payload.set_response_status(refused);
        return;
    }
    delay = until_ps(book(port, payload, now_ps() + delay.value()).arrival_ps);
    link_out[chip_of_address(payload.get_address())]->b_transport(payload, delay);
}

void LinkSwitch::move_messages() {
    const std::uint64_t now = now_ps();
    std::uint64_t wake = kNoLinkWork;
    for (const auto& port : ports_) {
        wake = std::min(wake, port->exit.deliver(now)); // first: it may add responses
    }
    for (const auto& port : ports_) {
        wake = std::min(wake, port->entry.send(now));
    }
    if (wake != kNoLinkWork) {
        wake_.notify(until_ps(std::max(wake, now)));
    }
}

std::uint64_t LinkSwitch::resent_flits() const {
    std::uint64_t sum = 0;
    for (const auto& port : ports_) {
        sum += port->from_chip.resent_flits();
    }
    return sum;
}

void LinkSwitch::report(Statistics& statistics) const {
    for (std::size_t i = 0; i < ports_.size(); ++i) {
        Statistics& port = statistics.child("port" + std::to_string(i));
        port.set("sent", ports_[i]->sent_bytes, "B");
        port.set("received", ports_[i]->received_bytes, "B");
        port.set("resent", ports_[i]->from_chip.resent_flits(), "flits");
    }
}

} // namespace systolica
