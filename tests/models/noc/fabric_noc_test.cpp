// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// The module adds no time of its own: what goes through it takes the cycles of the zero-load law, and in a crowd, with
// memories that push back, exactly those of the pure network that is offered the same packets.
#include "models/noc/fabric_noc.h"

#include <map>
#include <queue>
#include <tuple>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "machine/noc/noc_fabric.h"
#include "machine/noc/packet_rules.h"
#include "tests/models/noc/noc_ends.h"

namespace systolica {
namespace {

using Bench = test::BenchOf<FabricNoc>;

constexpr std::uint64_t kPeriod = 1250; // 800 MHz
constexpr unsigned kLatency = 20;       // cycles of a memory

struct Network {
    const char* name;
    FabricKind topology;
    NocLevel level;
};

// Eight tiles on the routers of a grid of 3 x 3, memories at both ends of it. No way around a ring of three is as short
// as the other, so nothing is left to chance.
NocConfig config_of(const Network& network) {
    NocConfig config;
    config.topology = network.topology;
    config.level = network.level;
    config.columns = 3;
    config.rows = 3;
    config.virtual_channels = 4;
    config.buffer_flits = 4;
    config.tile_routers = {0, 1, 2, 3, 4, 5, 6, 7};
    config.memory_routers = {0, 8};
    return config;
}

class FabricNocTimes : public testing::TestWithParam<Network> {};

INSTANTIATE_TEST_SUITE_P(All, FabricNocTimes,
                         testing::Values(Network{"mesh_packet", FabricKind::mesh, NocLevel::packet},
                                         Network{"mesh_flit", FabricKind::mesh, NocLevel::flit},
                                         Network{"torus_packet", FabricKind::torus, NocLevel::packet},
                                         Network{"torus_flit", FabricKind::torus, NocLevel::flit}),
                         [](const testing::TestParamInfo<Network>& of) { return std::string(of.param.name); });

// 2 + t_r * R + (L - 1) each way, in phases and by b_transport.
TEST_P(FabricNocTimes, LoneAccessesFollowTheZeroLoadLawBothWays) {
    NocConfig config = config_of(GetParam());
    config.buffer_flits = 8; // enough for a stream: a credit comes back before the buffer is full
    Bench bench(config);
    for (const auto& memory : bench.memories) {
        memory->latency_ps = kLatency * kPeriod;
    }
    const auto law = [](unsigned routers, unsigned flits) { return 2 + 3 * routers + flits - 1; };
    bench.tiles[5]->accesses = {{0, 256, 256, false}, {1000 * kPeriod, 256, 100, true}}; // router 5 to router 8: two
    sc_core::sc_start();
    ASSERT_EQ(bench.tiles[5]->done.size(), 2U);
    EXPECT_EQ(bench.tiles[5]->done[0].answered_ps, (law(2, 1) + kLatency + law(2, 9)) * kPeriod);
    EXPECT_EQ(bench.tiles[5]->done[1].answered_ps, (1000 + law(2, 5) + kLatency + law(2, 1)) * kPeriod);
    EXPECT_EQ(bench.noc.packets(), 4U);
    EXPECT_EQ(bench.noc.packet_hops(), 4U * 1);
    EXPECT_EQ(bench.noc.bytes(), 256U + 100);
    EXPECT_EQ(bench.noc.in_flight(), 0U);
}

TEST_P(FabricNocTimes, ABlockingAccessAloneTakesAsLongAsTheSameInPhases) {
    Bench bench(config_of(GetParam()));
    bench.memories[1]->latency_ps = kLatency * kPeriod;
    tlm::tlm_generic_payload& payload = bench.tiles[5]->pool.acquire(tlm::TLM_READ_COMMAND, 256, 256);
    sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
    bench.tiles[5]->out->b_transport(payload, delay);
    EXPECT_EQ(delay.value(), (2 + 3 * 2 + kLatency + 2 + 3 * 2 + 8) * kPeriod);
    EXPECT_EQ(bench.noc.busiest_link().busy_cycles, 9U);
    payload.release();
}

// What the module should do, with the pure network: a request is offered when its tile sent it, and the memory answers
// a fixed time after it has taken it. A closed memory takes one request and no more until it opens.
class Replay {
public:
    Replay(const NocConfig& config, std::uint64_t closed_until)
        : config_(config),
          network_(make_fabric_network(config.level, noc_fabric(config, NocEnds::tiles_and_memories, 2))),
          tiles_(static_cast<unsigned>(config.tile_routers.size())),
          closed_until_(closed_until) {}

    // By address: cycle of the answer.
    std::map<std::uint64_t, std::uint64_t> run(const Bench& bench) {
        for (unsigned tile = 0; tile < tiles_; ++tile) {
            for (const auto& done : bench.tiles[tile]->done) {
                due_.emplace(done.sent_ps / kPeriod, tile, done.address);
            }
        }
        while (!due_.empty() || network_->next_cycle() != FabricNetwork::kNever) {
            const std::uint64_t next = due_.empty() ? FabricNetwork::kNever : std::get<0>(due_.top());
            const std::uint64_t cycle = std::min(next, network_->next_cycle());
            network_->advance(cycle);
            deliver(cycle);
            for (; !due_.empty() && std::get<0>(due_.top()) == cycle; due_.pop()) {
                act(cycle, std::get<1>(due_.top()), std::get<2>(due_.top()));
            }
        }
        return answered_;
    }

private:
    static constexpr unsigned kOpens = ~0U; // stands for an endpoint

    unsigned memory_of(std::uint64_t address) const { return tiles_ + static_cast<unsigned>(address / 256 % 2); }

