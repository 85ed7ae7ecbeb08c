// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// Accesses between tiles, and accesses that tiles share: one read for all of them, one write of their sum. Times follow
// from the zero-load law 2 + t_r * R + (L - 1), R routers and L flits, worked out by hand below.
#include <algorithm>
#include <random>

#include <gtest/gtest.h>

#include "machine/commands/tile_address.h"
#include "models/noc/fabric_noc.h"
#include "tests/models/noc/noc_ends.h"

namespace systolica {
namespace {

constexpr std::uint64_t kPeriod = 1250; // 800 MHz
constexpr std::uint64_t kLatency = 20;  // cycles of a memory

constexpr std::uint64_t law(std::uint64_t routers, std::uint64_t flits) {
    return 2 + 3 * routers + flits - 1;
}

// Nine tiles on a mesh of 3 x 3, one memory at router 0. Behind each tile's scratchpad socket a memory stands.
NocConfig config_of(NocLevel level, bool multicast = true) {
    NocConfig config;
    config.level = level;
    config.columns = 3;
    config.rows = 3;
    config.virtual_channels = 4;
    config.buffer_flits = 16; // a packet of 256 bytes fits
    config.multicast = multicast;
    config.tile_routers = {0, 1, 2, 3, 4, 5, 6, 7, 8};
    config.memory_routers = {0};
    return config;
}

struct Bench : test::BenchOf<FabricNoc> {
    std::vector<std::unique_ptr<test::TestMemory>> pads;

    explicit Bench(const NocConfig& config) : BenchOf(config) {
        for (unsigned tile = 0; tile < tiles.size(); ++tile) {
            pads.push_back(std::make_unique<test::TestMemory>(("pads" + std::to_string(tile)).c_str(), 300 + tile));
            noc.tile_out[tile].bind(pads.back()->in);
            pads.back()->latency_ps = kLatency * kPeriod;
        }
        memories[0]->latency_ps = kLatency * kPeriod;
    }

