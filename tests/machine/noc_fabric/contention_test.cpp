// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// What links report of packets that waited for them.

#include <gtest/gtest.h>

#include "machine/noc/fabric/topology.h"
#include "machine/noc/noc_fabric.h"

namespace systolica {
namespace {

// Four routers in a row, a tile at each.
NocConfig row(NocLevel level, unsigned router_cycles) {
    NocConfig config;
    config.level = level;
    config.columns = 4;
    config.rows = 1;
    config.router_cycles = router_cycles;
    config.virtual_channels = 2;
    config.buffer_flits = 16;
    config.tile_routers = {0, 1, 2, 3};
    return config;
}

struct Row {
    FabricConfig config;
    FabricTopology topology;
    std::unique_ptr<FabricNetwork> network;

    Row(NocLevel level, unsigned router_cycles)
        : config(noc_fabric(row(level, router_cycles), NocEnds::tiles, 1)),
          topology(config.shape),
          network(make_fabric_network(level, config)) {}

    void run() {
        while (network->next_cycle() != FabricNetwork::kNever) {
            network->advance(network->next_cycle());
        }
    }
    std::uint64_t contention(const std::string& name) const {
        for (unsigned link = 0; link < topology.all_links(); ++link) {
            if (topology.signal_name(link) == name) {
                return network->link_contention(link);
            }
        }
        ADD_FAILURE() << name;
        return 0;
    }
    std::uint64_t sum() const {
        std::uint64_t sum = 0;
        for (unsigned link = 0; link < topology.all_links(); ++link) {
            sum += network->link_contention(link);
        }
        return sum;
    }
};

class Contention : public testing::TestWithParam<std::tuple<NocLevel, unsigned>> {
protected:
    Row row_{std::get<0>(GetParam()), std::get<1>(GetParam())};
};

INSTANTIATE_TEST_SUITE_P(Levels, Contention,
                         testing::Combine(testing::Values(NocLevel::packet, NocLevel::flit),
                                          testing::Values(2U, 3U, 4U, 6U)),
                         [](const auto& of) {
                             return std::string(std::get<0>(of.param) == NocLevel::flit ? "flit" : "packet") +
                                    std::to_string(std::get<1>(of.param));
                         });

TEST_P(Contention, LonePacketsMeetNone) {
    row_.network->offer(0, {0, 3, 8, 0, 1});
    row_.network->offer(1000, {3, 1, 1, 0, 2});
    row_.run();
    EXPECT_EQ(row_.sum(), 0U);
}

// The heads of tile 0 and tile 1 stand before the same link in the same cycle: one of them waits, for its turn among
// the nine flits of the other.
TEST_P(Contention, WhoeverComesSecondToALinkWaitsThere) {
    const unsigned router_cycles = std::get<1>(GetParam());
    row_.network->offer(0, {0, 3, 9, 0, 2});
    row_.network->offer(router_cycles, {1, 3, 9, 0, 1});
    row_.run();
    EXPECT_GE(row_.contention("r1_east"), 1U);
    EXPECT_LE(row_.contention("r1_east"), 9U);
    EXPECT_EQ(row_.contention("r0_east"), 0U);
    EXPECT_EQ(row_.contention("r2_west"), 0U);
}

TEST_P(Contention, AHeldEndpointMakesPacketsWaitBeforeIt) {
    row_.network->hold(3, 0, true);
    for (std::uint64_t i = 0; i < 8; ++i) {
        row_.network->offer(i * 8, {0, 3, 8, 0, i});
    }
    row_.network->advance(2000);
    row_.network->hold(3, 0, false);
    row_.run();
    EXPECT_GT(row_.sum(), 1000U);
}

} // namespace
} // namespace systolica
