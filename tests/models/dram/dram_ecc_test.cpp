// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// ECC of a channel as its initiators see it. The code itself is tested in tests/machine/dram/secded_test.cpp.
#include "models/dram/dram_channel.h"

#include <string>

#include <nlohmann/json.hpp>

#include "tests/models/dram/test_initiator.h"

namespace systolica {
namespace {

using test::Script;
using test::TestInitiator;

DramChannel::Params with_ecc() {
    DramChannel::Params params;
    params.config.data = true;
    params.config.dmi = true;
    params.config.ecc = DramEcc::in_line;
    return params;
}

class DramEccTest : public testing::Test {
protected:
    tlm::tlm_generic_payload& payload(bool write, std::uint64_t address, std::string& bytes) {
        tlm::tlm_generic_payload& made = initiator_.pool.acquire(write ? tlm::TLM_WRITE_COMMAND : tlm::TLM_READ_COMMAND,
                                                                 address, static_cast<std::uint32_t>(bytes.size()));
        made.set_data_ptr(reinterpret_cast<unsigned char*>(bytes.data()));
        return made;
    }
    // Sends in phases and waits until everything has been answered.
    tlm::tlm_response_status send(tlm::tlm_generic_payload& made) {
        const std::size_t number = initiator_.send(made);
        sc_core::wait(sc_core::sc_time(1, sc_core::SC_US));
        EXPECT_EQ(initiator_.records[number].answers, 1U);
        return initiator_.records[number].status;
    }
    void run(const std::function<void()>& body) {
        initiator_.mem_out.bind(memory_.mem_in);
        const Script script("script", body);
        sc_core::sc_start();
        EXPECT_EQ(initiator_.pool.in_use(), 0U);
    }
    nlohmann::ordered_json report() {
        Statistics statistics;
        memory_.report(statistics);
        return statistics.json();
    }