    std::uint64_t cycle_of_answer(unsigned tile, std::size_t index = 0) const {
        return tiles[tile]->done.at(index).answered_ps / kPeriod;
    }
};

class SharedAccesses : public testing::TestWithParam<NocLevel> {};

INSTANTIATE_TEST_SUITE_P(Levels, SharedAccesses, testing::Values(NocLevel::packet, NocLevel::flit),
                         [](const testing::TestParamInfo<NocLevel>& of) {
                             return std::string(of.param == NocLevel::flit ? "flit" : "packet");
                         });

std::uint64_t ofmap_of(unsigned tile, std::uint32_t byte = 0) {
    return encode(TileAddress{tile, Pad::ofmap, byte});
}

TEST_P(SharedAccesses, AnotherTilesScratchpadIsReachedByTheZeroLoadLaw) {
    Bench bench(config_of(GetParam()));
    bench.tiles[0]->accesses = {{0, ofmap_of(8), 256, false}};            // routers 0 1 2 5 8
    bench.tiles[3]->accesses = {{1000 * kPeriod, ofmap_of(3), 64, true}}; // its own: one router
    sc_core::sc_start();
    EXPECT_EQ(bench.cycle_of_answer(0), law(5, 1) + kLatency + law(5, 9));
    EXPECT_EQ(bench.cycle_of_answer(3), 1000 + law(1, 3) + kLatency + law(1, 1));
    EXPECT_EQ(bench.pads[8]->arrivals.size(), 1U);
    EXPECT_EQ(bench.pads[3]->arrivals.size(), 1U);
    EXPECT_EQ(bench.noc.in_flight(), 0U);
}

TEST_P(SharedAccesses, ATileThatIsNotThereIsAnAddressError) {
    Bench bench(config_of(GetParam()));
    bench.tiles[4]->accesses = {{0, ofmap_of(9), 64, false}};
    sc_core::sc_start();
    ASSERT_EQ(bench.tiles[4]->done.size(), 1U);
    EXPECT_EQ(bench.tiles[4]->done[0].status, tlm::TLM_ADDRESS_ERROR_RESPONSE);
}

// The read begins when the request of the farthest tile has come, a cycle later at most for each of the two routers
// where it meets others; each answer takes its own way from there.
TEST_P(SharedAccesses, AReadOfSeveralTilesIsServedOnceAndDeliveredToAll) {
    Bench bench(config_of(GetParam()));
    const std::vector<std::pair<unsigned, unsigned>> sharers{{1, 2}, {3, 2}, {8, 5}}; // tile, routers to the memory
    for (const auto& sharer : sharers) {
        bench.tiles[sharer.first]->accesses = {{0, 4096, 256, false, 3}};
    }
    sc_core::sc_start();
    ASSERT_EQ(bench.memories[0]->arrivals.size(), 1U);
    const std::uint64_t asked = bench.memories[0]->arrivals[0].at_ps / kPeriod;
    EXPECT_GE(asked, law(5, 1));
    EXPECT_LE(asked, law(5, 1) + 2);
    for (const auto& [tile, routers] : sharers) {
        ASSERT_EQ(bench.tiles[tile]->done.size(), 1U);
        EXPECT_EQ(bench.tiles[tile]->done[0].status, tlm::TLM_OK_RESPONSE);
        EXPECT_EQ(bench.cycle_of_answer(tile), asked + kLatency + law(routers, 9)) << tile;
    }
    EXPECT_EQ(bench.noc.bytes(), 3U * 256);
    EXPECT_EQ(bench.noc.packets(), 3U + 1);
    EXPECT_EQ(bench.noc.in_flight(), 0U);
}

TEST_P(SharedAccesses, ATileThatIsAheadWaitsForTheNextRound) {
    Bench bench(config_of(GetParam()));
    bench.tiles[1]->window = 4;
    bench.tiles[1]->accesses = {{0, 4096, 256, false, 2}, {0, 4096, 256, false, 2}};
    bench.tiles[2]->accesses = {{500 * kPeriod, 4096, 256, false, 2}, {2000 * kPeriod, 4096, 256, false, 2}};
    sc_core::sc_start();
    ASSERT_EQ(bench.memories[0]->arrivals.size(), 2U);
    for (const std::size_t round : {0U, 1U}) { // the requests meet at router 1
        const std::uint64_t asked = bench.memories[0]->arrivals[round].at_ps / kPeriod;
        const std::uint64_t sent = round == 0 ? 500 : 2000;
        EXPECT_GE(asked, sent + law(3, 1));
        EXPECT_LE(asked, sent + law(3, 1) + 1);
        EXPECT_EQ(bench.cycle_of_answer(1, round), asked + kLatency + law(2, 9));
    }
}

TEST_P(SharedAccesses, WithoutMulticastEachIsServedAlone) {
    Bench bench(config_of(GetParam(), false));
    for (const unsigned tile : {1U, 3U, 8U}) {
        bench.tiles[tile]->accesses = {{0, 4096, 256, false, 3}};
    }
    sc_core::sc_start();
    EXPECT_EQ(bench.memories[0]->arrivals.size(), 3U);
    EXPECT_EQ(bench.answered(), 3U);
}

TEST_P(SharedAccesses, WhoNeverComesIsNamed) {
    Bench bench(config_of(GetParam()));
    bench.tiles[1]->accesses = {{0, 4096, 256, false, 2}};
    sc_core::sc_start();
    EXPECT_EQ(bench.answered(), 0U);
    EXPECT_EQ(bench.noc.waiting(), "noc: 1 of 2 tiles have asked for 256 bytes at address 4096\n");
}

// Parts go when the last one is there. Tiles 2, 5 and 8 of one column add into tile 2 of the same column's first
// router: the farthest part crosses three routers, two of which add (a cycle each).
TEST_P(SharedAccesses, WritesOfSeveralTilesArriveAsOneSum) {
    NocConfig config = config_of(GetParam());
    config.combine_cycles = 1;
    Bench bench(config);
    bench.tiles[5]->accesses = {{0, ofmap_of(2), 256, true, 2}};
    bench.tiles[8]->accesses = {{100 * kPeriod, ofmap_of(2), 256, true, 2}};
    sc_core::sc_start();
    ASSERT_EQ(bench.pads[2]->arrivals.size(), 1U);
    const std::uint64_t sum = bench.pads[2]->arrivals[0].at_ps / kPeriod;
    EXPECT_GE(sum, 100 + law(3, 9));
    EXPECT_LE(sum, 100 + law(3, 9) + 2);
    EXPECT_EQ(bench.cycle_of_answer(5), sum + kLatency + law(2, 1));
    EXPECT_EQ(bench.cycle_of_answer(8), sum + kLatency + law(3, 1));
    EXPECT_EQ(bench.noc.in_flight(), 0U);
}

TEST_P(SharedAccesses, ABlockingReadIsMadeByTheFirstAndWaitedForByTheOthers) {
    Bench bench(config_of(GetParam()));
    const auto read = [&](unsigned tile, std::uint64_t from_cycle) {
        tlm::tlm_generic_payload& payload = bench.tiles[tile]->pool.acquire(tlm::TLM_READ_COMMAND, 4096, 256);
        auto* shared = new SharedAccess;
        shared->sharers = 3;
        payload.set_auto_extension(shared);
        sc_core::sc_time delay = sc_core::sc_time::from_value(from_cycle * kPeriod);
        bench.tiles[tile]->out->b_transport(payload, delay);
        EXPECT_EQ(payload.get_response_status(), tlm::TLM_OK_RESPONSE);
        payload.release();
        return delay.value() / kPeriod;
    };
    const std::uint64_t answered = law(2, 1) + kLatency;
    EXPECT_EQ(read(1, 0), answered + law(2, 9));
    EXPECT_GE(read(3, 0), answered + law(2, 9)); // its answer leaves the memory after the first one's
    EXPECT_EQ(read(8, 1000), 1000 + law(5, 1) + law(5, 9));
    EXPECT_EQ(bench.memories[0]->arrivals.size(), 1U);
    EXPECT_EQ(bench.noc.waiting(), "");
}

// Shared reads and sums among single accesses, tiles at different speeds, memories that push back: everything is
// answered, and memory and scratchpads see each shared access once.
TEST_P(SharedAccesses, NothingIsLostOrStuckInACrowd) {
    Bench bench(config_of(GetParam()));
    std::mt19937 random(7);
    std::size_t rounds = 150;
    std::size_t singles = 0;
    for (std::size_t round = 0; round < rounds; ++round) {
        const auto first = static_cast<unsigned>(random() % 5);
        const auto last = static_cast<unsigned>(first + 2 + random() % 3);
        for (unsigned tile = 0; tile < 9; ++tile) {
            auto& list = bench.tiles[tile]->accesses;
            const std::uint64_t at = random() % 4 == 0 ? round * 40 * kPeriod : 0;
            if (tile >= first && tile <= last) {
                list.push_back({at, round * 256, 256, false, last - first + 1});
                list.push_back({at, ofmap_of(0, static_cast<std::uint32_t>(round) * 64), 64, true, last - first + 1});
            } else if (random() % 2 == 0) {
                list.push_back({at, (1000 + singles++) * 256, 256, random() % 2 == 0});
            }
        }
    }
    std::size_t accesses = 0;
    for (auto& tile : bench.tiles) {
        tile->window = 6;
        tile->completion = test::TestTile::Completion::random;
        accesses += tile->accesses.size();
    }
    bench.memories[0]->answer = test::TestMemory::Answer::random;
    bench.memories[0]->random_latency = true;
    sc_core::sc_start();
    EXPECT_EQ(bench.answered(), accesses);
    EXPECT_EQ(bench.memories[0]->arrivals.size(), rounds + singles);
    EXPECT_EQ(bench.pads[0]->arrivals.size(), rounds);
    EXPECT_EQ(bench.noc.waiting(), "");
    EXPECT_EQ(bench.noc.in_flight(), 0U);
}

} // namespace
} // namespace systolica
