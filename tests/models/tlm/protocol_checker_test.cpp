// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// What the checker lets pass.
#include "tests/models/tlm/checker_bench.h"

namespace systolica::test {
namespace {

TLM_DECLARE_EXTENDED_PHASE(grant_probe);

using ProtocolCheckerTest = CheckerBench;

TEST_F(ProtocolCheckerTest, FourPhasesPassUnchanged) {
    Payload& p = payload();
    EXPECT_EQ(forward(p, tlm::BEGIN_REQ, 5), tlm::TLM_ACCEPTED);
    EXPECT_EQ(delay_, sc_core::sc_time(5, sc_core::SC_NS));
    backward(p, tlm::END_REQ, 7);
    respond(p, 7);
    EXPECT_EQ(checker_.outstanding(), 1U);
    forward(p, tlm::END_RESP, 9);
    expect_clean();
    EXPECT_EQ(checker_.transactions(), 1U);
}

TEST_F(ProtocolCheckerTest, EveryShortcutIsLegal) {
    target_.forward = answer(tlm::TLM_COMPLETED);
    forward(payload(), tlm::BEGIN_REQ);
    target_.forward = answer(tlm::TLM_UPDATED, tlm::BEGIN_RESP);
    Payload& second = payload();
    forward(second, tlm::BEGIN_REQ);
    target_.forward = answer(tlm::TLM_COMPLETED);
    forward(second, tlm::END_RESP);
    target_.forward = answer(tlm::TLM_UPDATED, tlm::END_REQ);
    Payload &third = payload(), &fourth = payload();
    forward(third, tlm::BEGIN_REQ);
    forward(fourth, tlm::BEGIN_REQ);
    initiator_.backward = answer(tlm::TLM_COMPLETED);
    respond(fourth); // out of order
    initiator_.backward = answer(tlm::TLM_UPDATED, tlm::END_RESP);
    respond(third);
    target_.forward = accept;
    Payload& fifth = payload();
    forward(fifth, tlm::BEGIN_REQ);
    respond(fifth); // implies END_REQ
    expect_clean();
    EXPECT_EQ(checker_.transactions(), 5U);
}

TEST_F(ProtocolCheckerTest, AnInitiatorMaySendWhatItLikesFromABackwardCall) {
    Payload &first = payload(), &second = payload();
    forward(first, tlm::BEGIN_REQ);
    initiator_.backward = [&](Payload&, tlm::tlm_phase& phase, sc_core::sc_time&) {
        if (phase == tlm::END_REQ) {
            forward(second, tlm::BEGIN_REQ);
        } else {
            forward(first, tlm::END_RESP);
        }
        return tlm::TLM_ACCEPTED;
    };
    backward(first, tlm::END_REQ);
    respond(first);
    initiator_.backward = answer(tlm::TLM_COMPLETED);
    respond(second);
    expect_clean();
}

TEST_F(ProtocolCheckerTest, ReadDataAndTheStatusMayChange) {
    Payload& p = payload(tlm::TLM_READ_COMMAND);
    forward(p, tlm::BEGIN_REQ);
    p.get_data_ptr()[3] = 99;
    p.set_dmi_allowed(true);
    respond(p);
    forward(p, tlm::END_RESP);
    expect_clean();
}

TEST_F(ProtocolCheckerTest, ExtendedPhasesAreNoneOfItsBusiness) {
    Payload& p = payload();
    forward(p, grant_probe);
    backward(p, grant_probe);
    expect_clean();
}

TEST_F(ProtocolCheckerTest, DebugAndDirectMemoryPassThrough) {
    Payload& p = payload();
    tlm::tlm_dmi dmi;
    EXPECT_EQ(initiator_.out->transport_dbg(p), 16U);
    EXPECT_TRUE(initiator_.out->get_direct_mem_ptr(p, dmi));
    EXPECT_EQ(dmi.get_start_address(), 4096U);
    expect_clean();
}

TEST_F(ProtocolCheckerTest, BlockingCallsAreCheckedToo) {
    sc_core::sc_time delay(5, sc_core::SC_NS);
    target_.blocking = [](Payload& p, sc_core::sc_time& d) {
        p.set_response_status(tlm::TLM_OK_RESPONSE);
        d += sc_core::sc_time(1, sc_core::SC_NS);
    };
    initiator_.out->b_transport(payload(), delay);
    EXPECT_EQ(delay, sc_core::sc_time(6, sc_core::SC_NS));
    EXPECT_EQ(checker_.violations(), 0U);
    target_.blocking = [](Payload&, sc_core::sc_time&) {};
    initiator_.out->b_transport(payload(), delay);
    EXPECT_EQ(checker_.violations(Rule::response_status), 1U);
    target_.blocking = [](Payload& p, sc_core::sc_time& d) {
        p.set_response_status(tlm::TLM_OK_RESPONSE);
        p.set_address(0);
        d = sc_core::SC_ZERO_TIME;
    };
    initiator_.out->b_transport(payload(), delay);
    EXPECT_EQ(checker_.violations(Rule::attributes), 1U);
    EXPECT_EQ(checker_.violations(Rule::time), 1U);
    EXPECT_EQ(checker_.violations(), 3U);
}

TEST_F(ProtocolCheckerTest, KeepsTheFirstTextsAndCountsAll) {
    for (int i = 0; i < 100; ++i) {
        respond(payload());
    }
    EXPECT_EQ(checker_.violations(), 100U);
    EXPECT_EQ(checker_.texts().size(), ProtocolChecker::kKeptTexts);
}

} // namespace
} // namespace systolica::test
