// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// The bytes behind a DRAM channel: what is read is what was written, in every form a payload can ask for.
#include "models/dram/dram_channel.h"

#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <iterator>
#include <string>

#include "tests/models/dram/test_initiator.h"

namespace systolica {
namespace {

using test::Script;
using test::TestInitiator;

constexpr std::uint64_t kCk = 625; // ps, LPDDR4-3200
constexpr std::uint64_t kGiB = std::uint64_t{1} << 30;

class DramData : public testing::Test {
protected:
    static DramChannel::Params with_data() {
        DramChannel::Params params;
        params.config.data = true;
        return params;
    }

    // Builds the memory and runs a script against it, and perhaps another beside it.
    void run(
        const DramChannel::Params& params, const std::function<void()>& body,
        const std::function<void()>& beside = [] {}) {
        memory_ = std::make_unique<DramChannel>("memory", params);
        initiator_ = std::make_unique<TestInitiator>("initiator");
        initiator_->mem_out.bind(memory_->mem_in);
        const Script script("script", body), other("other", beside);
        sc_core::sc_start();
        EXPECT_EQ(initiator_->unanswered(), 0U);
        EXPECT_EQ(initiator_->pool.in_use(), 0U);
    }

    tlm::tlm_generic_payload& payload(bool write, std::uint64_t address, std::string& bytes) {
        tlm::tlm_generic_payload& made = initiator_->pool.acquire(
            write ? tlm::TLM_WRITE_COMMAND : tlm::TLM_READ_COMMAND, address, static_cast<std::uint32_t>(bytes.size()));
        made.set_data_ptr(reinterpret_cast<unsigned char*>(bytes.data()));
        return made;
    }
    // Blocking accesses.
    tlm::tlm_response_status transport(tlm::tlm_generic_payload& made) {
        sc_core::sc_time delay;
        initiator_->mem_out->b_transport(made, delay);
        const tlm::tlm_response_status status = made.get_response_status();
        made.release();
        return status;
    }
    tlm::tlm_response_status write(std::uint64_t address, std::string bytes) {
        return transport(payload(true, address, bytes));
    }
    std::string read(std::uint64_t address, std::size_t count) {
        std::string bytes(count, '?');
        EXPECT_EQ(transport(payload(false, address, bytes)), tlm::TLM_OK_RESPONSE);
        return bytes;
    }
    // Through transport_dbg; the part that was moved.
    std::string look(std::uint64_t address, std::size_t count) {
        std::string bytes(count, '?');
        tlm::tlm_generic_payload& made = payload(false, address, bytes);
        bytes.resize(initiator_->mem_out->transport_dbg(made));
        made.release();
        return bytes;
    }
    unsigned poke(std::uint64_t address, std::string bytes) {
        tlm::tlm_generic_payload& made = payload(true, address, bytes);
        const unsigned moved = initiator_->mem_out->transport_dbg(made);
        made.release();
        return moved;
    }
    void wait_ck(std::uint64_t clocks) { sc_core::wait(sc_core::sc_time::from_value(clocks * kCk)); }

