// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// The scratchpads of a tile as others see them.
#include "models/tile/pad_port.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "machine/commands/tile_address.h"
#include "models/scratchpad/scratchpad.h"

namespace systolica {
namespace {

constexpr std::uint64_t kPeriod = 1250;

// Four pads of 4 KiB with two banks of 32 bytes: 64 bytes a cycle.
struct Bench : sc_core::sc_module {
    Clock clock = Clock::from_mhz(800);
    TileConfig config;
    std::vector<std::unique_ptr<Scratchpad>> pads;
    std::unique_ptr<PadPort> port;
    tlm_utils::simple_initiator_socket<Bench> out{"out"};
    tlm::tlm_generic_payload payload;
    std::array<unsigned char, 4096> data{};

    explicit Bench(const sc_core::sc_module_name& name = "bench") : sc_module(name) {
        config.scratchpad.fill(ScratchpadConfig{4096, 2, 32});
        port = std::make_unique<PadPort>("port", PadPort::Params{config});
        for (std::size_t pad = 0; pad < kPads; ++pad) {
            pads.push_back(std::make_unique<Scratchpad>(("pad" + std::to_string(pad)).c_str(),
                                                        Scratchpad::Params{config.scratchpad[pad], clock}));
            port->pad_out[pad].bind(pads.back()->remote_in);
        }
        out.bind(port->in);
    }

    void prepare(tlm::tlm_command command, std::uint64_t address, unsigned bytes) {
        payload.set_command(command);
        payload.set_address(address);
        payload.set_data_ptr(data.data());
        payload.set_data_length(bytes);
        payload.set_streaming_width(bytes);
        payload.set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);
    }
    // Cycles until the answer.
    std::uint64_t blocking(tlm::tlm_command command, std::uint64_t address, unsigned bytes) {
        prepare(command, address, bytes);
        sc_core::sc_time delay;
        out->b_transport(payload, delay);
        return delay.value() / kPeriod;
    }
};

std::uint64_t at(Pad pad, std::uint32_t byte) {
    return encode(TileAddress{3, pad, byte});
}

TEST(PadPort, TakesThePortsOfThePadAsLongAsTheBytesNeed) {
    Bench bench;
    EXPECT_EQ(bench.blocking(tlm::TLM_READ_COMMAND, at(Pad::ifmap, 0), 256), 4u);
    EXPECT_EQ(bench.payload.get_response_status(), tlm::TLM_OK_RESPONSE);
    EXPECT_EQ(bench.blocking(tlm::TLM_WRITE_COMMAND, at(Pad::vector, 128), 64), 1u);
    EXPECT_EQ(bench.blocking(tlm::TLM_WRITE_COMMAND, at(Pad::vector, 0), 128), 3u); // behind the one before
}

TEST(PadPort, SumsAreReadAndWritten) {
    Bench bench;
    EXPECT_EQ(bench.blocking(tlm::TLM_WRITE_COMMAND, at(Pad::ofmap, 0), 256), 8u);
    Statistics statistics;
    bench.port->report(statistics);
    EXPECT_EQ(statistics.json()["added_bytes"]["value"], 256);
    EXPECT_EQ(statistics.json()["written_bytes"]["value"], 0);
}

TEST(PadPort, APhasedAccessIsCompletedAtOnceWithItsDelay) {
    Bench bench;
    bench.prepare(tlm::TLM_READ_COMMAND, at(Pad::filter, 64), 512);
    tlm::tlm_phase phase = tlm::BEGIN_REQ;
    sc_core::sc_time delay;
    EXPECT_EQ(bench.out->nb_transport_fw(bench.payload, phase, delay), tlm::TLM_COMPLETED);
    EXPECT_EQ(delay.value(), 8 * kPeriod);
    EXPECT_EQ(bench.payload.get_response_status(), tlm::TLM_OK_RESPONSE);
}

TEST(PadPort, WhatIsNotThereIsAnError) {
    Bench bench;
    const auto status = [&](tlm::tlm_command command, std::uint64_t address, unsigned bytes) {
        EXPECT_EQ(bench.blocking(command, address, bytes), 0u);
        return bench.payload.get_response_status();
    };
    EXPECT_EQ(status(tlm::TLM_READ_COMMAND, 0, 64), tlm::TLM_ADDRESS_ERROR_RESPONSE); // memory's
    EXPECT_EQ(status(tlm::TLM_READ_COMMAND, at(static_cast<Pad>(kPads), 0), 64), tlm::TLM_ADDRESS_ERROR_RESPONSE);
    EXPECT_EQ(status(tlm::TLM_READ_COMMAND, at(Pad::ifmap, 4096), 64), tlm::TLM_ADDRESS_ERROR_RESPONSE);
    EXPECT_EQ(status(tlm::TLM_READ_COMMAND, at(Pad::ifmap, 0), 0), tlm::TLM_ADDRESS_ERROR_RESPONSE);
    EXPECT_EQ(status(tlm::TLM_IGNORE_COMMAND, at(Pad::ifmap, 0), 64), tlm::TLM_COMMAND_ERROR_RESPONSE);
}

} // namespace
} // namespace systolica
