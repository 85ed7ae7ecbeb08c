// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "models/scratchpad/scratchpad.h"

#include <tuple>

#include "models/tlm/pad_access.h"
#include "tests/models/scratchpad/command_driver.h"

#include <gtest/gtest.h>
#include <tlm_utils/simple_initiator_socket.h>

namespace systolica {
namespace {

using unit_test::cycles;

struct Master : sc_core::sc_module {
    explicit Master(const sc_core::sc_module_name& name) : sc_module(name) {}
    tlm_utils::simple_initiator_socket<Master> array_out{"array_out"};
    tlm_utils::simple_initiator_socket<Master> dma_out{"dma_out"};
};

class ScratchpadModel : public testing::Test { // vector_in stays unbound
protected:
    ScratchpadModel() {
        master.array_out.bind(pad.array_in);
        master.dma_out.bind(pad.dma_in);
    }

    Scratchpad pad{"pad", Scratchpad::Params{{4096, 8, 32}, Clock(1'000'000)}}; // 256 bytes a cycle
    Master master{"master"};
    PadAccess access;
};

constexpr tlm::tlm_command kRead = tlm::TLM_READ_COMMAND;
constexpr tlm::tlm_command kWrite = tlm::TLM_WRITE_COMMAND;

TEST_F(ScratchpadModel, DelayIsTheTimeUntilTheLastByteHasPassed) {
    sc_core::sc_start(sc_core::SC_ZERO_TIME);
    EXPECT_EQ(access.stream(master.array_out, kRead, 0, 100 * 64, 100), cycles(100));
    EXPECT_EQ(access.stream(master.array_out, kRead, 0, 512 * 256, 100), cycles(25 + 512)); // 25 of the first: below
}

// A stream counts from its first cycle on at the full budget: 6,400 bytes are 25 cycles, and the second waits for them.

TEST_F(ScratchpadModel, BurstStartsAfterTheDelayItComesWith) {
    sc_core::sc_start(sc_core::SC_ZERO_TIME);
    EXPECT_EQ(access.burst(master.dma_out, kWrite, 0, 256, cycles(10)), cycles(11));
    EXPECT_EQ(access.burst(master.dma_out, kWrite, 256, 256, cycles(10)), cycles(12));
}

TEST_F(ScratchpadModel, DecisionsFallOnClockEdges) {
    sc_core::sc_start(sc_core::sc_time(300, sc_core::SC_PS));
    EXPECT_EQ(access.burst(master.dma_out, kWrite, 0, 256, sc_core::SC_ZERO_TIME),
              cycles(2) - sc_core::sc_time(300, sc_core::SC_PS));
}

TEST_F(ScratchpadModel, ArrayAndDmaCompete) {
    sc_core::sc_start(sc_core::SC_ZERO_TIME);
    EXPECT_EQ(access.stream(master.array_out, kRead, 0, 100 * 256, 100), cycles(100));
    EXPECT_EQ(access.burst(master.dma_out, kWrite, 0, 256, sc_core::SC_ZERO_TIME), cycles(8)); // one port of eight
    sc_core::sc_start(cycles(100));
    EXPECT_EQ(access.stream(master.array_out, kRead, 0, 100 * 256, 100), cycles(101)); // pays for the burst
}

TEST_F(ScratchpadModel, DemandBeyondALengthFieldIsKept) {
    sc_core::sc_start(sc_core::SC_ZERO_TIME);
    const std::uint64_t bytes = std::uint64_t{5} << 31; // a payload's length has 32 bits
    EXPECT_EQ(access.stream(master.array_out, kRead, 0, bytes, 10), cycles(bytes / 256));
}

TEST_F(ScratchpadModel, IllegalAccessesGetAnErrorAndTakeNoTime) {
    sc_core::sc_start(sc_core::SC_ZERO_TIME);
    unsigned char data = 0;
    for (const auto& [length, enable, expected] :
         {std::make_tuple(0U, static_cast<unsigned char*>(nullptr), tlm::TLM_BURST_ERROR_RESPONSE),
          std::make_tuple(4U, &data, tlm::TLM_BYTE_ENABLE_ERROR_RESPONSE),
          std::make_tuple(5000U, static_cast<unsigned char*>(nullptr), tlm::TLM_ADDRESS_ERROR_RESPONSE)}) {
        tlm::tlm_generic_payload payload;
        payload.set_command(kWrite);
        payload.set_data_ptr(&data);
        payload.set_data_length(length);
        payload.set_byte_enable_ptr(enable);
        payload.set_byte_enable_length(enable != nullptr ? 1 : 0);
        sc_core::sc_time delay = cycles(3);
        master.dma_out->b_transport(payload, delay);
        EXPECT_EQ(payload.get_response_status(), expected);
        EXPECT_EQ(delay, cycles(3));
    }
}

TEST_F(ScratchpadModel, WavesShowPortsInUse) {
    struct Sink : WaveSink {
        bool add(const std::string& path, unsigned, std::uint32_t& id) override {
            id = static_cast<std::uint32_t>(paths.size());
            paths.push_back(path);
            return true;
        }
        void change(std::uint32_t id, std::uint64_t time_ps, std::uint64_t value) override {
            changes.emplace_back(id, time_ps / 1000, value);
        }
        std::vector<std::string> paths;
        std::vector<std::tuple<std::uint32_t, std::uint64_t, std::uint64_t>> changes;
    } sink;
    pad.add_waves(WaveScope(&sink, "pad"));
    ASSERT_EQ(sink.paths, (std::vector<std::string>{"pad.stream_ports", "pad.burst_ports"}));
    sc_core::sc_start(sc_core::SC_ZERO_TIME);
    access.stream(master.array_out, kRead, 0, 20 * 100, 20); // 100 bytes a cycle: 4 ports
    sc_core::sc_start(cycles(30));
    access.burst(master.dma_out, kWrite, 0, 512, sc_core::SC_ZERO_TIME); // all ports for 2 cycles
    sc_core::sc_start(cycles(30));
    sink.end_sources(sc_core::sc_time_stamp().value());
    const std::vector<std::tuple<std::uint32_t, std::uint64_t, std::uint64_t>> expected{
        {0, 0, 4}, {0, 20, 0}, {1, 30, 8}, {1, 32, 0}};
    EXPECT_EQ(sink.changes, expected);
}

} // namespace
} // namespace systolica
