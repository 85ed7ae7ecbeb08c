// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "models/noc/fabric_noc.h"

#include <cmath>
#include <map>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/models/noc/noc_ends.h"

namespace systolica {
namespace {

using test::NocBench;
using test::TestMemory;

constexpr std::uint64_t kPeriod = 1250; // 800 MHz

// Tiles on the routers of a 2 x 2 mesh, memories at routers 0 and 3.
NocConfig two_by_two(unsigned router_cycles = 3) {
    NocConfig config;
    config.columns = 2;
    config.rows = 2;
    config.router_cycles = router_cycles;
    config.tile_routers = {0, 1, 2, 3};
    config.memory_routers = {0, 3};
    return config;
}

NocConfig one_router(unsigned tiles, unsigned memories) {
    NocConfig config;
    config.tile_routers.assign(tiles, 0);
    config.memory_routers.assign(memories, 0);
    return config;
}

// 2 + t_r * R + (L - 1), in ps.
std::uint64_t law(unsigned router_cycles, unsigned routers, unsigned flits) {
    return (2 + std::uint64_t{router_cycles} * routers + flits - 1) * kPeriod;
}

class AccessNocRouters : public testing::TestWithParam<unsigned> {};

TEST_P(AccessNocRouters, LoneReadAndWriteFollowTheZeroLoadLawBothWays) {
    const unsigned cycles = GetParam();
    NocBench bench(two_by_two(cycles));
    bench.memories[0]->latency_ps = 40 * kPeriod;
    bench.memories[1]->latency_ps = 40 * kPeriod;
    // Tile 1 (router 1) to memory 0 (router 0): two routers. Tile 0 (router 0) to memory 1 (router 3): three.
    bench.tiles[1]->accesses = {{0, 0, 256, false}};
    bench.tiles[0]->accesses = {{1000 * kPeriod, 256, 256, true}, {2000 * kPeriod, 256, 100, false}};
    sc_core::sc_start();
    ASSERT_EQ(bench.tiles[1]->done.size(), 1U);
    ASSERT_EQ(bench.tiles[0]->done.size(), 2U);
    // 256 bytes are eight flits of 32 bytes and a header, 100 bytes four and a header.
    EXPECT_EQ(bench.tiles[1]->done[0].answered_ps, law(cycles, 2, 1) + 40 * kPeriod + law(cycles, 2, 9));
    EXPECT_EQ(bench.tiles[0]->done[0].answered_ps, 1040 * kPeriod + law(cycles, 3, 9) + law(cycles, 3, 1));
    EXPECT_EQ(bench.tiles[0]->done[1].answered_ps, 2040 * kPeriod + law(cycles, 3, 1) + law(cycles, 3, 5));
    EXPECT_EQ(bench.noc.packets(), 6U);
    EXPECT_EQ(bench.noc.packet_hops(), 2U * 1 + 4U * 2);
    EXPECT_EQ(bench.noc.bytes(), 256U + 256 + 100);
    EXPECT_EQ(bench.noc.in_flight(), 0U);
}

INSTANTIATE_TEST_SUITE_P(All, AccessNocRouters, testing::Values(3U, 4U, 5U));

class AccessNocAnswers : public testing::TestWithParam<TestMemory::Answer> {};

// However the memory answers, it does so 7 cycles after the request, and the time of the access is the same.
TEST_P(AccessNocAnswers, EveryLegalAnswerOfTheMemoryTakesTheSameTime) {
    NocBench bench(one_router(1, 1));
    bench.memories[0]->answer = GetParam();
    bench.memories[0]->latency_ps = 7 * kPeriod;
    bench.tiles[0]->accesses = {{0, 64, 64, false}};
    sc_core::sc_start();
    ASSERT_EQ(bench.tiles[0]->done.size(), 1U);
    EXPECT_EQ(bench.tiles[0]->done[0].answered_ps, law(3, 1, 1) + 7 * kPeriod + law(3, 1, 3));
    EXPECT_EQ(bench.memories[0]->end_responses_due, 0);
    EXPECT_EQ(bench.tiles[0]->pool.in_use(), 0U);
}

INSTANTIATE_TEST_SUITE_P(All, AccessNocAnswers,
                         testing::Values(TestMemory::Answer::end_request_at_once, TestMemory::Answer::end_request_later,
                                         TestMemory::Answer::response_only, TestMemory::Answer::response_on_return,
                                         TestMemory::Answer::completed));

TEST(AccessNoc, AnAnswerBetweenEdgesIsTakenAtTheNext) {
    NocBench bench(one_router(1, 1));
    bench.memories[0]->latency_ps = 3 * kPeriod + 1;
    bench.tiles[0]->accesses = {{0, 0, 32, true}};
    sc_core::sc_start();
    EXPECT_EQ(bench.tiles[0]->done.at(0).answered_ps, law(3, 1, 2) + 4 * kPeriod + law(3, 1, 1));
}

// 933 MHz has no whole period; edge n lies at round(n * 1e6 / 933) ps.
TEST(AccessNoc, EdgesOfAnyClockAreMet) {
    NocBench bench(one_router(1, 1), 256, 933);
    bench.tiles[0]->accesses = {{0, 0, 256, false}};
    sc_core::sc_start();
    const double edges = (2 + 3) + (2 + 3 + 8);
    EXPECT_EQ(bench.tiles[0]->done.at(0).answered_ps, static_cast<std::uint64_t>(std::llround(edges * 1e6 / 933)));
}

// Writes of 9 flits: the injection link, then the door of the memory, carry one flit a cycle without a pause.
TEST(AccessNoc, AStreamOfWritesFillsItsLink) {
    NocBench bench(one_router(1, 1));
    for (unsigned i = 0; i < 200; ++i) {
        bench.tiles[0]->accesses.push_back({0, 256 * i, 256, true});
    }
    bench.tiles[0]->window = 16;
    sc_core::sc_start();
    EXPECT_EQ(bench.tiles[0]->done.at(199).answered_ps, law(3, 1, 9) + 199 * 9 * kPeriod + law(3, 1, 1));
}

// Two tiles read from one memory: the memory's injection link carries 9 flits a response, and never more.
TEST(AccessNoc, ReadersShareTheLinkOutOfTheMemory) {
    NocBench bench(two_by_two(), 1 << 20);
    for (unsigned i = 0; i < 300; ++i) {
        bench.tiles[1]->accesses.push_back({0, 256 * i, 256, false});
        bench.tiles[2]->accesses.push_back({0, 256 * i, 256, false});
    }
    bench.tiles[1]->window = bench.tiles[2]->window = 16;
    sc_core::sc_start();
    const std::uint64_t end =
        std::max(bench.tiles[1]->done.at(299).answered_ps, bench.tiles[2]->done.at(299).answered_ps);
    EXPECT_EQ(end, law(3, 2, 1) + 599 * 9 * kPeriod + law(3, 2, 9));
    const std::uint64_t share = bench.tiles[1]->done.at(149).answered_ps;
    EXPECT_NEAR(static_cast<double>(share), static_cast<double>(end) / 2, 40.0 * 9 * kPeriod) << "an equal share each";
}

TEST(AccessNoc, AMemoryThatPushesBackHoldsOnlyItsOwnRequests) {
    NocBench bench(two_by_two());
    bench.memories[0]->closed_until_ps = 5000 * kPeriod;
    for (unsigned i = 0; i < 10; ++i) {
        bench.tiles[0]->accesses.push_back({0, 512 * i, 256, true});        // channel 0
        bench.tiles[1]->accesses.push_back({0, 512 * i + 256, 256, false}); // channel 1
    }
    bench.tiles[0]->window = bench.tiles[1]->window = 10;
    sc_core::sc_start(sc_core::sc_time::from_value(4000 * kPeriod));
    EXPECT_EQ(bench.tiles[0]->done.size(), 0U);
    EXPECT_EQ(bench.tiles[1]->done.size(), 10U);
    EXPECT_EQ(bench.noc.waiting(), "noc: memory0 withholds END_REQ, 0 more requests wait\n");
    sc_core::sc_start();
    EXPECT_EQ(bench.tiles[0]->done.size(), 10U);
    EXPECT_EQ(bench.noc.waiting(), "");
    EXPECT_EQ(bench.noc.in_flight(), 0U);
}

TEST(AccessNoc, AnAccessOverTheEdgeOfAChannelIsABurstError) {
    NocBench bench(one_router(1, 2));
    bench.tiles[0]->accesses = {{0, 192, 128, false}, {0, 256, 256, false}};
    sc_core::sc_start();
    ASSERT_EQ(bench.tiles[0]->done.size(), 2U);
    EXPECT_EQ(bench.tiles[0]->done[0].status, tlm::TLM_BURST_ERROR_RESPONSE);
    EXPECT_EQ(bench.tiles[0]->done[1].status, tlm::TLM_OK_RESPONSE);
    EXPECT_EQ(bench.memories[0]->arrivals.size(), 0U);
    EXPECT_EQ(bench.noc.bytes(), 256U);
}

TEST(AccessNoc, ARequestBeforeEndReqIsReported) {
    NocBench bench(one_router(1, 1));
    sc_core::sc_start(sc_core::SC_ZERO_TIME);
    PayloadPool pool(256);
    const auto send = [&] {
        tlm::tlm_generic_payload& payload = pool.acquire(tlm::TLM_WRITE_COMMAND, 0, 256);
        tlm::tlm_phase phase = tlm::BEGIN_REQ;
        sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
        bench.tiles[0]->out->nb_transport_fw(payload, phase, delay);
    };
    send();
    EXPECT_THROW(send(), sc_core::sc_report);
}

TEST(AccessNoc, ABlockingAccessAloneTakesAsLongAsTheSameInPhases) {
    NocBench bench(two_by_two());
    bench.memories[1]->latency_ps = 11 * kPeriod;
    sc_core::sc_start(sc_core::SC_ZERO_TIME);
    PayloadPool pool(256);
    tlm::tlm_generic_payload& payload = pool.acquire(tlm::TLM_READ_COMMAND, 256, 256);
    sc_core::sc_time delay = sc_core::sc_time::from_value(100 * kPeriod - 3); // taken at the next edge
    bench.tiles[0]->out->b_transport(payload, delay);
    EXPECT_EQ(delay.value(), 100 * kPeriod + law(3, 3, 1) + 11 * kPeriod + law(3, 3, 9));
    EXPECT_EQ(payload.get_response_status(), tlm::TLM_OK_RESPONSE);
    EXPECT_EQ(bench.noc.bytes(), 256U);
    payload.release();
}

TEST(AccessNoc, BlockingWritesFillTheLinkAndNoMore) {
    NocBench bench(one_router(1, 1));
    sc_core::sc_start(sc_core::SC_ZERO_TIME);
    PayloadPool pool(256);
    sc_core::sc_time delay;
    for (unsigned i = 0; i < 50; ++i) {
        tlm::tlm_generic_payload& payload = pool.acquire(tlm::TLM_WRITE_COMMAND, 256 * i, 256);
        delay = sc_core::SC_ZERO_TIME;
        bench.tiles[0]->out->b_transport(payload, delay);
        payload.release();
    }
    EXPECT_EQ(delay.value(), law(3, 1, 9) + 49 * 9 * kPeriod + law(3, 1, 1));
}

TEST(AccessNoc, ADebugAccessIsSplitOverTheChannels) {
    NocBench bench(one_router(1, 2));
    sc_core::sc_start(sc_core::SC_ZERO_TIME);
    PayloadPool pool(1024);
    tlm::tlm_generic_payload& payload = pool.acquire(tlm::TLM_READ_COMMAND, 200, 600);
    EXPECT_EQ(bench.tiles[0]->out->transport_dbg(payload), 600U);
    EXPECT_EQ(bench.memories[0]->debug_pieces, (std::map<std::uint64_t, unsigned>{{200, 56}, {512, 256}}));
    EXPECT_EQ(bench.memories[1]->debug_pieces, (std::map<std::uint64_t, unsigned>{{256, 256}, {768, 32}}));
    EXPECT_EQ(payload.get_address(), 200U);
    EXPECT_EQ(payload.get_data_length(), 600U);
    payload.release();
}

// Keeps every change; a signal's changes must alternate and the sum of its high times is the link's busy time.
class WaveLog : public WaveSink {
public:
    bool add(const std::string& path, unsigned, std::uint32_t& id) override {
        id = static_cast<std::uint32_t>(paths.size());
        paths.push_back(path);
        level.push_back(0);
        since.push_back(0);
        weighted.push_back(0);
        return path.find("tile1") == std::string::npos;
    }
    void change(std::uint32_t id, std::uint64_t time_ps, std::uint64_t value) override {
        EXPECT_GE(time_ps, last);
        EXPECT_LE(time_ps, sc_core::sc_time_stamp().value());
        last = time_ps;
        weighted[id] += (time_ps - since[id]) * level[id];
        since[id] = time_ps;
        level[id] = value;
    }

