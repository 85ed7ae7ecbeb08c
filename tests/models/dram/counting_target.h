// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// The other side of a trace player.
#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>
#include <vector>

#include <systemc>
#include <tlm>

#include <gtest/gtest.h>

#include "machine/dram/timings.h"

namespace systolica::test {

inline constexpr std::uint64_t kClockPs = 625; // LPDDR4-3200

inline sc_core::sc_time clocks(Ck count) {
    return sc_core::sc_time::from_value(count * kClockPs);
}

// A memory that can be worked out by hand: it holds `room` requests, serves one after another in `service` clocks each,
// and takes the next one when it has answered one.
class CountingTarget : public sc_core::sc_module, private tlm::tlm_fw_transport_if<> {
public:
    enum class Form { four_phases, response_implies_acceptance, completed, response_returned };

    tlm::tlm_target_socket<32> mem_in{"mem_in"};
    std::size_t room = 2;
    Ck service = 10;
    Form form = Form::four_phases;
    tlm::tlm_response_status status = tlm::TLM_OK_RESPONSE;
    std::vector<Ck> accepted;
    std::vector<std::uint64_t> addresses;
    std::vector<unsigned> bytes;
    std::vector<bool> writes;
    int ended = 0; // END_RESP calls

    explicit CountingTarget(const sc_core::sc_module_name& name) : sc_module(name) {
        mem_in.bind(*this);
        SC_HAS_PROCESS(CountingTarget);
        SC_METHOD(answer);
        sensitive << answer_;
        dont_initialize();
    }

private:
    static Ck now() { return sc_core::sc_time_stamp().value() / kClockPs; }

    void accept(tlm::tlm_generic_payload& payload) {
        payload.acquire();
        accepted.push_back(now());
        addresses.push_back(payload.get_address());
        bytes.push_back(payload.get_data_length());
        writes.push_back(payload.is_write());
        held_.push_back(&payload);
        if (held_.size() == 1) {
            answer_.notify(clocks(service));
        }
    }

    tlm::tlm_sync_enum nb_transport_fw(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                                       sc_core::sc_time& delay) override {
        EXPECT_EQ(sc_core::sc_time_stamp().value() % kClockPs, 0u) << "not on an edge of the memory's clock";
        if (phase == tlm::END_RESP) {
            ++ended;
            return tlm::TLM_COMPLETED;
        }
        EXPECT_EQ(phase, tlm::BEGIN_REQ);
        EXPECT_EQ(withheld_, nullptr) << "BEGIN_REQ before END_REQ of the one before";
        EXPECT_EQ(delay, sc_core::SC_ZERO_TIME);
        if (form == Form::completed || form == Form::response_returned) {
            accepted.push_back(now());
            delay = clocks(service);
            payload.set_response_status(status);
            phase = form == Form::response_returned ? tlm::tlm_phase(tlm::BEGIN_RESP) : phase;
            return form == Form::completed ? tlm::TLM_COMPLETED : tlm::TLM_UPDATED;
        }
        if (form == Form::response_implies_acceptance || held_.size() == room) {
            withheld_ = &payload;
            if (form == Form::response_implies_acceptance) {
                answer_.notify(clocks(service));
            }
            return tlm::TLM_ACCEPTED;
        }
        accept(payload);
        phase = tlm::END_REQ;
        return tlm::TLM_UPDATED;
    }

    void respond(tlm::tlm_generic_payload& payload) {
        payload.set_response_status(status);
        tlm::tlm_phase phase = tlm::BEGIN_RESP;
        sc_core::sc_time delay;
        EXPECT_EQ(mem_in->nb_transport_bw(payload, phase, delay), tlm::TLM_COMPLETED);
    }

    void answer() {
        if (form == Form::response_implies_acceptance) {
            tlm::tlm_generic_payload& payload = *withheld_;
            withheld_ = nullptr;
            respond(payload);
            return;
        }
        tlm::tlm_generic_payload& payload = *held_.front();
        held_.pop_front();
        respond(payload);
        payload.release();
        if (!held_.empty()) {
            answer_.notify(clocks(service));
        }
        if (withheld_ != nullptr) {
            tlm::tlm_generic_payload& next = *withheld_;
            withheld_ = nullptr;
            accept(next);
            tlm::tlm_phase phase = tlm::END_REQ;
            sc_core::sc_time delay;
            mem_in->nb_transport_bw(next, phase, delay);
        }
    }

    // Loosely timed: each begins `service` clocks after the one before and takes 36 clocks, RL + BL/2.
    void b_transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) override {
        const Ck at = (sc_core::sc_time_stamp() + delay).value() / kClockPs;
        accepted.push_back(at);
        const Ck begin = std::max(at, free_at_);
        free_at_ = begin + service;
        delay = sc_core::sc_time::from_value((begin + 36) * kClockPs) - sc_core::sc_time_stamp();
        payload.set_response_status(status);
    }
    bool get_direct_mem_ptr(tlm::tlm_generic_payload&, tlm::tlm_dmi&) override { return false; }
    unsigned transport_dbg(tlm::tlm_generic_payload&) override { return 0; }

    std::deque<tlm::tlm_generic_payload*> held_;
    tlm::tlm_generic_payload* withheld_ = nullptr;
    Ck free_at_ = 0;
    sc_core::sc_event answer_{"answer_due"};
};

} // namespace systolica::test