    std::unique_ptr<DramChannel> memory_;
    std::unique_ptr<TestInitiator> initiator_;
};

TEST_F(DramData, PhasedRequestsSeeTheOrderOfTheirAcceptance) {
    run(with_data(), [&] {
        std::string first = "first", second = "SECOND", one(8, '?'), two(8, '?'), three(8, '?');
        const std::uint64_t at = 2048 - 3; // over the end of a row
        initiator_->send(payload(false, at, one));
        initiator_->send(payload(true, at, first));
        initiator_->send(payload(false, at, two));
        initiator_->send(payload(true, at + 1, second));
        initiator_->send(payload(false, at, three));
        EXPECT_EQ(look(at, 8), std::string("fSECOND") + '\0') << "debug sees accepted writes";
        wait_ck(1000);
        EXPECT_EQ(one, std::string(8, '\0'));
        EXPECT_EQ(two, std::string("first") + std::string(3, '\0'));
        EXPECT_EQ(three, std::string("fSECOND") + '\0');
        for (const TestInitiator::Record& record : initiator_->records) {
            EXPECT_EQ(record.status, tlm::TLM_OK_RESPONSE);
        }
    });
    EXPECT_EQ(memory_->data()->memory().allocated_bytes(), SparseMemory::kPageBytes);
}

TEST_F(DramData, AWriteThatIsKeptWaitingIsNotSeenYet) {
    std::string late = "late";
    const auto look_before_and_after = [&] {
        wait_ck(99);
        EXPECT_EQ(look(0, 4), std::string(4, '\0'));
        wait_ck(2);
        EXPECT_EQ(look(0, 4), "late");
    };
    run(
        with_data(), [&] { initiator_->send(payload(true, 0, late), 100 * kCk); }, look_before_and_after);
}

TEST_F(DramData, ByteEnablesRepeatAndLeaveTheOthersAlone) {
    run(with_data(), [&] {
        unsigned char enables[] = {TLM_BYTE_ENABLED, TLM_BYTE_DISABLED, TLM_BYTE_DISABLED};
        const auto enabled = [&](tlm::tlm_generic_payload& made) -> tlm::tlm_generic_payload& {
            made.set_byte_enable_ptr(enables);
            made.set_byte_enable_length(3);
            return made;
        };
        std::string letters = "ABCDEFGH", got = "........";
        write(100, "abcdefgh");
        EXPECT_EQ(transport(enabled(payload(true, 100, letters))), tlm::TLM_OK_RESPONSE);
        EXPECT_EQ(read(99, 10), std::string(1, '\0') + "AbcDefGh" + std::string(1, '\0'));
        EXPECT_EQ(transport(enabled(payload(false, 100, got))), tlm::TLM_OK_RESPONSE);
        EXPECT_EQ(got, "A..D..G.");
        enables[0] = TLM_BYTE_DISABLED;
        EXPECT_EQ(transport(enabled(payload(true, kGiB / 2, letters))), tlm::TLM_OK_RESPONSE);
        EXPECT_EQ(read(kGiB / 2, 8), std::string(8, '\0'));
    });
    EXPECT_EQ(memory_->data()->memory().allocated_bytes(), SparseMemory::kPageBytes) << "nothing enabled, nothing kept";
}

// IEEE 1666: data[i] belongs to address + i % streaming width, so the last byte for an address stays.
TEST_F(DramData, AStreamingWidthComesBackToTheSameAddresses) {
    run(with_data(), [&] {
        std::string stream = "abcdefgh", got(7, '?');
        tlm::tlm_generic_payload& in = payload(true, 64, stream);
        in.set_streaming_width(3);
        EXPECT_EQ(transport(in), tlm::TLM_OK_RESPONSE);
        EXPECT_EQ(read(64, 4), std::string("ghf") + '\0');
        tlm::tlm_generic_payload& out = payload(false, 64, got);
        out.set_streaming_width(3);
        EXPECT_EQ(transport(out), tlm::TLM_OK_RESPONSE);
        EXPECT_EQ(got, "ghfghfg");
        std::string wide = "xy";
        tlm::tlm_generic_payload& longer = payload(true, 64, wide);
        longer.set_streaming_width(1000); // more than the length: no streaming
        EXPECT_EQ(transport(longer), tlm::TLM_OK_RESPONSE);
        EXPECT_EQ(read(64, 4), std::string("xyf") + '\0');
    });
}

// 512 bytes of data through 32 bytes of memory are one burst on the pins.
TEST_F(DramData, AStreamTakesTheTimeOfTheBytesItTouches) {
    run(with_data(), [&] {
        std::string stream(512, 's');
        tlm::tlm_generic_payload& made = payload(true, 0, stream);
        made.set_streaming_width(32);
        initiator_->send(made);
        std::string last(512, 's'); // only its first 32 bytes lie within the memory
        tlm::tlm_generic_payload& at_end = payload(true, kGiB - 32, last);
        at_end.set_streaming_width(32);
        EXPECT_EQ(transport(at_end), tlm::TLM_OK_RESPONSE);
    });
    EXPECT_EQ(memory_->counters().bus_bytes, 64U);
    EXPECT_EQ(memory_->counters().write_commands, 2U);
}

TEST_F(DramData, NoDataPointerIsAnError) {
    run(with_data(), [&] {
        std::string bytes(4, 'x');
        tlm::tlm_generic_payload& made = payload(true, 0, bytes);
        made.set_data_ptr(nullptr);
        EXPECT_EQ(initiator_->mem_out->transport_dbg(made), 0U);
        EXPECT_EQ(transport(made), tlm::TLM_GENERIC_ERROR_RESPONSE);
    });
}

TEST_F(DramData, DebugMovesWhatLiesWithinTheMemory) {
    run(with_data(), [&] {
        EXPECT_EQ(poke(kGiB - 3, "12345"), 3U);
        EXPECT_EQ(look(kGiB - 3, 100), "123");
        EXPECT_EQ(look(kGiB, 1), "");
        EXPECT_EQ(look(~std::uint64_t{0}, 2), "");
        EXPECT_EQ(poke(4094, "over two pages"), 14U);
        EXPECT_EQ(read(4094, 14), "over two pages");
        std::string bytes = "x";
        tlm::tlm_generic_payload& ignored = payload(true, 0, bytes);
        ignored.set_command(tlm::TLM_IGNORE_COMMAND);
        EXPECT_EQ(initiator_->mem_out->transport_dbg(ignored), 0U);
        ignored.release();
    });
    EXPECT_EQ(memory_->counters().reads, 1U) << "debug takes no time and is not counted";
}

TEST_F(DramData, DebugStaysWithinItsChannelsBlock) {
    DramChannel::Params params = with_data();
    params.config.channels = 2;
    params.channel = 1;
    run(params, [&] {
        EXPECT_EQ(poke(250, "12345678"), 0U) << "begins in channel 0";
        EXPECT_EQ(poke(508, "12345678"), 4U);
        EXPECT_EQ(read(506, 6), std::string(2, '\0') + "1234");
        EXPECT_EQ(read(768, 4), std::string(4, '\0')) << "the next block of this channel";
    });
}

TEST_F(DramData, WithoutDataThereIsNothingToLookAt) {
    DramChannel::Params params;
    params.config.dmi = true;
    run(params, [&] {
        EXPECT_EQ(poke(0, "1234"), 0U);
        std::string bytes = "1234";
        tlm::tlm_generic_payload& made = payload(false, 0, bytes);
        tlm::tlm_dmi dmi;
        EXPECT_FALSE(initiator_->mem_out->get_direct_mem_ptr(made, dmi));
        sc_core::sc_time delay;
        initiator_->mem_out->b_transport(made, delay);
        EXPECT_FALSE(made.is_dmi_allowed());
        EXPECT_EQ(bytes, "1234");
        made.release();
    });
    EXPECT_EQ(memory_->data(), nullptr);
}

TEST_F(DramData, DirectMemoryIsTheSameMemory) {
    DramChannel::Params params = with_data();
    params.config.dmi = true;
    params.config.frontend_latency_ns = 10; // 16 CK
    run(params, [&] {
        std::string bytes = "1234";
        write(3 * 4096 + 5, bytes);
        tlm::tlm_generic_payload& made = payload(false, 3 * 4096 + 5, bytes);
        sc_core::sc_time delay;
        initiator_->mem_out->b_transport(made, delay);
        EXPECT_TRUE(made.is_dmi_allowed());
        tlm::tlm_dmi dmi;
        ASSERT_TRUE(initiator_->mem_out->get_direct_mem_ptr(made, dmi));
        EXPECT_TRUE(dmi.is_read_write_allowed());
        EXPECT_EQ(dmi.get_start_address(), 3U * 4096);
        EXPECT_EQ(dmi.get_end_address(), 3U * 4096 + 4095);
        EXPECT_EQ(dmi.get_read_latency().value(), (16 + 65) * kCk);           // tRCD + RL + BL/2
        EXPECT_EQ(dmi.get_write_latency().value(), (16 + 29 + 14 + 8) * kCk); // tRCD + WL + BL/2
        EXPECT_EQ(std::string(reinterpret_cast<const char*>(dmi.get_dmi_ptr()) + 5, 4), "1234");
        dmi.get_dmi_ptr()[6] = 'x';
        EXPECT_EQ(read(3 * 4096 + 5, 4), "1x34");
        write(3 * 4096 + 7, "y");
        EXPECT_EQ(dmi.get_dmi_ptr()[7], 'y');
        made.set_address(kGiB);
        EXPECT_FALSE(initiator_->mem_out->get_direct_mem_ptr(made, dmi));
        EXPECT_EQ(dmi.get_start_address(), kGiB);
        EXPECT_EQ(dmi.get_end_address(), kGiB) << "refuses this address, not all of them";
        made.release();
    });
}

TEST_F(DramData, DirectMemoryOfOneChannelOfSeveralIsItsBlock) {
    DramChannel::Params params = with_data();
    params.config.dmi = true;
    params.config.channels = 2;
    params.channel = 1;
    run(params, [&] {
        std::string bytes = "1234";
        tlm::tlm_generic_payload& made = payload(true, 5 * 256 + 100, bytes); // the third block of channel 1
        tlm::tlm_dmi dmi;
        ASSERT_TRUE(initiator_->mem_out->get_direct_mem_ptr(made, dmi));
        EXPECT_EQ(dmi.get_start_address(), 5U * 256);
        EXPECT_EQ(dmi.get_end_address(), 5U * 256 + 255);
        dmi.get_dmi_ptr()[255] = 'e';
        EXPECT_EQ(read(5 * 256 + 255, 1), "e");
        made.set_address(256 * 4);
        EXPECT_FALSE(initiator_->mem_out->get_direct_mem_ptr(made, dmi)) << "channel 0";
        made.release();
    });
}

TEST_F(DramData, ImagesAreLoadedAndDumped) {
    const std::string path = testing::TempDir() + "dram_image_" + std::to_string(::getpid()) + ".bin";
    std::ofstream(path, std::ios::binary) << "an image";
    run(with_data(), [&] {
        EXPECT_EQ(memory_->data()->load(path, 1000), 8U);
        EXPECT_EQ(read(1000, 8), "an image");
        write(1003, "IM");
        memory_->data()->dump(path, 1000, 8);
    });
    std::ifstream file(path, std::ios::binary);
    EXPECT_EQ(std::string(std::istreambuf_iterator<char>(file), {}), "an IMage");
    std::remove(path.c_str());
}

} // namespace
} // namespace systolica
