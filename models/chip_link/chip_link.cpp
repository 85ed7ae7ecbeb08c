// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "models/chip_link/chip_link.h"

#include <algorithm>

#include "models/tlm/clock_edges.h"

namespace systolica {

tlm::tlm_response_status link_refusal(const tlm::tlm_generic_payload& payload) {
    if (!payload.is_write()) {
        return tlm::TLM_COMMAND_ERROR_RESPONSE;
    }
    if (payload.get_data_length() == 0 || payload.get_streaming_width() < payload.get_data_length()) {
        return tlm::TLM_BURST_ERROR_RESPONSE;
    }
    return payload.get_byte_enable_ptr() == nullptr ? tlm::TLM_OK_RESPONSE : tlm::TLM_BYTE_ENABLE_ERROR_RESPONSE;
}

ChipLink::ChipLink(const sc_core::sc_module_name& name, const Params& params)
    : sc_module(name),
      timing_(params),
      exit_([this](Payload& payload, tlm::tlm_phase& phase,
                   sc_core::sc_time& delay) { return link_out->nb_transport_fw(payload, phase, delay); },
            [this](Payload& payload, std::uint64_t at_ps) { entry_.respond(payload, at_ps); }),
      entry_([this](Payload& payload, tlm::tlm_phase& phase, sc_core::sc_time& delay) {
          return link_in->nb_transport_bw(payload, phase, delay);
      }) {
    sc_assert(sc_core::sc_get_time_resolution() == sc_core::sc_time(1, sc_core::SC_PS));
    link_in.register_nb_transport_fw(this, &ChipLink::take_forward);
    link_in.register_b_transport(this, &ChipLink::transport);
    link_out.register_nb_transport_bw(this, &ChipLink::take_backward);
    SC_HAS_PROCESS(ChipLink);
    SC_METHOD(move_messages);
    sensitive << wake_;
    dont_initialize();
}

LinkSlot ChipLink::book(const Payload& payload, std::uint64_t at_ps) {
    const LinkSlot slot = timing_.book(at_ps, payload.get_data_length());
    bytes_ += payload.get_data_length();
    busy_ps_ += slot.end_ps - slot.begin_ps;
    ++messages_;
    return slot;
}

tlm::tlm_sync_enum ChipLink::take_forward(Payload& payload, tlm::tlm_phase& phase, sc_core::sc_time& delay) {
    if (phase == tlm::END_RESP) {
        if (entry_.end(payload)) {
            wake_.notify(sc_core::SC_ZERO_TIME);
        }
        return tlm::TLM_COMPLETED;
    }
    if (phase != tlm::BEGIN_REQ) {
        return tlm::TLM_ACCEPTED; // an extended phase
    }
    const tlm::tlm_response_status refusal = link_refusal(payload);
    if (refusal != tlm::TLM_OK_RESPONSE) {
        payload.set_response_status(refusal);
        return tlm::TLM_COMPLETED;
    }
    payload.acquire();
    const LinkSlot slot = book(payload, now_ps() + delay.value());
    exit_.add(payload, slot.arrival_ps);
    wake_.notify(until_ps(slot.arrival_ps)); // does not put off an earlier one
    phase = tlm::END_REQ;
    delay = until_ps(slot.end_ps);
    return tlm::TLM_UPDATED;
}

tlm::tlm_sync_enum ChipLink::take_backward(Payload& payload, tlm::tlm_phase& phase, sc_core::sc_time& delay) {
    const tlm::tlm_sync_enum answer = exit_.backward(payload, phase, delay, now_ps());
    wake_.notify(sc_core::SC_ZERO_TIME);
    return answer;
}

void ChipLink::transport(Payload& payload, sc_core::sc_time& delay) {
    const tlm::tlm_response_status refusal = link_refusal(payload);
    if (refusal != tlm::TLM_OK_RESPONSE) {
        payload.set_response_status(refusal);
        return;
    }
    delay = until_ps(book(payload, now_ps() + delay.value()).arrival_ps);
    link_out->b_transport(payload, delay);
}

void ChipLink::move_messages() {
    const std::uint64_t now = now_ps();
    const std::uint64_t next = exit_.deliver(now); // first: it may add responses
    const std::uint64_t wake = std::min(next, entry_.send(now));
    if (wake != kNoLinkWork) {
        wake_.notify(until_ps(std::max(wake, now)));
    }
}

void ChipLink::report(Statistics& statistics) const {
    statistics.set("bytes", bytes_, "B");
    statistics.set("messages", messages_, "messages");
    statistics.set("resent", resent_flits(), "flits");
    statistics.set("busy", busy_ps_, "ps");
}

} // namespace systolica
