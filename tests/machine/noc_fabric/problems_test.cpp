// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "machine/noc/fabric/problems.h"

#include <gtest/gtest.h>

#include "tests/machine/noc_fabric/shapes.h"

namespace systolica {
namespace {

// "key: message", one line each.
std::string problems(const FabricConfig& config) {
    std::string text;
    for (const FabricProblem& problem : fabric_problems(config)) {
        text += problem.key + ": " + problem.message + "\n";
    }
    return text;
}

TEST(FabricProblems, NoneInAnyShapeAndRouting) {
    for (const auto& [name, config] : noc_test::one_of_each()) {
        EXPECT_EQ(problems(config), "") << name;
    }
}

TEST(FabricProblems, AllNumbersOutOfRangeAreToldAtOnce) {
    FabricConfig config = noc_test::grid(FabricKind::mesh, 0, 2);
    config.buffer_flits = 0;
    config.combine_cycles = 0;
    config.message_classes = 3;
    config.virtual_channels = 2;
    EXPECT_EQ(problems(config), "columns: expected at least 1, got 0\n"
                                "buffer_flits: expected at least 1, got 0\n"
                                "combine_cycles: expected at least 1, got 0\n"
                                "virtual_channels: expected at least 3, got 2\n");
}

TEST(FabricProblems, SizesThatOverflowAreRefused) {
    EXPECT_EQ(problems(noc_test::grid(FabricKind::mesh, 65536, 65536)), ": expected at most 4096 routers, got more\n");
    EXPECT_EQ(problems(noc_test::tree(2, 64, 1)), ": expected at most 4096 routers, got more\n");
    EXPECT_EQ(problems(noc_test::tree(65536, 3, 1)), ": expected at most 4096 routers, got more\n");
}

TEST(FabricProblems, ThePairThatCannotTalkIsNamed) {
    FabricConfig config = noc_test::custom(4, {{0, 1}, {2, 3}});
    config.shape.endpoint_names = {"tile0", "tile1", "memory0", "memory1"};
    EXPECT_EQ(problems(config), "links: expected a path from tile0 (r0) to memory0 (r2), got none\n");
    config.shape.links.push_back({1, 2, 1, 1}); // one way only
    EXPECT_EQ(problems(config), "links: expected a path from memory0 (r2) to tile0 (r0), got none\n");
}

TEST(FabricProblems, RoutersWithoutEndpointsNeedNotBeReached) {
    FabricConfig config = noc_test::custom(4, {{0, 1}, {2, 3}});
    config.shape.attach = {0, 1};
    EXPECT_EQ(problems(config), "");
}

TEST(FabricProblems, LinksMustJoinTwoDifferentRoutersOnce) {
    FabricConfig config = noc_test::custom(2, {{0, 1}});
    config.shape.links.push_back({1, 1, 1, 1});
    config.shape.links.push_back({0, 1, 0, 1});
    config.shape.links.push_back({1, 0, 1, 1});
    config.shape.links.push_back({0, 2, 1, 1});
    EXPECT_EQ(problems(config), "links[2]: expected two different routers, got r1->r1\n"
                                "links[3].latency_cycles: expected at least 1, got 0\n"
                                "links[4]: expected each link once, got r1->r0 as in links[1]\n"
                                "links[5].to: expected a router from 0 to 1, got 2\n");
}

TEST(FabricProblems, OnlyLinksOfTheShapeCanBeChanged) {
    FabricConfig config = noc_test::grid(FabricKind::mesh, 2, 2);
    config.shape.links = {{0, 1, 3, 1}, {0, 3, 1, 1}};
    EXPECT_EQ(problems(config), "links[1]: expected a link of the mesh, got r0->r3\n");
}

TEST(FabricProblems, EndpointsMustSitAtARouter) {
    FabricConfig config = noc_test::grid(FabricKind::mesh, 2, 2);
    config.shape.attach = {0, 4};
    EXPECT_EQ(problems(config), "attach[1]: expected a router from 0 to 3, got 4\n");
}

TEST(FabricProblems, RoutingMustSuitTheShape) {
    FabricConfig config = noc_test::tree(2, 2, 1);
    config.routing = FabricRoutingKind::xy;
    EXPECT_EQ(problems(config), "routing: expected table on a tree, got xy\n");
    EXPECT_EQ(problems(noc_test::grid(FabricKind::torus, 4, 4, FabricRoutingKind::west_first)),
              "routing: expected xy, yx, o1turn or table on a torus, got west_first\n");
}

TEST(FabricProblems, ADeadlockIsToldWithItsCycle) {
    FabricConfig config = noc_test::grid(FabricKind::ring, 4, 1);
    config.virtual_channels = 1;
    EXPECT_EQ(problems(config),
              "virtual_channels: expected at least 2 against deadlock, got 1, which deadlocks by r0->r1 "
              "vc 0, r1->r2 vc 0, r2->r3 vc 0, r3->r0 vc 0, r0->r1 vc 0\n");
}

// Up*/down* on a ring of one direction: every link but the last leads down, and nothing may climb after it.
TEST(FabricProblems, APairThatOnlyADeadlockingRouteJoinsIsNamed) {
    FabricConfig config = noc_test::custom(3, {});
    config.shape.links = {{0, 1, 1, 1}, {1, 2, 1, 1}, {2, 0, 1, 1}};
    EXPECT_EQ(problems(config),
              "routing: expected a path from node1 (r1) to node0 (r0), got none that is free of deadlock\n");
}

} // namespace
} // namespace systolica
