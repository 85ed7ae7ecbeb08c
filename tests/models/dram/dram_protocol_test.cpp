// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// The duties of a target of the base protocol: legal shortcuts, wrong phases, drained writes. A protocol checker sits
// between the two sides.
#include "models/dram/dram_channel.h"

#include <string>

#include "models/tlm/protocol_checker.h"
#include "tests/models/dram/test_initiator.h"

namespace systolica {
namespace {

using test::Script;
using test::TestInitiator;

constexpr std::uint64_t kCk = 625; // ps, LPDDR4-3200

// An initiator without manners: calls come from scripts, answers from a function.
class RawInitiator : public sc_core::sc_module, private tlm::tlm_bw_transport_if<> {
public:
    using Answer = std::function<tlm::tlm_sync_enum(tlm::tlm_generic_payload&, tlm::tlm_phase&, sc_core::sc_time&)>;
    struct Seen {
        std::string phase;
        std::uint64_t at_ck;
        bool operator==(const Seen& other) const { return phase == other.phase && at_ck == other.at_ck; }
    };

    explicit RawInitiator(const sc_core::sc_module_name& name) : sc_module(name) { mem_out.bind(*this); }

    tlm::tlm_sync_enum call(tlm::tlm_generic_payload& payload, tlm::tlm_phase phase, std::uint64_t delay_ck = 0) {
        phase_ = phase;
        sc_core::sc_time delay = sc_core::sc_time::from_value(delay_ck * kCk);
        return mem_out->nb_transport_fw(payload, phase_, delay);
    }
    tlm::tlm_phase answered() const { return phase_; }

    tlm::tlm_initiator_socket<32> mem_out{"mem_out"};
    Answer answer;
    std::vector<Seen> seen; // on the backward path
    PayloadPool pool{4096};

private:
    tlm::tlm_sync_enum nb_transport_bw(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                                       sc_core::sc_time& delay) override {
        seen.push_back({phase.get_name(), sc_core::sc_time_stamp().value() / kCk});
        return answer ? answer(payload, phase, delay) : tlm::TLM_ACCEPTED;
    }
    void invalidate_direct_mem_ptr(sc_dt::uint64, sc_dt::uint64) override {}

    tlm::tlm_phase phase_;
};

class DramProtocol : public testing::Test {
protected:
    using Seen = std::vector<RawInitiator::Seen>;

    static DramChannel::Params small_queues() {
        DramChannel::Params params;
        params.config.read_queue = 1;
        params.config.write_queue = 1;
        return params;
    }
    void run(const std::function<void()>& body) {
        initiator_.mem_out.bind(checker_.check_in);
        checker_.check_out.bind(memory_.mem_in);
        const Script script("script", body);
        sc_core::sc_start();
    }
    tlm::tlm_generic_payload& read(std::uint64_t address) {
        return initiator_.pool.acquire(tlm::TLM_READ_COMMAND, address, 32);
    }
    void wait_until_ck(std::uint64_t ck) {
        sc_core::wait(sc_core::sc_time::from_value(ck * kCk) - sc_core::sc_time_stamp());
    }
    void expect_clean() {
        checker_.finish();
        EXPECT_EQ(checker_.violations(), 0U) << (checker_.texts().empty() ? "" : checker_.texts().front());
        EXPECT_EQ(memory_.protocol_errors(), 0U);
        EXPECT_EQ(memory_.outstanding(), 0U);
    }

