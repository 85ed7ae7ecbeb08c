// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "models/chip_link/link_ends.h"

#include <algorithm>

namespace systolica {

std::uint64_t LinkExit::deliver(std::uint64_t now_ps) {
    while (requested_ == nullptr && !landing_.empty() && landing_.front().at_ps <= now_ps) {
        Payload& payload = *landing_.front().payload;
        landing_.pop_front();
        tlm::tlm_phase phase = tlm::BEGIN_REQ;
        sc_core::sc_time delay;
        const tlm::tlm_sync_enum answer = forward_(payload, phase, delay);
        if (answer == tlm::TLM_COMPLETED) {
            taken_(payload, now_ps + delay.value());
        } else if (answer == tlm::TLM_UPDATED && phase == tlm::BEGIN_RESP) {
            const std::uint64_t at_ps = now_ps + delay.value();
            phase = tlm::END_RESP;
            forward_(payload, phase, delay);
            taken_(payload, at_ps);
        } else if (answer == tlm::TLM_ACCEPTED) {
            requested_ = &payload;
        }
    }
    return requested_ != nullptr || landing_.empty() ? kNoLinkWork : landing_.front().at_ps;
}

tlm::tlm_sync_enum LinkExit::backward(Payload& payload, tlm::tlm_phase& phase, const sc_core::sc_time& delay,
                                      std::uint64_t now_ps) {
    if (phase != tlm::END_REQ && phase != tlm::BEGIN_RESP) {
        return tlm::TLM_ACCEPTED; // an extended phase
    }
    requested_ = requested_ == &payload ? nullptr : requested_;
    if (phase == tlm::END_REQ) {
        return tlm::TLM_ACCEPTED;
    }
    taken_(payload, now_ps + delay.value());
    return tlm::TLM_COMPLETED;
}

std::uint64_t LinkEntry::send(std::uint64_t now_ps) {
    while (responded_ == nullptr && !waiting_.empty() && waiting_.front().at_ps <= now_ps) {
        Payload& payload = *waiting_.front().payload;
        waiting_.pop_front();
        tlm::tlm_phase phase = tlm::BEGIN_RESP;
        sc_core::sc_time delay;
        const tlm::tlm_sync_enum answer = backward_(payload, phase, delay);
        if (answer == tlm::TLM_ACCEPTED) {
            responded_ = &payload;
        } else {
            payload.release();
        }
    }
    return responded_ != nullptr || waiting_.empty() ? kNoLinkWork : waiting_.front().at_ps;
}

bool LinkEntry::end(const Payload& payload) {
    if (responded_ != &payload) {
        return false;
    }
    responded_->release();
    responded_ = nullptr;
    return true;
}

} // namespace systolica
