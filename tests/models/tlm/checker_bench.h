// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// A checker between two scripts, so that each rule can be kept or broken by itself.
#pragma once

#include <functional>

#include <gtest/gtest.h>

#include "models/tlm/payload_pool.h"
#include "models/tlm/protocol_checker.h"

namespace systolica::test {

using Payload = tlm::tlm_generic_payload;
using Rule = ProtocolChecker::Rule;
using Sync = tlm::tlm_sync_enum;
using Call = std::function<Sync(Payload&, tlm::tlm_phase&, sc_core::sc_time&)>;

inline Sync accept(Payload&, tlm::tlm_phase&, sc_core::sc_time&) {
    return tlm::TLM_ACCEPTED;
}

class Initiator : public sc_core::sc_module, private tlm::tlm_bw_transport_if<> {
public:
    explicit Initiator(const sc_core::sc_module_name& name) : sc_module(name) { out.bind(*this); }

    tlm::tlm_initiator_socket<32> out{"out"};
    Call backward = accept;

private:
    Sync nb_transport_bw(Payload& payload, tlm::tlm_phase& phase, sc_core::sc_time& delay) override {
        return backward(payload, phase, delay);
    }
    void invalidate_direct_mem_ptr(sc_dt::uint64, sc_dt::uint64) override {}
};

class Target : public sc_core::sc_module, private tlm::tlm_fw_transport_if<> {
public:
    explicit Target(const sc_core::sc_module_name& name) : sc_module(name) { in.bind(*this); }

    tlm::tlm_target_socket<32> in{"in"};
    Call forward = accept;
    std::function<void(Payload&, sc_core::sc_time&)> blocking;

private:
    Sync nb_transport_fw(Payload& payload, tlm::tlm_phase& phase, sc_core::sc_time& delay) override {
        return forward(payload, phase, delay);
    }
    void b_transport(Payload& payload, sc_core::sc_time& delay) override { blocking(payload, delay); }
    bool get_direct_mem_ptr(Payload&, tlm::tlm_dmi& dmi) override {
        dmi.set_start_address(4096);
        return true;
    }
    unsigned transport_dbg(Payload& payload) override { return payload.get_data_length() / 2; }
};

class CheckerBench : public testing::Test {
protected:
    CheckerBench() {
        initiator_.out.bind(checker_.check_in);
        checker_.check_out.bind(target_.in);
        sc_core::sc_start(sc_core::sc_time(50, sc_core::SC_NS)); // elaborates; time is not 0, so that it can go back
    }

    Payload& payload(tlm::tlm_command command = tlm::TLM_WRITE_COMMAND) { return pool_.acquire(command, 64, 32); }
    Sync forward(Payload& p, tlm::tlm_phase phase, double delay_ns = 0) {
        delay_ = sc_core::sc_time(delay_ns, sc_core::SC_NS);
        return initiator_.out->nb_transport_fw(p, phase, delay_);
    }
    Sync backward(Payload& p, tlm::tlm_phase phase, double delay_ns = 0) {
        delay_ = sc_core::sc_time(delay_ns, sc_core::SC_NS);
        return target_.in->nb_transport_bw(p, phase, delay_);
    }
    void respond(Payload& p, double delay_ns = 0) {
        p.set_response_status(tlm::TLM_OK_RESPONSE);
        backward(p, tlm::BEGIN_RESP, delay_ns);
    }
    // An answer to be given by a script.
    static Call answer(Sync sync, tlm::tlm_phase phase = tlm::UNINITIALIZED_PHASE,
                       tlm::tlm_response_status status = tlm::TLM_OK_RESPONSE) {
        return [=](Payload& p, tlm::tlm_phase& to, sc_core::sc_time&) {
            if (phase != tlm::UNINITIALIZED_PHASE) {
                to = phase;
            }
            if (sync != tlm::TLM_ACCEPTED && phase != tlm::END_REQ && phase != tlm::END_RESP) {
                p.set_response_status(status);
            }
            return sync;
        };
    }
    // That rule has been broken once and no other.
    void expect_broken(Rule rule) {
        EXPECT_EQ(checker_.violations(rule), 1U);
        EXPECT_EQ(checker_.violations(), 1U) << (checker_.texts().empty() ? "" : checker_.texts().back());
        EXPECT_EQ(checker_.texts().size(), 1U);
    }
    void expect_clean() {
        checker_.finish();
        EXPECT_EQ(checker_.violations(), 0U) << (checker_.texts().empty() ? "" : checker_.texts().front());
        EXPECT_EQ(checker_.outstanding(), 0U);
    }

    PayloadPool pool_{4096};
    ProtocolChecker checker_{"checker"};
    Initiator initiator_{"initiator"};
    Target target_{"target"};
    sc_core::sc_time delay_;
};

} // namespace systolica::test