    std::vector<std::string> paths;
    std::vector<std::uint64_t> level, since, weighted; // weighted: level times time
    std::uint64_t last = 0;
};

TEST(AccessNoc, WavesShowEachLinkBusyForItsFlitsAndChangeNothing) {
    NocBench bench(two_by_two());
    WaveLog log;
    bench.noc.add_waves(WaveScope(&log, "chip0.noc"));
    for (unsigned i = 0; i < 100; ++i) {
        bench.tiles[0]->accesses.push_back({0, 256 * i, 256, i % 3 == 0});
        bench.tiles[3]->accesses.push_back({0, 256 * i, 256, i % 3 == 1});
    }
    bench.tiles[0]->window = bench.tiles[3]->window = 8;
    bench.memories[0]->latency_ps = 1234;
    sc_core::sc_start();
    log.catch_up(sc_core::sc_time_stamp().value());
    ASSERT_EQ(bench.answered(), 200U);
    const auto weighted = [&](const std::string& name) {
        for (std::size_t id = 0; id < log.paths.size(); ++id) {
            if (log.paths[id] == "chip0.noc." + name) {
                return log.weighted[id];
            }
        }
        ADD_FAILURE() << "no signal " << name;
        return std::uint64_t{0};
    };
    for (const AccessNoc::LinkUse& link : bench.noc.links()) {
        EXPECT_EQ(weighted("link." + link.name + ".busy"), link.busy_cycles * kPeriod) << link.name;
    }
    EXPECT_GT(weighted("link.r0_east.busy"), 0U);
    // A tile sends its next request when the link is free, so none ever waits; at a memory some do.
    EXPECT_EQ(weighted("tile0.backlog"), weighted("link.tile0_inject.busy"));
    EXPECT_GE(weighted("memory0.backlog"), weighted("link.memory0_inject.busy"));
}

TEST(AccessNoc, ReportHoldsTheTotalsAndEveryLink) {
    NocBench bench(one_router(1, 1));
    bench.tiles[0]->accesses = {{0, 0, 256, true}};
    sc_core::sc_start();
    Statistics statistics;
    bench.noc.report(statistics);
    const nlohmann::ordered_json json = statistics.json();
    EXPECT_EQ(json["packets"]["value"], 2);
    EXPECT_EQ(json["packet_hops"]["value"], 0);
    EXPECT_EQ(json["bytes"]["value"], 256);
    EXPECT_EQ(json["links"]["tile0_inject"]["busy_cycles"]["value"], 9);
    EXPECT_EQ(json["links"]["tile0_eject"]["busy_cycles"]["value"], 1);
    EXPECT_EQ(json["busiest_link"]["value"], "tile0_inject");
}

} // namespace
} // namespace systolica
