// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "models/dram/ideal_memory.h"

#include "tests/models/dram/test_initiator.h"

namespace systolica {
namespace {

using test::Script;
using test::TestInitiator;

TEST(IdealMemory, WithoutLatencyAndRateItAnswersAtOnce) {
    IdealMemory memory("memory", DramConfig());
    TestInitiator initiator("initiator");
    initiator.mem_out.bind(memory.mem_in[0]);
    Script script("script", [&] {
        sc_core::wait(sc_core::sc_time(7, sc_core::SC_NS));
        for (std::uint64_t i = 0; i < 100; ++i) {
            initiator.send(i % 2 == 0, i << 20, 256);
        }
    });
    sc_core::sc_start();
    ASSERT_EQ(initiator.answers.size(), 100U);
    EXPECT_EQ(initiator.records[99].answered_ps, 7000U);
    EXPECT_EQ(memory.counters().read_bytes, 50U * 256);
    EXPECT_EQ(memory.counters().write_bytes, 50U * 256);
    EXPECT_EQ(initiator.pool.in_use(), 0U);
}

TEST(IdealMemory, LatencyDoesNotLimitTheRate) {
    DramConfig config;
    config.ideal_latency_ns = 50;
    IdealMemory memory("memory", config);
    TestInitiator initiator("initiator");
    initiator.random_endings = false;
    initiator.mem_out.bind(memory.mem_in[0]);
    Script script("script", [&] {
        for (std::uint64_t i = 0; i < 100; ++i) {
            initiator.send(false, i * 256, 256);
            sc_core::wait(sc_core::sc_time(1, sc_core::SC_NS));
        }
    });
    sc_core::sc_start();
    ASSERT_EQ(initiator.answers.size(), 100U);
    for (const TestInitiator::Record& record : initiator.records) {
        EXPECT_EQ(record.accepted_ps, record.sent_ps);
        EXPECT_EQ(record.answered_ps, record.sent_ps + 50000);
    }
}

// 3e9 bytes a second, 256 bytes each: the n-th of a run ends at round(n * 256e12 / 3e9) ps, over both channels.
TEST(IdealMemory, AllChannelsShareTheRateWithoutDrift) {
    DramConfig config;
    config.channels = 2;
    config.ideal_bytes_per_s = 3e9;
    config.ideal_latency_ns = 10;
    IdealMemory memory("memory", config);
    TestInitiator first("first"), second("second");
    first.mem_out.bind(memory.mem_in[0]);
    second.mem_out.bind(memory.mem_in[1]);
    Script script("script", [&] {
        for (std::uint64_t i = 0; i < 500; ++i) {
            (i % 2 == 0 ? first : second).send(false, i * 256, 256);
        }
    });
    sc_core::sc_start();
    ASSERT_EQ(first.answers.size() + second.answers.size(), 500U);
    for (std::uint64_t i = 0; i < 500; ++i) {
        const std::uint64_t expected_ps = ((i + 1) * 256000 * 2 + 3) / 6 + 10000;
        EXPECT_EQ((i % 2 == 0 ? first : second).records[i / 2].answered_ps, expected_ps);
    }
}

TEST(IdealMemory, EndsInAnyFormAndErrorsAreAnswered) {
    DramConfig config;
    config.ideal_latency_ns = 20;
    config.ideal_bytes_per_s = 1e10;
    IdealMemory memory("memory", config);
    TestInitiator initiator("initiator", 3);
    initiator.random_endings = true;
    initiator.mem_out.bind(memory.mem_in[0]);
    Script script("script", [&] {
        for (std::uint64_t i = 0; i < 2000; ++i) {
            initiator.send(i % 3 == 0, i * 64, i % 10 == 9 ? 0 : 64, i % 7 == 0 ? 900 : 0);
            if (i % 50 == 0) {
                sc_core::wait(sc_core::sc_time(700, sc_core::SC_NS));
            }
        }
    });
    sc_core::sc_start();
    ASSERT_EQ(initiator.answers.size(), 2000U);
    for (std::size_t i = 0; i < 2000; ++i) {
        EXPECT_EQ(initiator.records[i].answers, 1U);
        EXPECT_EQ(initiator.records[i].status, i % 10 == 9 ? tlm::TLM_BURST_ERROR_RESPONSE : tlm::TLM_OK_RESPONSE);
    }
    EXPECT_EQ(initiator.pool.in_use(), 0U);
    EXPECT_EQ(memory.outstanding(), 0U);
}

TEST(IdealMemory, BlockingTransportTakesTheSameTime) {
    DramConfig config;
    config.ideal_latency_ns = 20;
    config.ideal_bytes_per_s = 1e9;
    IdealMemory memory("memory", config);
    TestInitiator initiator("initiator");
    initiator.mem_out.bind(memory.mem_in[0]);
    Script script("script", [&] {
        tlm::tlm_generic_payload& payload = initiator.pool.acquire(tlm::TLM_READ_COMMAND, 0, 100);
        sc_core::sc_time delay(5, sc_core::SC_NS);
        initiator.mem_out->b_transport(payload, delay);
        EXPECT_EQ(delay, sc_core::sc_time(5 + 100 + 20, sc_core::SC_NS));
        payload.release();
    });
    sc_core::sc_start();
}

} // namespace
} // namespace systolica
