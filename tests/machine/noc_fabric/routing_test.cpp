// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "machine/noc/fabric/routing.h"

#include <deque>
#include <map>

#include <gtest/gtest.h>

#include "machine/noc/fabric/table_routing.h"
#include "tests/machine/noc_fabric/shapes.h"

namespace systolica {
namespace {

// Hops by breadth-first search, without any routing.
std::vector<unsigned> distances(const FabricTopology& topology, unsigned from) {
    std::vector<unsigned> hops(topology.routers(), FabricTopology::kNone);
    hops[from] = 0;
    for (std::deque<unsigned> open{from}; !open.empty(); open.pop_front()) {
        for (const unsigned id : topology.links_of(open.front())) {
            const unsigned to = topology.link(id).to;
            if (hops[to] == FabricTopology::kNone) {
                hops[to] = hops[open.front()] + 1;
                open.push_back(to);
            }
        }
    }
    return hops;
}

// Hops of the longest way the routing may take.
unsigned longest(const FabricTopology& topology, const FabricRouting& routing, unsigned from, unsigned to,
                 RouteState state) {
    if (from == to) {
        return 0;
    }
    unsigned most = 0;
    const RouteChoices choices = routing.next(from, to, state);
    EXPECT_GT(choices.count, 0U);
    for (const RouteChoice& choice : choices) {
        EXPECT_EQ(topology.link(choice.link).from, from);
        EXPECT_LT(choice.vc_class, routing.classes());
        most = std::max(most, 1 + longest(topology, routing, topology.link(choice.link).to, to, choice.state));
    }
    return most;
}

double mean_routers(const FabricConfig& config) {
    const FabricTopology topology(config.shape);
    const auto routing = make_routing(topology, config.routing);
    unsigned sum = 0;
    for (unsigned from = 0; from < topology.endpoints(); ++from) {
        for (unsigned to = 0; to < topology.endpoints(); ++to) {
            sum += 1 + longest(topology, *routing, from, to, routing->start(from, to, 0));
        }
    }
    return static_cast<double>(sum) / (topology.endpoints() * topology.endpoints());
}

TEST(FabricRouting, EveryRouteIsMinimalOnEveryShape) {
    for (const auto& [name, config] : noc_test::one_of_each()) {
        const FabricTopology topology(config.shape);
        const auto routing = make_routing(topology, config.routing);
        const auto* table = dynamic_cast<const TableRouting*>(routing.get());
        if (table != nullptr && table->up_down()) {
            continue; // may go round about
        }
        for (unsigned from = 0; from < topology.routers(); ++from) {
            const std::vector<unsigned> hops = distances(topology, from);
            for (unsigned to = 0; to < topology.routers(); ++to) {
                for (unsigned variant = 0; variant < routing->variants() && !topology.endpoints_of(to).empty();
                     ++variant) {
                    EXPECT_EQ(longest(topology, *routing, from, to, routing->start(from, to, variant)), hops[to])
                        << name << " r" << from << "->r" << to << " variant " << variant;
                }
            }
        }
    }
}

// formulas.md 5, measured by BookSim2 too (avg_routers_traversed of uniform traffic).
TEST(FabricRouting, MeanRoutersOfUniformTraffic) {
    EXPECT_DOUBLE_EQ(mean_routers(noc_test::grid(FabricKind::mesh, 4, 4)), 3.5);
    EXPECT_DOUBLE_EQ(mean_routers(noc_test::grid(FabricKind::mesh, 8, 8)), 6.25);
    EXPECT_DOUBLE_EQ(mean_routers(noc_test::grid(FabricKind::torus, 4, 4)), 3.0);
}

TEST(FabricRouting, XyTurnsOnceAndYxTheOtherWay) {
    const FabricTopology topology(noc_test::grid(FabricKind::mesh, 4, 4).shape);
    const auto first = [&](FabricRoutingKind kind, unsigned variant) {
        const auto routing = make_routing(topology, kind);
        return topology.link_name(routing->next(5, 15, routing->start(5, 15, variant)).choice[0].link);
    };
    EXPECT_EQ(first(FabricRoutingKind::xy, 0), "r5->r6");
    EXPECT_EQ(first(FabricRoutingKind::yx, 0), "r5->r9");
    EXPECT_EQ(first(FabricRoutingKind::o1turn, 0), "r5->r6");
    EXPECT_EQ(first(FabricRoutingKind::o1turn, 1), "r5->r9");
}

TEST(FabricRouting, WestFirstLeavesNoChoiceWhileGoingWestAndTwoElsewhere) {
    const FabricTopology topology(noc_test::grid(FabricKind::mesh, 4, 4).shape);
    const auto routing = make_routing(topology, FabricRoutingKind::west_first);
    EXPECT_EQ(routing->next(6, 12, 0).count, 1U);
    EXPECT_EQ(topology.link_name(routing->next(6, 12, 0).choice[0].link), "r6->r5");
    EXPECT_EQ(routing->next(5, 15, 0).count, 2U);
}

// Half of the equally long ways around an even ring go each way, and both classes are needed for either direction.
TEST(FabricRouting, TiesAroundARingGoBothWays) {
    const FabricTopology topology(noc_test::grid(FabricKind::ring, 6, 1).shape);
    const auto routing = make_routing(topology, FabricRoutingKind::xy);
    const auto first = [&](unsigned variant) { return routing->next(1, 4, routing->start(1, 4, variant)).choice[0]; };
    EXPECT_EQ(topology.link_name(first(0).link), "r1->r2");
    EXPECT_EQ(topology.link_name(first(1).link), "r1->r0");
    EXPECT_EQ(first(0).vc_class, 0U); // does not pass the link between routers 5 and 0
    EXPECT_EQ(first(1).vc_class, 1U);
}

TEST(FabricRouting, TablesUseTheUpDownRuleOnlyWhereShortestPathsCouldDeadlock) {
    const auto up_down = [](const FabricConfig& config) {
        const FabricTopology topology(config.shape);
        return TableRouting(topology).up_down();
    };
    using noc_test::grid;
    EXPECT_FALSE(up_down(grid(FabricKind::mesh, 4, 4)));
    EXPECT_FALSE(up_down(noc_test::tree(2, 4, 1)));
    EXPECT_FALSE(up_down(noc_test::custom(4, {{0, 1}, {1, 2}, {2, 3}}))); // a chain
    EXPECT_TRUE(up_down(grid(FabricKind::ring, 6, 1)));
    EXPECT_TRUE(up_down(grid(FabricKind::torus, 4, 4)));
}

// By hand: in a ring of six with router 0 as root, 2 and 4 are as far from 3 as from each other, and the path 2-3-4
// goes down into 3 and up again: 2 to 4 must climb over 1, 0 and 5.
TEST(FabricRouting, NoUpLinkFollowsADownLink) {
    const FabricTopology topology(noc_test::grid(FabricKind::ring, 6, 1).shape);
    const TableRouting routing(topology);
    EXPECT_EQ(longest(topology, routing, 2, 4, 0), 4U);
    EXPECT_EQ(longest(topology, routing, 1, 3, 0), 2U);
}

TEST(VcRange, MessageClassesNeverShareAndRoutingClassesOnlyWhereTheyMust) {
    for (unsigned vcs = 2; vcs <= 12; ++vcs) {
        for (unsigned classes = 1; classes <= 4; ++classes) {
            FabricConfig config;
            config.virtual_channels = vcs;
            config.message_classes = 2;
            std::map<unsigned, unsigned> owner; // message class of a virtual channel
            unsigned sum = 0;
            for (unsigned message = 0; message < 2; ++message) {
                const VcRange whole = vc_range(config, 1, message, 0);
                for (unsigned c = 0; c < classes; ++c) {
                    const VcRange range = vc_range(config, classes, message, c);
                    ASSERT_GE(range.count, 1U);
                    ASSERT_GE(range.first, whole.first);
                    ASSERT_LE(range.first + range.count, whole.first + whole.count);
                    sum += range.count;
                    for (unsigned vc = range.first; vc < range.first + range.count; ++vc) {
                        ASSERT_EQ(owner.emplace(vc, message).first->second, message);
                    }
                }
            }
            if (vcs >= 2 * classes) { // enough for all: each has its own, none is left over
                EXPECT_EQ(sum, vcs);
                EXPECT_EQ(owner.size(), vcs);
            }
        }
    }
}

} // namespace
} // namespace systolica
