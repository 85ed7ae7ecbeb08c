// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "machine/noc/mesh_topology.h"

#include <numeric>
#include <set>
#include <stdexcept>

#include <gtest/gtest.h>

namespace systolica {
namespace {

NocConfig mesh_with_a_tile_everywhere(unsigned columns, unsigned rows) {
    NocConfig config;
    config.columns = columns;
    config.rows = rows;
    config.tile_routers.resize(columns * rows);
    std::iota(config.tile_routers.begin(), config.tile_routers.end(), 0U);
    return config;
}

double mean_routers(const MeshTopology& mesh) {
    unsigned sum = 0;
    for (unsigned from = 0; from < mesh.endpoints(); ++from) {
        for (unsigned to = 0; to < mesh.endpoints(); ++to) {
            sum += mesh.route(from, to).routers();
        }
    }
    return static_cast<double>(sum) / (mesh.endpoints() * mesh.endpoints());
}

std::vector<std::string> names(const MeshTopology& mesh, const Route& route) {
    std::vector<std::string> list;
    for (const LinkId* link = route.first; link != route.last; ++link) {
        list.push_back(mesh.link_name(*link));
    }
    return list;
}

// BookSim2 measures the same means (avg_routers_traversed, uniform traffic with self-traffic).
TEST(MeshTopology, MeanRoutersOfUniformTraffic) {
    EXPECT_DOUBLE_EQ(mean_routers(MeshTopology(mesh_with_a_tile_everywhere(4, 4))), 3.5);
    EXPECT_DOUBLE_EQ(mean_routers(MeshTopology(mesh_with_a_tile_everywhere(8, 8))), 6.25);
}

TEST(MeshTopology, RoutersOfARouteAreManhattanDistancePlusOne) {
    const unsigned columns = 5;
    const MeshTopology mesh(mesh_with_a_tile_everywhere(columns, 3));
    for (unsigned from = 0; from < mesh.endpoints(); ++from) {
        for (unsigned to = 0; to < mesh.endpoints(); ++to) {
            const auto distance = [](unsigned a, unsigned b) { return a < b ? b - a : a - b; };
            const unsigned hops = distance(from % columns, to % columns) + distance(from / columns, to / columns);
            EXPECT_EQ(mesh.route(from, to).hops(), hops);
            EXPECT_EQ(mesh.route(from, to).routers(), hops + 1);
        }
    }
}

TEST(MeshTopology, RouteGoesAlongTheRowFirst) {
    const MeshTopology mesh(mesh_with_a_tile_everywhere(3, 3));
    EXPECT_EQ(names(mesh, mesh.route(0, 7)),
              (std::vector<std::string>{"tile0_inject", "r0_east", "r1_south", "r4_south", "tile7_eject"}));
    EXPECT_EQ(names(mesh, mesh.route(8, 0)),
              (std::vector<std::string>{"tile8_inject", "r8_west", "r7_west", "r6_north", "r3_north", "tile0_eject"}));
}

// Directed links of a mesh: 2 * (rows * (columns - 1) + columns * (rows - 1)), and two an endpoint.
TEST(MeshTopology, EveryLinkExistsOnceAndHasItsOwnName) {
    const MeshTopology mesh(mesh_with_a_tile_everywhere(4, 3));
    EXPECT_EQ(mesh.links(), 2U * (3 * 3 + 4 * 2) + 2U * 12);
    std::set<std::string> seen;
    for (LinkId link = 0; link < mesh.links(); ++link) {
        EXPECT_TRUE(seen.insert(mesh.link_name(link)).second) << mesh.link_name(link);
    }
}

TEST(MeshTopology, OneRouterHoldsSeveralEndpoints) {
    NocConfig config;
    config.tile_routers = {0, 0};
    config.memory_routers = {0};
    const MeshTopology mesh(config);
    EXPECT_EQ(mesh.links(), 6U);
    EXPECT_EQ(names(mesh, mesh.route(mesh.tile(1), mesh.memory(0))),
              (std::vector<std::string>{"tile1_inject", "memory0_eject"}));
    EXPECT_EQ(mesh.route(mesh.memory(0), mesh.tile(0)).routers(), 1U);
}

TEST(MeshTopology, AnEndpointAtAMissingRouterIsRefused) {
    NocConfig config;
    config.columns = 2;
    config.memory_routers = {2};
    EXPECT_THROW(MeshTopology{config}, std::invalid_argument);
}

} // namespace
} // namespace systolica
