// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "models/dram/private_memory.h"

#include "base/statistics.h"
#include "tests/models/dram/test_initiator.h"

#include <nlohmann/json.hpp>

namespace systolica {
namespace {

using test::Script;
using test::TestInitiator;

// 1 GHz: a cycle is 1000 ps. Widths by Pad: ifmap, filter, ofmap, vector.
PrivateMemory::Params params() {
    return {Clock(1'000'000), {64, 128, 32, 256}};
}

struct Bench {
    Bench() { initiator.mem_out.bind(memory.mem_in); }

    PrivateMemory memory{"memory", params()};
    TestInitiator initiator{"initiator"};
};

TEST(PrivateMemory, InterfacesWorkSideBySideEachAtItsWidth) {
    Bench bench;
    Script script("script", [&] {
        sc_core::wait(sc_core::sc_time(7, sc_core::SC_NS));
        for (const Pad pad : {Pad::ifmap, Pad::filter, Pad::ofmap, Pad::vector}) {
            bench.initiator.send(false, private_region(pad), 1024);
        }
        bench.initiator.send(true, private_region(Pad::ofmap) + (1 << 20), 64); // behind the read
    });
    sc_core::sc_start();
    // 8192 bits over 64, 128, 32, 256; then 512 over 32.
    const std::uint64_t cycles[] = {128, 64, 256, 32, 256 + 16};
    ASSERT_EQ(bench.initiator.records.size(), 5u);
    for (std::size_t i = 0; i < 5; ++i) {
        EXPECT_EQ(bench.initiator.records[i].answered_ps, (7 + cycles[i]) * 1000);
        EXPECT_EQ(bench.initiator.records[i].status, tlm::TLM_OK_RESPONSE);
    }
    EXPECT_EQ(bench.initiator.pool.in_use(), 0u);
    EXPECT_EQ(bench.memory.counters().read_bytes, 4 * 1024u);
    EXPECT_EQ(bench.memory.counters().write_bytes, 64u);
    EXPECT_EQ(bench.memory.counters().bus_bytes, 4 * 1024u + 64);
}

TEST(PrivateMemory, RequestsBetweenEdgesBeginAtTheNextOne) {
    Bench bench;
    Script script("script", [&] {
        sc_core::wait(sc_core::sc_time(2500, sc_core::SC_PS));
        bench.initiator.send(false, private_region(Pad::ifmap), 8);
    });
    sc_core::sc_start();
    EXPECT_EQ(bench.initiator.records[0].answered_ps, 4000u);
}

TEST(PrivateMemory, BlockingCallsTakeTheSameTimes) {
    Bench bench;
    Script script("script", [&] {
        PayloadPool pool(4096);
        sc_core::sc_time delay(3, sc_core::SC_NS); // annotated: the request comes then
        tlm::tlm_generic_payload& first = pool.acquire(tlm::TLM_READ_COMMAND, private_region(Pad::vector), 96);
        bench.initiator.mem_out->b_transport(first, delay);
        EXPECT_EQ(delay, sc_core::sc_time(3 + 3, sc_core::SC_NS));
        sc_core::sc_time second(0, sc_core::SC_NS); // comes later although it is called with less delay
        bench.initiator.mem_out->b_transport(first, second);
        EXPECT_EQ(second, sc_core::sc_time(9, sc_core::SC_NS));
        first.release();
    });
    sc_core::sc_start();
}

TEST(PrivateMemory, AddressOfNoInterfaceIsAnError) {
    Bench bench;
    Script script("script", [&] {
        bench.initiator.send(false, std::uint64_t{4} << kPrivateRegionLog2, 8);
        bench.initiator.send(true, private_region(Pad::filter) - 4, 8); // half of it in another region
    });
    sc_core::sc_start();
    EXPECT_EQ(bench.initiator.records[0].status, tlm::TLM_ADDRESS_ERROR_RESPONSE);
    EXPECT_EQ(bench.initiator.records[1].status, tlm::TLM_ADDRESS_ERROR_RESPONSE);
    EXPECT_EQ(bench.memory.counters().bus_bytes, 0u);
}

TEST(PrivateMemory, ReportsEachInterface) {
    Bench bench;
    Script script("script", [&] {
        bench.initiator.send(false, private_region(Pad::ifmap), 20);
        bench.initiator.send(true, private_region(Pad::ofmap), 12);
    });
    sc_core::sc_start();
    Statistics statistics;
    bench.memory.report(statistics);
    const auto json = statistics.json();
    EXPECT_EQ(json["ifmap"]["read_bytes"]["value"], 20u);
    EXPECT_EQ(json["ifmap"]["busy_cycles"]["value"], 3u);
    EXPECT_EQ(json["ofmap"]["writes"]["value"], 1u);
    EXPECT_EQ(json["ofmap"]["busy_cycles"]["value"], 3u);
    EXPECT_EQ(json["vector"]["busy_cycles"]["value"], 0u);
}

// What changes, with its time in cycles.
class NotedWaves : public WaveSink {
public:
    struct Change {
        std::string path;
        std::uint64_t cycle, value;
        bool operator==(const Change& other) const {
            return path == other.path && cycle == other.cycle && value == other.value;
        }
    };

    bool add(const std::string& path, unsigned, std::uint32_t& id) override {
        id = static_cast<std::uint32_t>(paths_.size());
        paths_.push_back(path);
        return true;
    }
    void change(std::uint32_t id, std::uint64_t time_ps, std::uint64_t value) override {
        changes.push_back({paths_[id], time_ps / 1000, value});
    }

    std::vector<Change> changes;

private:
    std::vector<std::string> paths_;
};

TEST(PrivateMemory, WavesShowWhenAnInterfaceIsBusyWithoutGaps) {
    Bench bench;
    NotedWaves waves;
    bench.memory.add_waves(WaveScope(&waves, "m"));
    Script script("script", [&] {
        bench.initiator.send(false, private_region(Pad::ifmap), 16); // cycles 0 and 1
        bench.initiator.send(true, private_region(Pad::ifmap), 8);   // right behind
        sc_core::wait(sc_core::sc_time(10, sc_core::SC_NS));
        bench.initiator.send(false, private_region(Pad::filter), 16);
    });
    sc_core::sc_start();
    waves.end_sources(20'000);
    EXPECT_EQ(waves.changes,
              (std::vector<NotedWaves::Change>{
                  {"m.ifmap.busy", 0, 1}, {"m.ifmap.busy", 3, 0}, {"m.filter.busy", 10, 1}, {"m.filter.busy", 11, 0}}));
}

} // namespace
} // namespace systolica