    DramChannel memory_{"memory", small_queues()};
    ProtocolChecker checker_{"checker"};
    RawInitiator initiator_{"initiator"};
};

// A queue of one: the second read waits for END_REQ until the first one's train has been decided, at 29 (ACT at 0).
TEST_F(DramProtocol, AllFourPhasesWithBackPressureAndDelays) {
    run([&] {
        tlm::tlm_generic_payload &first = read(0), &second = read(32);
        EXPECT_EQ(initiator_.call(first, tlm::BEGIN_REQ), tlm::TLM_UPDATED);
        EXPECT_EQ(initiator_.answered(), tlm::END_REQ);
        EXPECT_EQ(initiator_.call(second, tlm::BEGIN_REQ, 3), tlm::TLM_ACCEPTED);
        wait_until_ck(100); // both have been served, the first response waits for its end
        EXPECT_EQ(initiator_.seen, (Seen{{"END_REQ", 29}, {"BEGIN_RESP", 65}}));
        EXPECT_EQ(memory_.outstanding(), 2U);
        EXPECT_EQ(initiator_.call(first, tlm::END_RESP, 10), tlm::TLM_COMPLETED);
        first.release();
        wait_until_ck(120);
        EXPECT_EQ(initiator_.call(second, tlm::END_RESP), tlm::TLM_COMPLETED);
        second.release();
    });
    EXPECT_EQ(initiator_.seen, (Seen{{"END_REQ", 29}, {"BEGIN_RESP", 65}, {"BEGIN_RESP", 110}}));
    EXPECT_EQ(initiator_.pool.in_use(), 0U);
    expect_clean();
}

TEST_F(DramProtocol, AResponseMayBeEndedInAnyLegalForm) {
    std::vector<RawInitiator::Answer> forms{
        [&](tlm::tlm_generic_payload& p, tlm::tlm_phase&, sc_core::sc_time&) {
            p.release();
            return tlm::TLM_COMPLETED;
        },
        [&](tlm::tlm_generic_payload& p, tlm::tlm_phase& phase, sc_core::sc_time& delay) {
            p.release();
            phase = tlm::END_RESP;
            delay += sc_core::sc_time::from_value(50 * kCk); // the next one waits for that
            return tlm::TLM_UPDATED;
        },
        [&](tlm::tlm_generic_payload& p, tlm::tlm_phase&, sc_core::sc_time&) {
            initiator_.call(p, tlm::END_RESP);
            p.release();
            return tlm::TLM_ACCEPTED;
        },
    };
    std::size_t form = 0;
    initiator_.answer = [&](tlm::tlm_generic_payload& p, tlm::tlm_phase& phase, sc_core::sc_time& delay) {
        return phase == tlm::BEGIN_RESP ? forms[form++](p, phase, delay) : tlm::TLM_ACCEPTED;
    };
    run([&] {
        for (const std::uint64_t ck : {0U, 30U, 70U}) { // served by 65, 73, and 106
            wait_until_ck(ck);
            initiator_.call(read(ck / 32 * 32), tlm::BEGIN_REQ);
        }
    });
    EXPECT_EQ(form, 3U);
    EXPECT_EQ(initiator_.seen, (Seen{{"BEGIN_RESP", 65}, {"BEGIN_RESP", 73}, {"BEGIN_RESP", 73 + 50}}));
    EXPECT_EQ(initiator_.pool.in_use(), 0U);
    expect_clean();
}

TEST_F(DramProtocol, ErrorsKeepTheExclusionRulesToo) {
    run([&] {
        for (int i = 0; i < 5; ++i) {
            tlm::tlm_generic_payload& wrong = read(std::uint64_t{1} << 40);
            EXPECT_EQ(initiator_.call(wrong, tlm::BEGIN_REQ, i == 2 ? 7 : 0),
                      i == 2 ? tlm::TLM_ACCEPTED : tlm::TLM_UPDATED);
            wait_until_ck(100U * static_cast<unsigned>(i) + 50);
            EXPECT_EQ(wrong.get_response_status(), tlm::TLM_ADDRESS_ERROR_RESPONSE);
            initiator_.call(wrong, tlm::END_RESP);
            wrong.release();
            wait_until_ck(100U * static_cast<unsigned>(i) + 100);
        }
    });
    EXPECT_EQ(initiator_.seen, (Seen{{"BEGIN_RESP", 0},
                                     {"BEGIN_RESP", 100},
                                     {"END_REQ", 207},
                                     {"BEGIN_RESP", 207},
                                     {"BEGIN_RESP", 300},
                                     {"BEGIN_RESP", 400}}));
    expect_clean();
}

// The report handler keeps going, so that what follows the mistake is seen.
class DramMistakes : public DramProtocol {
protected:
    DramMistakes() {
        reports_.clear();
        sc_core::sc_report_handler::set_handler([](const sc_core::sc_report& report, const sc_core::sc_actions&) {
            reports_.push_back(std::string(report.get_msg_type()) + ": " + report.get_msg());
        });
    }
    ~DramMistakes() override { sc_core::sc_report_handler::set_handler(nullptr); }