    DramChannel memory_{"memory", with_ecc()};
    TestInitiator initiator_{"initiator"};
};

TEST_F(DramEccTest, OneFlippedBitIsCorrectedAndCounted) {
    run([&] {
        std::string sent = "0123456789abcdef", got(16, '?');
        EXPECT_EQ(send(payload(true, 512, sent)), tlm::TLM_OK_RESPONSE);
        memory_.data()->flip_bit(512, 9);  // in a data byte
        memory_.data()->flip_bit(520, 64); // in a check byte
        EXPECT_EQ(send(payload(false, 512, got)), tlm::TLM_OK_RESPONSE);
        EXPECT_EQ(got, sent);
        EXPECT_EQ(memory_.data()->ecc().corrected, 2U);
        EXPECT_EQ(memory_.data()->ecc().uncorrectable, 0U);
    });
    EXPECT_EQ(report()["ecc_corrected"]["value"], 2U);
    EXPECT_EQ(report()["ecc_uncorrectable"]["value"], 0U);
}

TEST_F(DramEccTest, TwoFlippedBitsAnswerAnErrorAfterTheSameTime) {
    run([&] {
        std::string sent = "0123456789abcdef", got(8, '?');
        send(payload(true, 512, sent));
        send(payload(false, 512, got));
        memory_.data()->flip_bit(512, 1);
        memory_.data()->flip_bit(512, 40);
        EXPECT_EQ(send(payload(false, 512, got)), tlm::TLM_GENERIC_ERROR_RESPONSE);
        EXPECT_EQ(send(payload(false, 520, got)), tlm::TLM_OK_RESPONSE) << "the word beside it";
        EXPECT_EQ(got, "89abcdef");
        std::string part = "xyz";
        EXPECT_EQ(send(payload(true, 514, part)), tlm::TLM_GENERIC_ERROR_RESPONSE) << "the rest of the word is lost";
        EXPECT_EQ(send(payload(true, 512, sent)), tlm::TLM_OK_RESPONSE) << "all of the word is new";
        EXPECT_EQ(send(payload(false, 512, got)), tlm::TLM_OK_RESPONSE);
        EXPECT_EQ(got, "01234567");
        tlm::tlm_generic_payload& blocking = payload(false, 512, got);
        memory_.data()->flip_bit(512, 1);
        memory_.data()->flip_bit(512, 71);
        sc_core::sc_time delay;
        initiator_.mem_out->b_transport(blocking, delay);
        EXPECT_EQ(blocking.get_response_status(), tlm::TLM_GENERIC_ERROR_RESPONSE);
        EXPECT_GT(delay, sc_core::SC_ZERO_TIME);
        blocking.release();
    });
    const auto latency = [&](std::size_t number) {
        return initiator_.records[number].answered_ps - initiator_.records[number].sent_ps;
    };
    EXPECT_EQ(latency(2), latency(1)) << "row hits, with and without the error";
    EXPECT_EQ(report()["ecc_uncorrectable"]["value"], 3U);
}

TEST_F(DramEccTest, MaskedWritesAndStreamsAreProtectedToo) {
    run([&] {
        unsigned char enables[] = {TLM_BYTE_DISABLED, TLM_BYTE_ENABLED};
        std::string sent = "abcdefgh", masked = "ABCDEFGH", got(8, '?'), stream = "1234";
        send(payload(true, 8, sent));
        memory_.data()->flip_bit(8, 0);
        tlm::tlm_generic_payload& write = payload(true, 8, masked);
        write.set_byte_enable_ptr(enables);
        write.set_byte_enable_length(2);
        EXPECT_EQ(send(write), tlm::TLM_OK_RESPONSE);
        EXPECT_EQ(memory_.data()->ecc().corrected, 1U);
        tlm::tlm_generic_payload& streamed = payload(true, 11, stream);
        streamed.set_streaming_width(2);
        EXPECT_EQ(send(streamed), tlm::TLM_OK_RESPONSE);
        EXPECT_EQ(send(payload(false, 8, got)), tlm::TLM_OK_RESPONSE);
        EXPECT_EQ(got, "aBc34FgH");
        EXPECT_EQ(memory_.data()->ecc().corrected, 1U) << "healed by the write";
    });
}

// An eighth of the memory holds check bits. A pointer would go past them, so there is none.
TEST_F(DramEccTest, TheMemoryIsSmallerAndHasNoDirectPointer) {
    run([&] {
        const std::uint64_t end = (std::uint64_t{1} << 30) / 8 * 7;
        std::string bytes(8, 'e');
        EXPECT_EQ(send(payload(true, end - 8, bytes)), tlm::TLM_OK_RESPONSE);
        EXPECT_EQ(send(payload(true, end - 7, bytes)), tlm::TLM_ADDRESS_ERROR_RESPONSE);
        tlm::tlm_generic_payload& made = payload(false, 0, bytes);
        tlm::tlm_dmi dmi;
        EXPECT_FALSE(initiator_.mem_out->get_direct_mem_ptr(made, dmi));
        made.release();
    });
}

TEST_F(DramEccTest, DebugSeesCorrectedBytesAndWritesGoodOnes) {
    run([&] {
        std::string sent = "abcdefgh", got(8, '?'), poked = "XY";
        send(payload(true, 0, sent));
        memory_.data()->flip_bit(0, 17);
        tlm::tlm_generic_payload& look = payload(false, 0, got);
        EXPECT_EQ(initiator_.mem_out->transport_dbg(look), 8U);
        EXPECT_EQ(got, "abcdefgh");
        look.release();
        EXPECT_EQ(memory_.data()->ecc().corrected, 0U) << "looking does not count";
        memory_.data()->flip_bit(0, 17);
        tlm::tlm_generic_payload& poke = payload(true, 3, poked);
        EXPECT_EQ(initiator_.mem_out->transport_dbg(poke), 2U);
        poke.release();
        EXPECT_EQ(send(payload(false, 0, got)), tlm::TLM_OK_RESPONSE);
        EXPECT_EQ(got, "abcXYfgh");
        EXPECT_EQ(memory_.data()->ecc().corrected, 0U);
    });
}

} // namespace
} // namespace systolica
