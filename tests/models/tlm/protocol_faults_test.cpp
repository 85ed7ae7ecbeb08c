// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// Each rule of the base protocol broken by itself.
#include "tests/models/tlm/checker_bench.h"

namespace systolica::test {
namespace {

using ProtocolFaults = CheckerBench;

TEST_F(ProtocolFaults, CatchesAResponseToNothing) {
    respond(payload());
    expect_broken(Rule::phase);
    EXPECT_EQ(checker_.texts()[0], "50 ns: phase: expected BEGIN_REQ, got BEGIN_RESP on the backward path (address 64, "
                                   "32 bytes)");
}

TEST_F(ProtocolFaults, CatchesASecondEndReq) {
    Payload& p = payload();
    forward(p, tlm::BEGIN_REQ);
    backward(p, tlm::END_REQ);
    backward(p, tlm::END_REQ);
    expect_broken(Rule::phase);
}

TEST_F(ProtocolFaults, CatchesASecondResponse) {
    Payload& p = payload();
    initiator_.backward = answer(tlm::TLM_COMPLETED);
    forward(p, tlm::BEGIN_REQ);
    respond(p);
    respond(p);
    expect_broken(Rule::phase);
}

TEST_F(ProtocolFaults, CatchesEndRespBeforeItsTime) {
    Payload& p = payload();
    forward(p, tlm::BEGIN_REQ);
    forward(p, tlm::END_RESP);
    expect_broken(Rule::phase);
}

TEST_F(ProtocolFaults, CatchesPhasesOnTheWrongPath) {
    Payload& p = payload();
    forward(p, tlm::BEGIN_REQ);
    forward(p, tlm::END_REQ);
    expect_broken(Rule::phase);
    backward(p, tlm::END_RESP);
    EXPECT_EQ(checker_.violations(Rule::phase), 2U);
}

TEST_F(ProtocolFaults, CatchesAPayloadInUseThatIsSentAgain) {
    target_.forward = answer(tlm::TLM_UPDATED, tlm::END_REQ);
    Payload& p = payload();
    forward(p, tlm::BEGIN_REQ);
    forward(p, tlm::BEGIN_REQ);
    expect_broken(Rule::phase);
}

TEST_F(ProtocolFaults, CatchesAWrongAnswerToBeginReq) {
    target_.forward = answer(tlm::TLM_UPDATED, tlm::END_RESP);
    forward(payload(), tlm::BEGIN_REQ);
    expect_broken(Rule::phase);
}

TEST_F(ProtocolFaults, CatchesAWrongAnswerToEndResp) {
    Payload& p = payload();
    forward(p, tlm::BEGIN_REQ);
    respond(p);
    target_.forward = answer(tlm::TLM_UPDATED, tlm::END_RESP);
    forward(p, tlm::END_RESP);
    expect_broken(Rule::phase);
}

TEST_F(ProtocolFaults, CatchesAWrongAnswerToEndReq) {
    Payload& p = payload();
    forward(p, tlm::BEGIN_REQ);
    initiator_.backward = answer(tlm::TLM_COMPLETED);
    backward(p, tlm::END_REQ);
    expect_broken(Rule::phase);
}

TEST_F(ProtocolFaults, CatchesAResponseThatIsEndedTwice) {
    Payload& p = payload();
    forward(p, tlm::BEGIN_REQ);
    initiator_.backward = [&](Payload&, tlm::tlm_phase&, sc_core::sc_time&) {
        forward(p, tlm::END_RESP);
        return tlm::TLM_COMPLETED;
    };
    respond(p);
    expect_broken(Rule::phase);
}

TEST_F(ProtocolFaults, CatchesARequestBeforeTheEndOfTheOneBefore) {
    forward(payload(), tlm::BEGIN_REQ);
    forward(payload(), tlm::BEGIN_REQ);
    expect_broken(Rule::request_exclusion);
}

TEST_F(ProtocolFaults, CatchesARequestBeforeTheAnnotatedEndOfTheOneBefore) {
    target_.forward = [](Payload&, tlm::tlm_phase& phase, sc_core::sc_time& delay) {
        phase = tlm::END_REQ;
        delay += sc_core::sc_time(3, sc_core::SC_NS);
        return tlm::TLM_UPDATED;
    };
    forward(payload(), tlm::BEGIN_REQ);
    forward(payload(), tlm::BEGIN_REQ, 3);
    EXPECT_EQ(checker_.violations(), 0U);
    forward(payload(), tlm::BEGIN_REQ, 5); // END_REQ came at 3 + 3
    expect_broken(Rule::request_exclusion);
}

TEST_F(ProtocolFaults, CatchesAResponseBeforeTheEndOfTheOneBefore) {
    target_.forward = answer(tlm::TLM_UPDATED, tlm::END_REQ);
    Payload &first = payload(), &second = payload();
    forward(first, tlm::BEGIN_REQ);
    forward(second, tlm::BEGIN_REQ);
    respond(first);
    respond(second);
    expect_broken(Rule::response_exclusion);
}

TEST_F(ProtocolFaults, CatchesEveryAttributeThatChanges) {
    std::vector<unsigned char> enables(4, TLM_BYTE_ENABLED);
    std::vector<unsigned char> buffer(64, 1), other(64, 1);
    const std::vector<std::function<void(Payload&)>> changes{
        [](Payload& p) { p.set_command(tlm::TLM_READ_COMMAND); },
        [](Payload& p) { p.set_address(65); },
        [](Payload& p) { p.set_data_length(31); },
        [&](Payload& p) { p.set_data_ptr(other.data()); },
        [](Payload& p) { p.set_streaming_width(16); },
        [](Payload& p) { p.set_byte_enable_ptr(nullptr); },
        [](Payload& p) { p.set_byte_enable_length(2); },
        [&](Payload&) { enables[1] = TLM_BYTE_DISABLED; },
        [&](Payload&) { buffer[31] = 2; }, // the last byte of the write
    };
    initiator_.backward = answer(tlm::TLM_COMPLETED);
    std::uint64_t expected = 0;
    for (const auto& change : changes) {
        Payload& p = payload();
        p.set_data_ptr(buffer.data());
        p.set_byte_enable_ptr(enables.data());
        p.set_byte_enable_length(4);
        forward(p, tlm::BEGIN_REQ);
        change(p);
        respond(p);
        EXPECT_EQ(checker_.violations(Rule::attributes), ++expected);
        EXPECT_EQ(checker_.violations(), expected);
    }
}

TEST_F(ProtocolFaults, CatchesTimeThatGoesBack) {
    Payload& p = payload();
    forward(p, tlm::BEGIN_REQ, 10);
    backward(p, tlm::END_REQ, 9);
    expect_broken(Rule::time);
}

TEST_F(ProtocolFaults, CatchesDelayThatIsTakenAway) {
    target_.forward = [](Payload& p, tlm::tlm_phase&, sc_core::sc_time& delay) {
        delay = sc_core::SC_ZERO_TIME;
        p.set_response_status(tlm::TLM_OK_RESPONSE);
        return tlm::TLM_COMPLETED;
    };
    forward(payload(), tlm::BEGIN_REQ, 10);
    EXPECT_GE(checker_.violations(Rule::time), 1U);
    EXPECT_EQ(checker_.violations(), checker_.violations(Rule::time));
}

TEST_F(ProtocolFaults, CatchesAPayloadWithoutAMemoryManager) {
    Payload p;
    p.set_data_length(4);
    forward(p, tlm::BEGIN_REQ);
    expect_broken(Rule::memory_manager);
}

TEST_F(ProtocolFaults, CatchesAPayloadThatHasBeenReleased) {
    Payload& p = payload();
    p.release();
    p.set_data_length(4); // the pool has reset it
    forward(p, tlm::BEGIN_REQ);
    expect_broken(Rule::memory_manager);
}

TEST_F(ProtocolFaults, CatchesAStatusThatIsSetTooEarlyOrNotAtAll) {
    Payload& p = payload();
    p.set_response_status(tlm::TLM_OK_RESPONSE);
    forward(p, tlm::BEGIN_REQ);
    expect_broken(Rule::response_status);
    p.set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);
    backward(p, tlm::BEGIN_RESP);
    EXPECT_EQ(checker_.violations(Rule::response_status), 2U);
    target_.forward = answer(tlm::TLM_COMPLETED, tlm::UNINITIALIZED_PHASE, tlm::TLM_INCOMPLETE_RESPONSE);
    forward(payload(), tlm::BEGIN_REQ);
    EXPECT_EQ(checker_.violations(Rule::response_status), 3U);
    EXPECT_EQ(checker_.violations(), 3U);
}

TEST_F(ProtocolFaults, CatchesABackwardCallFromInsideAForwardCall) {
    target_.forward = [&](Payload& p, tlm::tlm_phase&, sc_core::sc_time&) {
        backward(p, tlm::END_REQ);
        return tlm::TLM_ACCEPTED;
    };
    forward(payload(), tlm::BEGIN_REQ);
    expect_broken(Rule::nesting);
}

TEST_F(ProtocolFaults, CatchesWhatIsLeftAtTheEnd) {
    target_.forward = answer(tlm::TLM_UPDATED, tlm::END_REQ);
    forward(payload(), tlm::BEGIN_REQ);
    forward(payload(), tlm::BEGIN_REQ);
    EXPECT_EQ(checker_.violations(), 0U);
    checker_.finish();
    EXPECT_EQ(checker_.violations(Rule::unfinished), 2U);
    EXPECT_EQ(checker_.outstanding(), 2U);
}

} // namespace
} // namespace systolica::test
