// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// What the DMA moves, and what it says when memory refuses.
#include <random>

#include "tests/models/dma/dma_bench.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace systolica {
namespace {

using unit_test::DmaBench;
using unit_test::transfer;

TEST(DmaBytes, AreCountedByOperationAndDirection) {
    DmaBench bench({});
    bench.loads.add(0, transfer(Opcode::load, 0, 1000, 0));
    bench.loads.add(0, transfer(Opcode::load, 0, 300, 2));
    bench.loads.add(0, transfer(Opcode::load, 64, 24, 2));
    bench.stores.add(0, transfer(Opcode::store, 4096, 77, 1));
    sc_core::sc_start();
    EXPECT_EQ(bench.dma.read_bytes_by_operation(), (std::vector<std::uint64_t>{1000, 0, 324, 0}));
    EXPECT_EQ(bench.dma.write_bytes_by_operation(), (std::vector<std::uint64_t>{0, 77, 0, 0}));
    EXPECT_EQ(bench.dma.transactions(), 4U + 2 + 1 + 1);
}

TEST(DmaBytes, MemorySeesEveryBurstOnceWithItsAddressAndLength) {
    DmaBench bench({});
    Command rows = transfer(Opcode::load, 200, 100);
    rows.dma.count = {3, 1, 1};
    rows.dma.stride_bytes = {1000, 0, 0};
    rows.dma.pad_bytes = 300;
    bench.loads.add(0, rows);
    sc_core::sc_start();
    const std::vector<std::pair<std::uint64_t, std::uint32_t>> expected{
        {200, 56}, {256, 44}, {1200, 80}, {1280, 20}, {2200, 100}}; // cut at multiples of 256
    ASSERT_EQ(bench.memory.requests.size(), expected.size());
    for (std::size_t i = 0; i < expected.size(); ++i) {
        EXPECT_EQ(bench.memory.requests[i].address, expected[i].first);
        EXPECT_EQ(bench.memory.requests[i].bytes, expected[i].second);
        EXPECT_FALSE(bench.memory.requests[i].write);
    }
}

TEST(DmaBytes, NarrowingStoreReadsItsPadBytesAndWritesItsMemoryBytes) {
    DmaBench bench({});
    Command store = transfer(Opcode::store, 100, 1000);
    store.dma.pad = Pad::ofmap;
    store.dma.pad_bytes = 4000;
    bench.stores.add(0, store);
    sc_core::sc_start();
    Statistics statistics;
    bench.pads[static_cast<std::size_t>(Pad::ofmap)]->report(statistics);
    EXPECT_EQ(statistics.json()["dma"]["bytes"]["value"], 4000);
    EXPECT_EQ(bench.dma.write_bytes_by_operation()[0], 1000U);
}

TEST(DmaBytes, ErrorOfMemoryIsReportedWithAddressAndLength) {
    static std::vector<std::string> reports; // a handler has no context
    sc_core::sc_report_handler::set_handler([](const sc_core::sc_report& report, const sc_core::sc_actions&) {
        reports.push_back(std::string(report.get_msg_type()) + ": " + report.get_msg());
    });
    DmaBench bench({{20}, unit_test::TestMemory::Answer::end_req, 1, 512});
    bench.loads.add(0, transfer(Opcode::load, 256, 600));
    sc_core::sc_start();
    ASSERT_EQ(reports.size(), 1U);
    EXPECT_EQ(reports[0], "/dma/response: TLM_ADDRESS_ERROR_RESPONSE at address 0x200, 256 bytes");
    EXPECT_EQ(bench.loads.retired.size(), 1U); // the run may go on
}

TEST(DmaWaves, ShowStateAndBurstsInFlight) {
    struct Sink : WaveSink {
        bool add(const std::string& path, unsigned, std::uint32_t& id) override {
            id = path == "dma.load.in_flight" ? 0 : path == "dma.load.state" ? 1 : 2;
            return id < 2;
        }
        void change(std::uint32_t id, std::uint64_t time_ps, std::uint64_t value) override {
            changes[id].emplace_back(time_ps / 1000, value);
        }
        std::vector<std::pair<std::uint64_t, std::uint64_t>> changes[2];
    } sink;
    DmaBench bench({});
    bench.dma.add_waves(WaveScope(&sink, "dma"));
    bench.loads.add(5, transfer(Opcode::load, 0, 512));
    sc_core::sc_start();
    using Changes = std::vector<std::pair<std::uint64_t, std::uint64_t>>;
    EXPECT_EQ(sink.changes[0], (Changes{{5, 1}, {6, 2}, {25, 1}, {26, 0}}));
    EXPECT_EQ(sink.changes[1], (Changes{{5, 1}, {6, 2}, {27, 0}})); // sending, waiting, idle after the pad's cycle
}

TEST(DmaBytes, RandomTrafficIsMovedOnceAndRetiresInOrder) {
    std::mt19937 random(17);
    unit_test::TestMemory::Params memory;
    memory.answer = unit_test::TestMemory::Answer::late_end_req;
    memory.accept_cycles = 2;
    memory.latencies.clear();
    for (int i = 0; i < 97; ++i) {
        memory.latencies.push_back(1 + random() % 120);
    }
    DmaBench bench(memory, 8);
    std::vector<std::uint64_t> reads(4), writes(4);
    for (int i = 0; i < 400; ++i) {
        const bool load = random() % 2 == 0;
        const std::uint32_t bytes = 1 + static_cast<std::uint32_t>(random() % 3000);
        const std::uint32_t operation = static_cast<std::uint32_t>(random() % 4);
        Command command = transfer(load ? Opcode::load : Opcode::store, random() % 100'000, bytes, operation);
        command.dma.count[0] = 2;
        command.dma.stride_bytes[0] = bytes + static_cast<std::uint32_t>(random() % 50);
        command.dma.pad_bytes = 2 * bytes;
        (load ? bench.loads : bench.stores).add(random() % 2000, command);
        (load ? reads : writes)[operation] += 2 * bytes;
    }
    sc_core::sc_start();
    EXPECT_EQ(bench.loads.retired.size() + bench.stores.retired.size(), 400U);
    EXPECT_EQ(bench.dma.read_bytes_by_operation(), reads);
    EXPECT_EQ(bench.dma.write_bytes_by_operation(), writes);
    EXPECT_LE(bench.memory.largest_in_flight, 16U);
    std::uint64_t served = 0;
    for (const auto& request : bench.memory.requests) {
        served += request.bytes;
    }
    std::uint64_t asked = 0;
    for (std::size_t i = 0; i < 4; ++i) {
        asked += reads[i] + writes[i];
    }
    EXPECT_EQ(served, asked);
}

} // namespace
} // namespace systolica
