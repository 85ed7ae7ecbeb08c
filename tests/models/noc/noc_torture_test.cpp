// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// Thousands of random accesses through a network whose ends delay, push back and answer in every legal way.
#include <algorithm>
#include <map>
#include <random>
#include <set>

#include <gtest/gtest.h>

#include "models/noc/fabric_noc.h"
#include "tests/models/noc/noc_ends.h"

namespace systolica {
namespace {

using test::Access;
using test::NocBench;
using test::TestMemory;
using test::TestTile;

constexpr unsigned kAccesses = 600; // a tile
constexpr unsigned kInterleave = 256;

NocConfig crowded_mesh() {
    NocConfig config;
    config.columns = 3;
    config.rows = 3;
    config.tile_routers = {0, 1, 2, 3, 4, 5, 6, 7, 8, 4};
    config.memory_routers = {0, 4, 4};
    return config;
}

// Addresses name tile and number of the access, so that every one is told apart: access n of tile t lies in block
// n * 16 + t of each channel's own blocks, or of the next channel's, at random.
template <class Bench>
void prepare(Bench& bench, unsigned seed) {
    std::mt19937 generator(seed);
    const auto random = [&] { return static_cast<unsigned>(generator()); };
    const auto channels = static_cast<unsigned>(bench.memories.size());
    for (unsigned t = 0; t < bench.tiles.size(); ++t) {
        TestTile& tile = *bench.tiles[t];
        std::uint64_t earliest = 0;
        for (unsigned n = 0; n < kAccesses; ++n) {
            earliest += random() % 4 == 0 ? random() % 100000 : 0;
            const std::uint64_t block = std::uint64_t{n * 16 + t} * channels + random() % channels;
            const unsigned offset = random() % 64;
            tile.accesses.push_back(
                {earliest, block * kInterleave + offset, 1 + random() % (kInterleave - offset), random() % 2 == 0});
        }
        tile.window = 1 + random() % 16;
        tile.completion = TestTile::Completion::random;
    }
    for (const auto& memory : bench.memories) {
        memory->answer = TestMemory::Answer::random;
        memory->latency_ps = 100000;
        memory->random_latency = true;
    }
}

template <class Bench>
void expect_each_served_once_in_order(Bench& bench) {
    prepare(bench, 1);
    sc_core::sc_start();

    std::uint64_t bytes = 0;
    std::uint64_t served = 0;
    for (unsigned t = 0; t < bench.tiles.size(); ++t) {
        const TestTile& tile = *bench.tiles[t];
        std::multiset<std::uint64_t> asked;
        std::multiset<std::uint64_t> answered;
        for (const Access& access : tile.accesses) {
            asked.insert(access.address);
            bytes += access.bytes;
        }
        for (const TestTile::Done& done : tile.done) {
            answered.insert(done.address);
            EXPECT_EQ(done.status, tlm::TLM_OK_RESPONSE);
        }
        EXPECT_EQ(answered, asked) << "tile " << t;
        EXPECT_EQ(tile.pool.in_use(), 0U) << "a payload was not given back";
    }
    for (unsigned m = 0; m < bench.memories.size(); ++m) {
        const TestMemory& memory = *bench.memories[m];
        served += memory.bytes_served;
        EXPECT_EQ(memory.end_responses_due, 0);
        for (unsigned t = 0; t < bench.tiles.size(); ++t) {
            const auto mine = [&](std::uint64_t address) {
                return address / kInterleave / bench.memories.size() % 16 == t &&
                       address / kInterleave % bench.memories.size() == m;
            };
            std::vector<std::uint64_t> sent, arrived;
            std::map<std::uint64_t, std::uint64_t> edge_of_answer;
            for (const Access& access : bench.tiles[t]->accesses) {
                if (mine(access.address)) {
                    sent.push_back(access.address);
                }
            }
            for (const TestMemory::Arrival& arrival : memory.arrivals) {
                if (mine(arrival.address)) {
                    arrived.push_back(arrival.address);
                    edge_of_answer[arrival.address] = (arrival.answered_ps + 1249) / 1250;
                }
            }
            EXPECT_EQ(arrived, sent) << "requests of tile " << t << " at memory " << m;
            std::uint64_t before = 0;
            for (const TestTile::Done& done : bench.tiles[t]->done) {
                if (mine(done.address)) {
                    EXPECT_LE(before, edge_of_answer[done.address]) << "responses of memory " << m << " to tile " << t;
                    before = edge_of_answer[done.address];
                }
            }
        }
    }
    EXPECT_EQ(served, bytes);
    EXPECT_EQ(bench.noc.bytes(), bytes);
    EXPECT_EQ(bench.noc.packets(), 2 * kAccesses * bench.tiles.size());
    EXPECT_EQ(bench.noc.in_flight(), 0U);
}

TEST(AccessNocTorture, EveryAccessIsServedOnceAndAnsweredOnceInOrderPerPair) {
    NocBench bench(crowded_mesh(), kInterleave);
    expect_each_served_once_in_order(bench);
}

struct Crowded {
    const char* name;
    FabricKind topology;
    FabricRoutingKind routing;
    NocLevel level;
};

class FabricNocTorture : public testing::TestWithParam<Crowded> {};

TEST_P(FabricNocTorture, EveryAccessIsServedOnceAndAnsweredOnceInOrderPerPair) {
    NocConfig config = crowded_mesh();
    config.topology = GetParam().topology;
    config.routing = GetParam().routing;
    config.level = GetParam().level;
    config.virtual_channels = config.topology == FabricKind::torus ? 4 : 2;
    config.buffer_flits = 3; // less than a packet: it spans links, and those that are held hold others
    test::BenchOf<FabricNoc> bench(config, kInterleave);
    expect_each_served_once_in_order(bench);
}

INSTANTIATE_TEST_SUITE_P(
    All, FabricNocTorture,
    testing::Values(Crowded{"mesh_packet", FabricKind::mesh, FabricRoutingKind::xy, NocLevel::packet},
                    Crowded{"mesh_flit", FabricKind::mesh, FabricRoutingKind::xy, NocLevel::flit},
                    Crowded{"torus_packet", FabricKind::torus, FabricRoutingKind::xy, NocLevel::packet},
                    Crowded{"torus_flit", FabricKind::torus, FabricRoutingKind::xy, NocLevel::flit},
                    Crowded{"adaptive_packet", FabricKind::mesh, FabricRoutingKind::west_first, NocLevel::packet},
                    Crowded{"adaptive_flit", FabricKind::mesh, FabricRoutingKind::west_first, NocLevel::flit}),
    [](const testing::TestParamInfo<Crowded>& of) { return std::string(of.param.name); });

// Two networks of their own in one simulation, one of them traced: same input, same times, though the kernel runs
// their processes of one time in different orders. A memory that answered now by call, now by return with a delay
// would make the order of its own answers depend on that, so each has a way of its own.
struct Chip : sc_core::sc_module {
    NocBench bench{crowded_mesh(), kInterleave};
    explicit Chip(const sc_core::sc_module_name& name) : sc_module(name) {
        prepare(bench, 2);
        bench.memories[0]->answer = TestMemory::Answer::end_request_at_once;
        bench.memories[1]->answer = TestMemory::Answer::end_request_later;
        bench.memories[2]->answer = TestMemory::Answer::completed;
    }
};

struct Everything : WaveSink {
    bool add(const std::string&, unsigned, std::uint32_t& id) override {
        id = 0;
        return true;
    }
    void change(std::uint32_t, std::uint64_t time_ps, std::uint64_t) override {
        EXPECT_GE(time_ps, last);
        last = time_ps;
    }
    std::uint64_t last = 0;
};

TEST(AccessNocTorture, TheSameInputGivesTheSameTimesTracedOrNot) {
    Chip first("first");
    Chip second("second");
    Everything sink;
    second.bench.noc.add_waves(WaveScope(&sink, "noc"));
    sc_core::sc_start();
    for (std::size_t t = 0; t < first.bench.tiles.size(); ++t) {
        const auto& a = first.bench.tiles[t]->done;
        const auto& b = second.bench.tiles[t]->done;
        ASSERT_EQ(a.size(), kAccesses);
        ASSERT_EQ(b.size(), kAccesses);
        for (std::size_t i = 0; i < a.size(); ++i) {
            EXPECT_EQ(a[i].address, b[i].address);
            EXPECT_EQ(a[i].answered_ps, b[i].answered_ps);
        }
    }
}

} // namespace
} // namespace systolica