    void act(std::uint64_t cycle, unsigned endpoint, std::uint64_t address) {
        if (endpoint == kOpens) {
            network_->hold(tiles_, 0, false);
        } else if (endpoint < tiles_) {
            tile_of_[address] = endpoint;
            network_->offer(cycle, {endpoint, memory_of(address), packet_flits(256, config_.flit_bytes), 0, address});
        } else {
            network_->offer(cycle, {endpoint, tile_of_[address], 1, 1, address});
        }
    }

    void deliver(std::uint64_t cycle) {
        for (const FabricDelivery& delivery : network_->deliveries()) {
            const FabricPacket& packet = delivery.packet;
            if (packet.message_class == 1) {
                answered_[packet.tag] = cycle;
                continue;
            }
            std::uint64_t taken = cycle;
            if (packet.destination == tiles_ && cycle < closed_until_) {
                network_->hold(tiles_, 0, true);
                taken = closed_until_;
                due_.emplace(taken, kOpens, 0);
            }
            due_.emplace(taken + kLatency, packet.destination, packet.tag);
        }
        network_->clear_deliveries();
    }

    const NocConfig config_;
    const std::unique_ptr<FabricNetwork> network_;
    const unsigned tiles_;
    const std::uint64_t closed_until_;
    using Due = std::tuple<std::uint64_t, unsigned, std::uint64_t>; // cycle, endpoint, address
    std::priority_queue<Due, std::vector<Due>, std::greater<>> due_;
    std::map<std::uint64_t, unsigned> tile_of_;
    std::map<std::uint64_t, std::uint64_t> answered_;
};

// Every tile writes 256 bytes, nine flits, every 16 cycles to one of two memories at random: 2.25 times what these can
// take. No two tiles create a packet in the same cycle.
void crowd(Bench& bench) {
    std::mt19937 random(1);
    for (unsigned t = 0; t < 8; ++t) {
        for (unsigned n = 0; n < 60; ++n) {
            const std::uint64_t block = (n * 8 + t) * 2 + random() % 2;
            bench.tiles[t]->accesses.push_back({(16 * n + 2 * t) * kPeriod, block * 256, 256, true});
        }
        bench.tiles[t]->window = 60;
    }
    for (const auto& memory : bench.memories) {
        memory->latency_ps = kLatency * kPeriod;
    }
}

void expect_times_of_pure_network(Bench& bench, const NocConfig& config, std::uint64_t closed_until) {
    sc_core::sc_start();
    ASSERT_EQ(bench.answered(), 8U * 60);
    const auto expected = Replay(config, closed_until).run(bench);
    ASSERT_EQ(expected.size(), 8U * 60);
    for (const auto& tile : bench.tiles) {
        for (const auto& done : tile->done) {
            ASSERT_EQ(done.answered_ps, expected.at(done.address) * kPeriod) << "address " << done.address;
        }
    }
    EXPECT_EQ(bench.noc.in_flight(), 0U);
    EXPECT_EQ(bench.noc.waiting(), "");
}

TEST_P(FabricNocTimes, ACrowdTakesTheCyclesOfThePureNetwork) {
    const NocConfig config = config_of(GetParam());
    Bench bench(config);
    crowd(bench);
    expect_times_of_pure_network(bench, config, 0);
}

TEST_P(FabricNocTimes, AMemoryThatPushesBackHoldsTheNetworkAsLongAsThePureOne) {
    const NocConfig config = config_of(GetParam());
    Bench bench(config);
    crowd(bench);
    bench.memories[0]->closed_until_ps = 3000 * kPeriod;
    expect_times_of_pure_network(bench, config, 3000);
}

TEST(FabricNoc, WhatAClosedMemoryDoesNotTakeWaitsInTheNetwork) {
    const NocConfig config = config_of({"", FabricKind::mesh, NocLevel::flit});
    Bench bench(config);
    crowd(bench);
    bench.memories[0]->closed_until_ps = 3000 * kPeriod;
    sc_core::sc_start(sc_core::sc_time::from_value(2900 * kPeriod));
    EXPECT_EQ(bench.memories[0]->arrivals.size(), 1U);
    EXPECT_EQ(bench.noc.waiting(), "noc: memory0 withholds END_REQ, 0 more requests wait\n");
    const std::size_t blocked = bench.answered(); // no buffer has room: what goes to the other memory stands behind
    sc_core::sc_start(sc_core::sc_time::from_value(90 * kPeriod));
    EXPECT_EQ(bench.answered(), blocked);
    EXPECT_LT(blocked, 8U * 60 / 2);
    sc_core::sc_start();
    EXPECT_EQ(bench.answered(), 8U * 60);
}

TEST(FabricNoc, ReportHoldsTheTotalsAndEveryLink) {
    Bench bench(config_of({"", FabricKind::mesh, NocLevel::packet}));
    bench.tiles[1]->accesses = {{0, 0, 256, true}}; // router 1 to router 0: nine flits, and one back
    sc_core::sc_start();
    Statistics statistics;
    bench.noc.report(statistics);
    const nlohmann::ordered_json report = statistics.json();
    EXPECT_EQ(report["packets"]["value"], 2);
    EXPECT_EQ(report["packet_hops"]["value"], 2);
    EXPECT_EQ(report["bytes"]["value"], 256);
    EXPECT_EQ(report["busiest_link"]["value"], "r1_west");
    EXPECT_EQ(report["busiest_link_cycles"]["value"], 9);
    EXPECT_EQ(report["links"]["r0_east"]["busy_cycles"]["value"], 1);
    EXPECT_EQ(report["links"]["r1_west"]["flits"]["value"], 9);
    // Each way: two in each of three rows, and columns; one for each tile and memory.
    EXPECT_EQ(report["links"].size(), 2U * (2 * 3 + 2 * 3) + 2U * (8 + 2));
}

} // namespace
} // namespace systolica
