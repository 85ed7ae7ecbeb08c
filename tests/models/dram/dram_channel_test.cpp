// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "models/dram/dram_channel.h"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "tests/models/dram/test_initiator.h"

namespace systolica {
namespace {

using test::Script;
using test::TestInitiator;

constexpr std::uint64_t kCk = 625; // ps, LPDDR4-3200
constexpr std::uint64_t kSameBank = 16384;

DramChannel::Params lpddr4(unsigned channels = 1, unsigned channel = 0) {
    DramChannel::Params params;
    params.config.channels = channels;
    params.channel = channel;
    return params;
}

void wait_until_ck(std::uint64_t ck) {
    sc_core::wait(sc_core::sc_time::from_value(ck * kCk) - sc_core::sc_time_stamp());
}

TEST(DramChannel, IsolatedReadsTakeTheStandardsClocksAfterTheFrontEnd) {
    DramChannel::Params params = lpddr4();
    params.config.frontend_latency_ns = 10; // 16 CK
    DramChannel memory("memory", params);
    TestInitiator initiator("initiator");
    initiator.mem_out.bind(memory.mem_in);
    Script script("script", [&] {
        std::uint64_t at = 1000;
        for (const std::uint64_t address : {std::uint64_t{0}, std::uint64_t{64}, kSameBank, kSameBank + 32}) {
            wait_until_ck(at);
            initiator.send(false, address, 32);
            at += 1000;
        }
    });
    sc_core::sc_start();
    const std::vector<std::uint64_t> expected{65, 36, 94, 36}; // RL + BL/2, + tRCD, + tRPpb
    ASSERT_EQ(initiator.answers.size(), 4U);
    for (std::size_t i = 0; i < 4; ++i) {
        const TestInitiator::Record& record = initiator.records[i];
        EXPECT_EQ(record.accepted_ps, record.sent_ps);
        EXPECT_EQ(record.answered_ps - record.sent_ps, (expected[i] + 16) * kCk);
        EXPECT_EQ(record.status, tlm::TLM_OK_RESPONSE);
    }
}

TEST(DramChannel, RequestBetweenClockEdgesWaitsForTheNext) {
    DramChannel memory("memory", lpddr4());
    TestInitiator initiator("initiator");
    initiator.mem_out.bind(memory.mem_in);
    Script script("script", [&] {
        sc_core::wait(sc_core::sc_time(1000 * kCk + 1, sc_core::SC_PS));
        initiator.send(false, 0, 32);
    });
    sc_core::sc_start();
    ASSERT_EQ(initiator.answers.size(), 1U);
    EXPECT_EQ(initiator.records[0].answered_ps, (1001 + 65) * kCk);
}

TEST(DramChannel, AnnotatedDelayOfARequestIsHonoured) {
    DramChannel memory("memory", lpddr4());
    TestInitiator initiator("initiator");
    initiator.mem_out.bind(memory.mem_in);
    Script script("script", [&] { initiator.send(false, 0, 32, 100 * kCk); });
    sc_core::sc_start();
    EXPECT_EQ(initiator.records[0].accepted_ps, 100 * kCk);
    EXPECT_EQ(initiator.records[0].answered_ps, (100 + 65) * kCk);
}

TEST(DramChannel, ClockThatIsNoWholeNumberOfPicosecondsKeepsTheClockCount) {
    DramChannel::Params params = lpddr4();
    params.config.part.data_rate_mtps = 4266;
    DramChannel memory("memory", params);
    TestInitiator initiator("initiator");
    initiator.mem_out.bind(memory.mem_in);
    Script script("script", [&] { initiator.send(false, 0, 32); });
    sc_core::sc_start();
    EXPECT_EQ(initiator.records[0].answered_ps, 30474U); // 65 / 2133 MHz = 30473.5 ps
}

// 6000 requests of all kinds from an initiator that ends responses in every legal way: all answered once, the queues
// overflow, same bytes keep their order, nothing moves faster than the pins.
TEST(DramChannel, BackPressureLosesNothing) {
    DramChannel memory("memory", lpddr4());
    TestInitiator initiator("initiator", 5);
    initiator.random_endings = true;
    initiator.mem_out.bind(memory.mem_in);
    constexpr std::size_t kRequests = 6000;
    std::uint64_t bytes_sent = 0;
    Script script("script", [&] {
        std::mt19937 random(9);
        for (std::size_t i = 0; i < kRequests; ++i) {
            const auto bytes = static_cast<std::uint32_t>(1 + random() % 300);
            bytes_sent += bytes;
            const bool burst = i / 500 % 2 == 0;
            initiator.send(random() % 2 == 0, random() % 65536, bytes, random() % 4 == 0 ? random() % 5000 : 0);
            if (!burst) {
                sc_core::wait(sc_core::sc_time(static_cast<double>(random() % 200000), sc_core::SC_PS));
            }
        }
    });
    sc_core::sc_start();
    ASSERT_EQ(initiator.answers.size(), kRequests);
    EXPECT_EQ(initiator.unanswered(), 0U);
    EXPECT_EQ(initiator.pool.in_use(), 0U);
    EXPECT_EQ(memory.outstanding(), 0U);
    std::size_t withheld = 0;
    for (const TestInitiator::Record& record : initiator.records) {
        EXPECT_EQ(record.answers, 1U);
        EXPECT_EQ(record.status, tlm::TLM_OK_RESPONSE);
        withheld += record.accepted_ps != record.sent_ps ? 1U : 0U;
    }
    EXPECT_GT(withheld, 100U);
    std::vector<std::size_t> place(kRequests);
    for (std::size_t i = 0; i < kRequests; ++i) {
        place[initiator.answers[i]] = i;
    }
    for (std::size_t i = 0; i < kRequests; ++i) {
        const TestInitiator::Record& a = initiator.records[i];
        for (std::size_t j = i + 1; j < std::min(kRequests, i + 200); ++j) {
            const TestInitiator::Record& b = initiator.records[j];
            if (a.address < b.address + b.bytes && b.address < a.address + a.bytes && (a.write || b.write)) {
                ASSERT_LT(place[i], place[j]);
            }
        }
    }
    const DramCounters counters = memory.counters();
    EXPECT_EQ(counters.reads + counters.writes, kRequests);
    EXPECT_EQ(counters.read_bytes + counters.write_bytes, bytes_sent);
    EXPECT_LE(counters.bus_bytes, sc_core::sc_time_stamp().value() * 64 / 10000); // 6.4 GB/s
}

TEST(DramChannel, InitiatorThatTakesNoResponsesIsHeldBack) {
    DramChannel memory("memory", lpddr4());
    TestInitiator initiator("initiator");
    initiator.ending = TestInitiator::Ending::never;
    initiator.mem_out.bind(memory.mem_in);
    Script script("script", [&] {
        for (std::uint64_t i = 0; i < 1000; ++i) {
            initiator.send(false, i * 32, 32);
        }
    });
    sc_core::sc_start(sc_core::sc_time(1, sc_core::SC_MS));
    EXPECT_EQ(initiator.answers.size(), 1U);
    EXPECT_LE(initiator.records.size(), 1U + 2 * 64 + 1);
    EXPECT_GE(memory.outstanding(), 64U);
}

TEST(DramChannel, IdleTimeCostsNoEvents) {
    DramChannel memory("memory", lpddr4());
    TestInitiator initiator("initiator");
    initiator.mem_out.bind(memory.mem_in);
    Script script("script", [&] {
        initiator.send(false, 0, 32);
        sc_core::wait(sc_core::sc_time(100, sc_core::SC_US));
        EXPECT_FALSE(sc_core::sc_pending_activity());
    });
    sc_core::sc_start();
    EXPECT_EQ(memory.counters().refreshes, 160000U / 6246); // 100 us are 160,000 clocks
}

TEST(DramChannel, WrongRequestsRunThroughAllPhasesWithTheirStatus) {
    DramChannel memory("memory", lpddr4(2, 1));
    TestInitiator initiator("initiator");
    initiator.mem_out.bind(memory.mem_in);
    const std::uint64_t capacity = std::uint64_t{2} << 30;
    unsigned char enable[4] = {};
    std::vector<tlm::tlm_response_status> expected;
    Script script("script", [&] {
        const auto read = [&](std::uint64_t address, std::uint32_t bytes, tlm::tlm_response_status status,
                              const std::function<void(tlm::tlm_generic_payload&)>& change) {
            tlm::tlm_generic_payload& payload = initiator.pool.acquire(tlm::TLM_READ_COMMAND, address, bytes);
            change(payload);
            initiator.send(payload);
            expected.push_back(status);
        };
        const auto as_is = [](tlm::tlm_generic_payload&) {};
        read(256, 256, tlm::TLM_OK_RESPONSE, as_is);
        read(0, 256, tlm::TLM_ADDRESS_ERROR_RESPONSE, as_is);             // the other channel's
        read(256 + 128, 256, tlm::TLM_ADDRESS_ERROR_RESPONSE, as_is);     // goes on in the other channel
        read(capacity + 256, 32, tlm::TLM_ADDRESS_ERROR_RESPONSE, as_is); // behind the end
        read(~std::uint64_t{0} - 3, 32, tlm::TLM_ADDRESS_ERROR_RESPONSE, as_is);
        read(256, 0, tlm::TLM_BURST_ERROR_RESPONSE, as_is);
        read(256, 32, tlm::TLM_BURST_ERROR_RESPONSE, [](tlm::tlm_generic_payload& p) { p.set_streaming_width(0); });
        read(256, 32, tlm::TLM_BYTE_ENABLE_ERROR_RESPONSE, [&](tlm::tlm_generic_payload& p) {
            p.set_byte_enable_ptr(enable);
            p.set_byte_enable_length(0);
        });
        read(256, 32, tlm::TLM_COMMAND_ERROR_RESPONSE,
             [](tlm::tlm_generic_payload& p) { p.set_command(tlm::TLM_IGNORE_COMMAND); });
        read(capacity - 32, 32, tlm::TLM_OK_RESPONSE, as_is);
    });
    sc_core::sc_start();
    ASSERT_EQ(initiator.records.size(), expected.size());
    for (std::size_t i = 0; i < expected.size(); ++i) {
        EXPECT_EQ(initiator.records[i].answers, 1U);
        EXPECT_EQ(initiator.records[i].status, expected[i]) << i;
    }
    EXPECT_EQ(memory.counters().reads, 2U);
}

TEST(DramChannel, BlockingTransportAddsTheRealTimeOnce) {
    DramChannel memory("memory", lpddr4());
    TestInitiator initiator("initiator");
    initiator.mem_out.bind(memory.mem_in);
    Script script("script", [&] {
        tlm::tlm_generic_payload& payload = initiator.pool.acquire(tlm::TLM_READ_COMMAND, 0, 256);
        sc_core::sc_time delay(100 * kCk, sc_core::SC_PS);
        initiator.mem_out->b_transport(payload, delay);
        EXPECT_EQ(delay.value(), (100 + 65 + 7 * 8) * kCk);
        EXPECT_TRUE(payload.is_response_ok());
        initiator.mem_out->b_transport(payload, delay); // the row is open now
        EXPECT_EQ(delay.value(), (100 + 65 + 7 * 8 + 36 + 7 * 8) * kCk);
        EXPECT_EQ(initiator.mem_out->transport_dbg(payload), 0U);
        payload.set_address(std::uint64_t{1} << 30);
        delay = sc_core::SC_ZERO_TIME;
        initiator.mem_out->b_transport(payload, delay);
        EXPECT_EQ(payload.get_response_status(), tlm::TLM_ADDRESS_ERROR_RESPONSE);
        EXPECT_EQ(delay, sc_core::SC_ZERO_TIME);
        payload.release();
    });
    sc_core::sc_start();
}

TEST(DramChannel, BlockingAndPhasedAccessesShareTheDataBus) {
    DramChannel memory("memory", lpddr4());
    TestInitiator initiator("initiator");
    initiator.mem_out.bind(memory.mem_in);
    Script script("script", [&] {
        tlm::tlm_generic_payload& payload = initiator.pool.acquire(tlm::TLM_READ_COMMAND, 0, 256);
        sc_core::sc_time delay;
        for (int i = 0; i < 4; ++i) {
            delay = sc_core::SC_ZERO_TIME;
            initiator.mem_out->b_transport(payload, delay);
        }
        payload.release();
        initiator.send(false, 256, 32); // behind four bursts of 64 clocks
    });
    sc_core::sc_start();
    EXPECT_EQ(initiator.records[0].answered_ps, (29 + 4 * 64 + 36) * kCk);
}

TEST(DramChannel, ReportNamesTheServedBytes) {
    DramChannel memory("memory", lpddr4());
    TestInitiator initiator("initiator");
    initiator.mem_out.bind(memory.mem_in);
    Script script("script", [&] {
        initiator.send(true, 0, 200);
        initiator.send(false, 4096, 256);
    });
    sc_core::sc_start();
    Statistics statistics;
    memory.report(statistics);
    const nlohmann::ordered_json json = statistics.json();
    EXPECT_EQ(json["write_bytes"]["value"], 200U);
    EXPECT_EQ(json["read_bytes"]["value"], 256U);
    EXPECT_EQ(json["bus_bytes"]["value"], 256U + 224); // 200 bytes are seven bursts of 32
    EXPECT_EQ(json["activates"]["value"], 2U);
    EXPECT_EQ(json["row_hits"]["value"], 13U);
}

} // namespace
} // namespace systolica
