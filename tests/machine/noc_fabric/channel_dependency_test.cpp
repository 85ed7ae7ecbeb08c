// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "machine/noc/fabric/channel_dependency.h"

#include <gtest/gtest.h>

#include "tests/machine/noc_fabric/shapes.h"

namespace systolica {
namespace {

std::string cycle_of(const FabricConfig& config) {
    const FabricTopology topology(config.shape);
    return dependency_cycle(topology, *make_routing(topology, config.routing), config);
}

// "r0->r1 vc 0, r1->r2 vc 0, ..." as pairs of routers.
std::vector<std::pair<int, int>> links_in(const std::string& text) {
    std::vector<std::pair<int, int>> links;
    for (std::size_t at = text.find('r'); at != std::string::npos; at = text.find(", r", at)) {
        at = text.find('r', at);
        int from = -1;
        int to = -1;
        EXPECT_EQ(std::sscanf(text.c_str() + at, "r%d->r%d vc", &from, &to), 2) << text;
        links.emplace_back(from, to);
    }
    return links;
}

void expect_circle(const std::string& text) {
    const auto links = links_in(text);
    ASSERT_GE(links.size(), 3U) << text;
    EXPECT_EQ(links.front(), links.back());
    for (std::size_t i = 1; i < links.size(); ++i) {
        EXPECT_EQ(links[i - 1].second, links[i].first) << text;
    }
}

// Minimal in any order, without virtual channels of its own: the textbook case of a deadlock.
class AnyOrder : public FabricRouting {
public:
    explicit AnyOrder(const FabricTopology& topology) : topology_(topology) {}

    unsigned classes() const override { return 1; }
    RouteState start(unsigned, unsigned, unsigned) const override { return 0; }
    RouteChoices next(unsigned router, unsigned to, RouteState) const override {
        const unsigned columns = topology_.columns();
        RouteChoices choices;
        if (router % columns != to % columns) {
            const unsigned beside = router % columns < to % columns ? router + 1 : router - 1;
            choices.add({topology_.link_between(router, beside), 0, 0});
        }
        if (router / columns != to / columns) {
            const unsigned beside = router < to ? router + columns : router - columns;
            choices.add({topology_.link_between(router, beside), 0, 0});
        }
        return choices;
    }

private:
    const FabricTopology& topology_;
};

TEST(DependencyCycle, NoneWhereEachClassHasItsVirtualChannels) {
    for (const auto& [name, config] : noc_test::one_of_each()) {
        EXPECT_EQ(cycle_of(config), "") << name;
    }
}

TEST(DependencyCycle, NoneOnATorusOfAnySize) {
    for (unsigned columns = 1; columns <= 9; ++columns) {
        for (unsigned rows = 1; rows <= 5; ++rows) {
            FabricConfig config = noc_test::grid(FabricKind::torus, columns, rows);
            config.virtual_channels = 2;
            EXPECT_EQ(cycle_of(config), "") << columns << " x " << rows;
        }
    }
}

TEST(DependencyCycle, TheCircleOfARingWithOneVirtualChannelIsNamed) {
    for (unsigned routers = 4; routers <= 9; ++routers) {
        FabricConfig config = noc_test::grid(FabricKind::ring, routers, 1);
        config.virtual_channels = 1;
        expect_circle(cycle_of(config));
        EXPECT_EQ(links_in(cycle_of(config)).size(), routers + 1) << "only the whole ring is a circle";
    }
}

// Three routers: every packet goes one hop and depends on nothing.
TEST(DependencyCycle, ARingOfThreeNeedsOneVirtualChannel) {
    FabricConfig config = noc_test::grid(FabricKind::ring, 3, 1);
    config.virtual_channels = 1;
    EXPECT_EQ(cycle_of(config), "");
}

TEST(DependencyCycle, O1turnNeedsAVirtualChannelForEachOrder) {
    FabricConfig config = noc_test::grid(FabricKind::mesh, 3, 3, FabricRoutingKind::o1turn);
    config.virtual_channels = 2;
    EXPECT_EQ(cycle_of(config), "");
    config.virtual_channels = 1;
    expect_circle(cycle_of(config));
}

TEST(DependencyCycle, AnyOrderOnAMeshIsACircleOfFourTurns) {
    const FabricConfig config = noc_test::grid(FabricKind::mesh, 2, 2);
    const FabricTopology topology(config.shape);
    const std::string cycle = dependency_cycle(topology, AnyOrder(topology), config);
    expect_circle(cycle);
    EXPECT_EQ(links_in(cycle).size(), 5U);
}

} // namespace
} // namespace systolica