    static std::vector<std::string> reports_; // a report handler is a plain function
};

std::vector<std::string> DramMistakes::reports_;

TEST_F(DramMistakes, ARequestBeforeEndReqIsRefusedAndTheOthersAreServed) {
    run([&] {
        initiator_.call(read(0), tlm::BEGIN_REQ);
        initiator_.call(read(32), tlm::BEGIN_REQ); // withheld
        tlm::tlm_generic_payload& third = read(64);
        EXPECT_EQ(initiator_.call(third, tlm::BEGIN_REQ), tlm::TLM_COMPLETED);
        EXPECT_EQ(third.get_response_status(), tlm::TLM_GENERIC_ERROR_RESPONSE);
        EXPECT_EQ(reports_,
                  std::vector<std::string>{
                      "/dram/protocol: memory: BEGIN_REQ before END_REQ of the request before (address 64, 32 bytes): "
                      "expected END_RESP only, until END_REQ has come"});
    });
    EXPECT_EQ(memory_.counters().reads, 2U);
    EXPECT_EQ(memory_.protocol_errors(), 1U);
}

TEST_F(DramMistakes, AnEndRespThatNobodyWaitsForIsReportedOnceAndChangesNothing) {
    run([&] {
        tlm::tlm_generic_payload &first = read(0), &other = read(32);
        EXPECT_EQ(initiator_.call(first, tlm::END_RESP), tlm::TLM_ACCEPTED);
        EXPECT_EQ(reports_,
                  std::vector<std::string>{"/dram/protocol: memory: END_RESP on the forward path (address 0, 32 "
                                           "bytes): expected BEGIN_REQ, since no response waits for END_RESP"});
        initiator_.call(first, tlm::BEGIN_REQ);
        wait_until_ck(100);
        EXPECT_EQ(initiator_.call(other, tlm::END_RESP), tlm::TLM_ACCEPTED) << "of another payload";
        EXPECT_EQ(initiator_.call(first, tlm::END_REQ), tlm::TLM_ACCEPTED);
        EXPECT_EQ(initiator_.call(first, tlm::BEGIN_RESP), tlm::TLM_ACCEPTED);
        EXPECT_EQ(memory_.outstanding(), 1U);
        EXPECT_EQ(initiator_.call(first, tlm::END_RESP), tlm::TLM_COMPLETED);
        first.release();
        other.release();
    });
    EXPECT_EQ(reports_.size(), 1U);
    EXPECT_EQ(memory_.protocol_errors(), 4U);
    EXPECT_EQ(memory_.outstanding(), 0U);
    EXPECT_EQ(initiator_.pool.in_use(), 0U);
}

TEST_F(DramMistakes, APayloadWithoutAMemoryManagerIsRefused) {
    run([&] {
        tlm::tlm_generic_payload own;
        own.set_read();
        own.set_data_length(32);
        own.set_streaming_width(32);
        EXPECT_EQ(initiator_.call(own, tlm::BEGIN_REQ), tlm::TLM_COMPLETED);
        EXPECT_EQ(own.get_response_status(), tlm::TLM_GENERIC_ERROR_RESPONSE);
        EXPECT_EQ(reports_, std::vector<std::string>{"/dram/protocol: memory: BEGIN_REQ of a payload without a memory "
                                                     "manager (address 0, 32 bytes): expected a memory manager"});
    });
    EXPECT_EQ(memory_.outstanding(), 0U);
}

TEST_F(DramMistakes, WrongAnswersOnTheBackwardPathAreReported) {
    initiator_.answer = [](tlm::tlm_generic_payload&, tlm::tlm_phase& phase, sc_core::sc_time&) {
        phase = tlm::BEGIN_REQ;
        return tlm::TLM_UPDATED;
    };
    run([&] {
        tlm::tlm_generic_payload& first = read(0);
        initiator_.call(first, tlm::BEGIN_REQ);
        wait_until_ck(100);
        EXPECT_EQ(
            reports_,
            std::vector<std::string>{
                "/dram/protocol: memory: BEGIN_REQ in answer to BEGIN_RESP (address 0, 32 bytes): expected END_RESP or "
                "TLM_COMPLETED, once"});
        EXPECT_EQ(memory_.outstanding(), 1U) << "it still waits for its end";
        initiator_.call(first, tlm::END_RESP);
        first.release();
    });
    EXPECT_EQ(memory_.outstanding(), 0U);
    EXPECT_EQ(initiator_.pool.in_use(), 0U);
}

// WR at 29, the last beat at 29 + 14 + 8.
TEST_F(DramProtocol, WritesAreDrainedWithTheirLastBeat) {
    initiator_.answer = [](tlm::tlm_generic_payload& p, tlm::tlm_phase& phase, sc_core::sc_time&) {
        if (phase != tlm::BEGIN_RESP) {
            return tlm::TLM_ACCEPTED;
        }
        p.release();
        return tlm::TLM_COMPLETED;
    };
    run([&] {
        EXPECT_TRUE(memory_.writes_drained());
        initiator_.call(initiator_.pool.acquire(tlm::TLM_WRITE_COMMAND, 0, 32), tlm::BEGIN_REQ);
        for (const std::uint64_t ck : {1U, 30U, 50U}) {
            wait_until_ck(ck);
            EXPECT_FALSE(memory_.writes_drained()) << ck;
        }
        wait_until_ck(52);
        EXPECT_TRUE(memory_.writes_drained());
        tlm::tlm_generic_payload& blocking = initiator_.pool.acquire(tlm::TLM_WRITE_COMMAND, 32, 32);
        sc_core::sc_time delay;
        wait_until_ck(100);
        initiator_.mem_out->b_transport(blocking, delay);
        blocking.release();
        EXPECT_EQ(delay.value(), (14 + 8) * kCk);
        wait_until_ck(121);
        EXPECT_FALSE(memory_.writes_drained());
        wait_until_ck(122);
        EXPECT_TRUE(memory_.writes_drained());
        EXPECT_EQ(memory_.outstanding(), 0U);
    });
    expect_clean();
}

} // namespace
} // namespace systolica
