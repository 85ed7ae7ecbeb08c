// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "machine/chip_link/chip_network.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace systolica {
namespace {

SystemConfig system(ChipTopology topology, std::uint64_t chips, std::uint64_t columns = 0, std::uint64_t rows = 0) {
    SystemConfig config;
    config.topology = topology;
    config.chips = chips;
    config.columns = columns;
    config.rows = rows;
    return config;
}

std::vector<SystemConfig> examples() {
    SystemConfig star = system(ChipTopology::custom, 6);
    star.links = {{5, 0}, {5, 1}, {5, 2}, {2, 3}, {4, 3}, {1, 3}};
    return {system(ChipTopology::ring, 2),        system(ChipTopology::ring, 5),
            system(ChipTopology::ring, 8),        system(ChipTopology::mesh, 12),
            system(ChipTopology::mesh, 9),        system(ChipTopology::mesh, 7),
            system(ChipTopology::torus, 16),      system(ChipTopology::torus, 10, 5),
            system(ChipTopology::torus, 15),      system(ChipTopology::torus, 4),
            system(ChipTopology::torus, 6, 1, 6), system(ChipTopology::full, 6),
            system(ChipTopology::torus, 3, 3),    star};
}

// Distances by relaxing over the links until nothing changes.
std::vector<unsigned> distances_to(const ChipNetwork& network, unsigned to) {
    std::vector<unsigned> distance(network.chips(), 1000);
    distance[to] = 0;
    for (unsigned round = 0; round < network.chips(); ++round) {
        for (const ChipNetwork::Link& link : network.links()) {
            distance[link.from] = std::min(distance[link.from], distance[link.to] + 1);
        }
    }
    return distance;
}

TEST(ChipNetwork, EveryMessageTakesAShortestPath) {
    for (const SystemConfig& config : examples()) {
        const ChipNetwork network(config);
        for (unsigned to = 0; to < network.chips(); ++to) {
            const std::vector<unsigned> distance = distances_to(network, to);
            for (unsigned from = 0; from < network.chips(); ++from) {
                unsigned hops = 0;
                for (unsigned at = from; at != to; ++hops) {
                    const ChipNetwork::Link& link = network.links()[network.link_towards(at, to, 0)];
                    ASSERT_EQ(link.from, at);
                    ASSERT_LT(hops, network.chips());
                    at = link.to;
                }
                EXPECT_EQ(hops, distance[from]);
            }
        }
    }
}

TEST(ChipNetwork, TheNumberOfLinksIsThatOfTheTopology) {
    const auto links = [](const SystemConfig& config) { return ChipNetwork(config).links().size(); };
    EXPECT_EQ(links(system(ChipTopology::ring, 8)), 16u);
    EXPECT_EQ(links(system(ChipTopology::ring, 2)), 4u); // one a side
    EXPECT_EQ(links(system(ChipTopology::mesh, 12, 4)), 2u * (3 * 3 + 4 * 2));
    EXPECT_EQ(links(system(ChipTopology::torus, 12, 4)), 2u * 2 * 12);
    EXPECT_EQ(links(system(ChipTopology::full, 7)), 7u * 6);
    EXPECT_EQ(links(system(ChipTopology::fabric, 7)), 14u);
    EXPECT_EQ(links(system(ChipTopology::ring, 1)), 0u);
}

TEST(ChipNetwork, TwoChipsOfARingHaveALinkOnEachSide) {
    const ChipNetwork network(system(ChipTopology::ring, 2));
    EXPECT_NE(network.link_towards(0, 1, 0), network.link_towards(0, 1, 1));
    EXPECT_NE(network.link_towards(1, 0, 0), network.link_towards(1, 0, 1));
}

TEST(ChipNetwork, TheRingThroughAGridHasNoDetours) {
    for (const ChipTopology topology : {ChipTopology::mesh, ChipTopology::torus}) {
        for (const auto& [columns, rows] : {std::pair{4, 4}, {2, 3}, {3, 2}, {5, 4}, {4, 5}, {2, 2}, {8, 8}, {2, 7}}) {
            const ChipNetwork network(system(topology, static_cast<std::uint64_t>(columns * rows),
                                             static_cast<std::uint64_t>(columns), static_cast<std::uint64_t>(rows)));
            const std::vector<unsigned> order = network.ring_order();
            EXPECT_EQ(std::set<unsigned>(order.begin(), order.end()).size(), network.chips());
            for (std::size_t i = 0; i < order.size(); ++i) {
                const unsigned next = order[(i + 1) % order.size()];
                EXPECT_EQ(network.links()[network.link_towards(order[i], next, 0)].to, next)
                    << columns << " x " << rows << ", place " << i;
            }
        }
    }
}

TEST(ChipNetwork, ChipsWithoutAPathAreNamed) {
    SystemConfig islands = system(ChipTopology::custom, 5);
    islands.links = {{0, 2}, {1, 3}};
    EXPECT_EQ(ChipNetwork(islands).unreachable(), (std::vector<unsigned>{1, 3, 4}));
    islands.links = {{0, 2}, {1, 3}, {4, 3}, {4, 2}};
    EXPECT_EQ(ChipNetwork(islands).unreachable(), std::vector<unsigned>{});
}

TEST(ChipGrid, IsAsSquareAsTheChipsAllow) {
    const auto grid = [](std::uint64_t chips, std::uint64_t columns, std::uint64_t rows) {
        const ChipGrid sides = chip_grid(system(ChipTopology::torus, chips, columns, rows));
        return std::pair(sides.columns, sides.rows);
    };
    using Sides = std::pair<std::uint64_t, std::uint64_t>;
    EXPECT_EQ(grid(64, 0, 0), Sides(8, 8));
    EXPECT_EQ(grid(32, 0, 0), Sides(8, 4));
    EXPECT_EQ(grid(7, 0, 0), Sides(7, 1));
    EXPECT_EQ(grid(32, 4, 0), Sides(4, 8));
    EXPECT_EQ(grid(32, 0, 2), Sides(16, 2));
}

} // namespace
} // namespace systolica
