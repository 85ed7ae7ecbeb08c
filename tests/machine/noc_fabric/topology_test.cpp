// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "machine/noc/fabric/topology.h"

#include <gtest/gtest.h>

#include "tests/machine/noc_fabric/shapes.h"

namespace systolica {
namespace {

TEST(FabricTopology, LinksOfEachShapeFollowItsClosedForm) {
    const auto links = [](const FabricConfig& config) { return FabricTopology(config.shape).links(); };
    using noc_test::grid;
    EXPECT_EQ(links(grid(FabricKind::mesh, 4, 3)), 2 * (3 * 3 + 4 * 2));
    EXPECT_EQ(links(grid(FabricKind::torus, 4, 3)), 4 * 12);
    EXPECT_EQ(links(grid(FabricKind::torus, 5, 2)), 2 * 10 + 2 * 5); // two rows are joined once, not twice
    EXPECT_EQ(links(grid(FabricKind::ring, 7, 1)), 2 * 7);
    EXPECT_EQ(links(grid(FabricKind::ring, 2, 1)), 2);
    EXPECT_EQ(links(grid(FabricKind::mesh, 1, 1)), 0);
    EXPECT_EQ(links(noc_test::crossbar(5)), 0);
    EXPECT_EQ(links(noc_test::tree(3, 3, 2)), 2 * (1 + 3 + 9 - 1));
    EXPECT_EQ(links(noc_test::custom(3, {{0, 1}, {1, 2}})), 4);
}

TEST(FabricTopology, EndpointsSitWhereTheShapeSays) {
    const FabricTopology shared(noc_test::concentrated(3, 2, 4, FabricRoutingKind::xy).shape);
    ASSERT_EQ(shared.endpoints(), 3 * 2 * 4);
    for (unsigned e = 0; e < shared.endpoints(); ++e) {
        EXPECT_EQ(shared.router_of(e), e / 4);
    }
    const FabricTopology leaves(noc_test::tree(3, 3, 2).shape); // 1 + 3 inner routers, 9 leaves
    ASSERT_EQ(leaves.endpoints(), 9 * 2);
    for (unsigned e = 0; e < leaves.endpoints(); ++e) {
        EXPECT_EQ(leaves.router_of(e), 4 + e / 2);
    }
    FabricConfig config = noc_test::grid(FabricKind::mesh, 2, 2);
    config.shape.attach = {3, 0, 3};
    const FabricTopology attached(config.shape);
    EXPECT_EQ(attached.endpoints(), 3U);
    EXPECT_EQ(attached.endpoints_of(3), (std::vector<unsigned>{0, 2}));
    EXPECT_EQ(attached.endpoints_of(1), std::vector<unsigned>{});
}

TEST(FabricTopology, InputPortsComeFromWhereOutputPortsLead) {
    for (const auto& [name, config] : noc_test::one_of_each()) {
        const FabricTopology topology(config.shape);
        for (unsigned router = 0; router < topology.routers(); ++router) {
            const auto& out = topology.links_of(router);
            const auto& in = topology.links_into(router);
            ASSERT_EQ(out.size(), in.size()) << name;
            for (std::size_t port = 0; port < out.size(); ++port) {
                EXPECT_EQ(topology.link(out[port]).to, topology.link(in[port]).from) << name;
                EXPECT_EQ(topology.link(in[port]).to, router) << name;
            }
        }
    }
}

TEST(FabricTopology, ALinkThatGoesOneWayOnlyHasAnInputPort) {
    FabricConfig config = noc_test::custom(3, {{0, 1}});
    config.shape.links.push_back({1, 2, 1, 1});
    config.shape.links.push_back({2, 0, 1, 1});
    const FabricTopology topology(config.shape);
    ASSERT_EQ(topology.links_into(0).size(), 2U);
    EXPECT_EQ(topology.link_name(topology.links_into(0)[0]), "r1->r0");
    EXPECT_EQ(topology.link_name(topology.links_into(0)[1]), "r2->r0");
}

TEST(FabricTopology, SingleLinksMayDifferInWidthAndLatency) {
    FabricConfig config = noc_test::grid(FabricKind::mesh, 3, 1);
    config.shape.link = {0, 0, 2, 1};
    config.shape.links = {{1, 2, 5, 4}};
    const FabricTopology topology(config.shape);
    const FabricLink& changed = topology.link(topology.link_between(1, 2));
    const FabricLink& other = topology.link(topology.link_between(2, 1));
    EXPECT_EQ(changed.latency_cycles, 5U);
    EXPECT_EQ(changed.flit_cycles, 4U);
    EXPECT_EQ(other.latency_cycles, 2U);
    EXPECT_EQ(other.flit_cycles, 1U);
}

} // namespace
} // namespace systolica
