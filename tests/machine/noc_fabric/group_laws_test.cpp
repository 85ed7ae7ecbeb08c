// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// Multicasts and reductions alone in a network, from closed forms.

#include <algorithm>
#include <map>
#include <numeric>
#include <random>

#include <gtest/gtest.h>

#include "machine/noc/fabric/traffic.h"
#include "tests/machine/noc_fabric/levels.h"
#include "tests/machine/noc_fabric/shapes.h"

namespace systolica {
namespace {

class NocGroups : public noc_test::BothLevels {};

FabricPacket packet_of(unsigned source, unsigned destination, unsigned flits) {
    FabricPacket packet;
    packet.source = source;
    packet.destination = destination;
    packet.flits = flits;
    return packet;
}

std::vector<unsigned> all_but(unsigned endpoints, unsigned one) {
    std::vector<unsigned> others(endpoints);
    std::iota(others.begin(), others.end(), 0U);
    others.erase(others.begin() + one);
    return others;
}

std::uint64_t last_arrival(FabricNetwork& network) {
    noc_test::run_dry(network);
    std::uint64_t last = 0;
    for (const FabricDelivery& d : network.deliveries()) {
        last = std::max(last, d.arrived);
    }
    return last;
}

FabricConfig mesh(unsigned columns, unsigned rows, unsigned router_cycles) {
    FabricConfig config = noc_test::grid(FabricKind::mesh, columns, rows);
    config.router_cycles = router_cycles;
    return config;
}

// Every destination as if it were alone: 2 + t_r R + (L - 1), R as for a single packet. Up to four pieces of a buffer.
TEST_P(NocGroups, ALoneMulticastTakesTheZeroLoadLawToEveryDestinationOnEveryShape) {
    for (const auto& [name, shape] : noc_test::one_of_each()) {
        FabricConfig config = shape;
        config.buffer_flits = 16;
        config.virtual_channels = 8; // two for each class of any routing
        const unsigned endpoints = FabricTopology(config.shape).endpoints();
        for (unsigned router_cycles = 1; router_cycles <= 6; ++router_cycles) {
            config.router_cycles = router_cycles;
            const auto network = network_of(config);
            const auto reference = network_of(config);
            std::uint64_t cycle = 3;
            for (unsigned source = 0; source < endpoints; source += 3) {
                std::map<unsigned, unsigned> routers;
                for (unsigned to = 0; to < endpoints; ++to) {
                    reference->clear_deliveries();
                    reference->offer(cycle + 1000 * to, packet_of(source, to, 1));
                    noc_test::run_dry(*reference);
                    routers[to] = reference->deliveries().front().routers;
                }
                for (const unsigned flits : {1U, 5U, 16U, 50U}) {
                    network->clear_deliveries();
                    network->offer_multicast(cycle, packet_of(source, 0, flits), all_but(endpoints, source));
                    noc_test::run_dry(*network);
                    ASSERT_EQ(network->deliveries().size(), endpoints - 1);
                    for (const FabricDelivery& d : network->deliveries()) {
                        EXPECT_EQ(d.routers, routers[d.packet.destination]) << name;
                        EXPECT_EQ(d.arrived - d.created, 2 + router_cycles * d.routers + flits - 1)
                            << name << " " << router_cycles << " " << flits << " to " << d.packet.destination;
                    }
                    cycle += 500;
                }
                cycle += 1000 * endpoints;
            }
        }
    }
}

// One virtual channel, allocated anew for each piece: from router_cycles 4 on it takes a cycle of its own and the route
// its cycles, in the cycle after the tail before at the earliest.
TEST_P(NocGroups, WithOneVirtualChannelEveryPieceAfterTheFirstCostsItsAllocation) {
    for (unsigned router_cycles = 1; router_cycles <= 6; ++router_cycles) {
        FabricConfig config = mesh(3, 3, router_cycles);
        config.virtual_channels = 1;
        config.buffer_flits = 16;
        const auto network = network_of(config);
        network->offer_multicast(0, packet_of(0, 0, 64), all_but(9, 0));
        const unsigned allocation = router_cycles > 3 ? router_cycles - 3 : 0;
        EXPECT_EQ(last_arrival(*network), 2 + router_cycles * 5 + 63 + 3 * allocation) << router_cycles;
    }
}

TEST_P(NocGroups, AMulticastCrossesEachLinkOfItsTreeOnceAndNoOther) {
    const FabricConfig config = mesh(4, 4, 3);
    const FabricTopology topology(config.shape);
    const auto network = network_of(config);
    network->offer_multicast(0, packet_of(5, 0, 20), all_but(16, 5));
    noc_test::run_dry(*network);
    for (unsigned link = 0; link < topology.links(); ++link) {
        const unsigned from = topology.link(link).from;
        const unsigned to = topology.link(link).to;
        const auto away = [](unsigned a, unsigned b, unsigned middle) {
            return (b > a && a >= middle) || (b < a && a <= middle);
        };
        const bool in_row = from / 4 == 1 && to / 4 == 1 && away(from % 4, to % 4, 1);
        const bool in_column = from % 4 == to % 4 && away(from / 4, to / 4, 1);
        EXPECT_EQ(network->link_flits(link), in_row || in_column ? 20U : 0U) << topology.link_name(link);
    }
}

// Issue bounds: 1024 flits and 6 hops; serial unicast sends 15 times as many over the source's only link.
TEST_P(NocGroups, ABroadcastIsFourteenTimesFasterThanSerialUnicast) {
    for (const unsigned router_cycles : {3U, 4U, 5U}) {
        const FabricConfig config = mesh(4, 4, router_cycles);
        const auto network = network_of(config);
        network->offer_multicast(0, packet_of(0, 0, 1024), all_but(16, 0));
        const std::uint64_t multicast = last_arrival(*network);
        EXPECT_EQ(multicast, 2 + router_cycles * 7 + 1023);
        const auto serial = network_of(config);
        for (unsigned to = 1; to < 16; ++to) {
            serial->offer(0, packet_of(0, to, 1024));
        }
        EXPECT_GE(last_arrival(*serial), 14 * multicast);
    }
}

// Column of four, three packets into the first. Alone the farthest takes 2 + 4 t_r + 63; it is added to another twice.
TEST_P(NocGroups, AReductionOfAColumnCostsACycleAHopAndBeatsUnicasts) {
    const std::vector<unsigned> sources{4, 8, 12};
    for (const unsigned router_cycles : {3U, 4U, 5U}) {
        const FabricConfig config = mesh(4, 4, router_cycles);
        const auto network = network_of(config);
        network->offer_reduction(0, packet_of(4, 0, 64), sources);
        const std::uint64_t reduction = last_arrival(*network);
        EXPECT_EQ(network->deliveries().size(), 1U);
        EXPECT_EQ(reduction, 2 + 4 * router_cycles + 63 + 2);
        const auto one_by_one = network_of(config);
        std::uint64_t cycle = 0;
        for (const unsigned source : sources) {
            one_by_one->offer(cycle, packet_of(source, 0, 64));
            cycle = last_arrival(*one_by_one);
        }
        EXPECT_GE(static_cast<double>(cycle), 2.5 * static_cast<double>(reduction));
        const auto at_once = network_of(config);
        for (const unsigned source : sources) {
            at_once->offer(0, packet_of(source, 0, 64));
        }
        EXPECT_GE(static_cast<double>(last_arrival(*at_once)), 2.2 * static_cast<double>(reduction));
    }
}

// All to the corner of a mesh: the way of the opposite corner is the longest, and on each of its routers but the first
// others come in.
TEST_P(NocGroups, AReductionOfAllCostsItsParameterInEveryRouterThatAdds) {
    for (unsigned combine = 1; combine <= 3; ++combine) {
        for (unsigned router_cycles = 1; router_cycles <= 6; ++router_cycles) {
            FabricConfig config = mesh(4, 3, router_cycles);
            config.combine_cycles = combine;
            const auto network = network_of(config);
            for (const unsigned flits : {1U, 30U, 200U}) {
                network->clear_deliveries();
                const std::uint64_t begin = 1000 * flits;
                network->offer_reduction(begin, packet_of(1, 0, flits), all_but(12, 0));
                EXPECT_EQ(last_arrival(*network) - begin, 2 + router_cycles * 6 + combine * 5 + flits - 1);
                ASSERT_EQ(network->deliveries().size(), 1U);
                EXPECT_EQ(network->deliveries().front().packet.flits, flits);
                EXPECT_EQ(network->deliveries().front().routers, 6U);
            }
        }
    }
}

// Elsewhere between the zero-load law of the farthest source and that with a cycle more in each router.
TEST_P(NocGroups, ALoneReductionCostsAtMostACycleAHopOnEveryShape) {
    for (const auto& [name, shape] : noc_test::one_of_each()) {
        FabricConfig config = shape;
        config.buffer_flits = 16;
        const unsigned endpoints = FabricTopology(config.shape).endpoints();
        const auto network = network_of(config);
        for (unsigned to = 0; to < endpoints; ++to) {
            std::uint64_t farthest = 0;
            for (const unsigned from : all_but(endpoints, to)) {
                network->clear_deliveries();
                const std::uint64_t begin = 100'000 * to + 100 * from;
                network->offer(begin, packet_of(from, to, 10));
                farthest = std::max(farthest, last_arrival(*network) - begin);
            }
            network->clear_deliveries();
            const std::uint64_t begin = 100'000 * to + 50'000;
            network->offer_reduction(begin, packet_of(to, to, 10), all_but(endpoints, to));
            const std::uint64_t taken = last_arrival(*network) - begin;
            ASSERT_EQ(network->deliveries().size(), 1U) << name;
            EXPECT_GT(taken, farthest) << name;
            EXPECT_LE(taken, farthest + network->deliveries().front().routers) << name;
        }
    }
}

TEST_P(NocGroups, OnlyOneFlowOfFlitsReachesTheDestinationOfAReduction) {
    const FabricConfig config = mesh(4, 4, 3);
    const FabricTopology topology(config.shape);
    const auto network = network_of(config);
    network->offer_reduction(0, packet_of(1, 0, 20), all_but(16, 0));
    noc_test::run_dry(*network);
    for (unsigned link = 0; link < topology.links(); ++link) {
        const unsigned from = topology.link(link).from;
        const unsigned to = topology.link(link).to;
        const bool west = to + 1 == from;                   // along a row
        const bool north = to + 4 == from && from % 4 == 0; // then up the first column
        EXPECT_EQ(network->link_flits(link), west || north ? 20U : 0U) << topology.link_name(link);
    }
}

TEST_P(NocGroups, ASumWaitsForThePartThatComesLate) {
    const FabricConfig config = mesh(4, 1, 3);
    const auto network = network_of(config);
    network->offer(0, packet_of(1, 2, 100)); // keeps source 1 busy, up to cycle 99
    network->offer_reduction(0, packet_of(1, 0, 8), {1, 2, 3});
    noc_test::run_dry(*network);
    ASSERT_EQ(network->deliveries().size(), 2U);
    const auto sum = std::find_if(network->deliveries().begin(), network->deliveries().end(),
                                  [](const FabricDelivery& d) { return d.packet.destination == 0; });
    EXPECT_EQ(sum->arrived, 100 + 2 + 1 + 3 * 2 + 7); // as if from source 1 alone, added once
}

TEST_P(NocGroups, ADestinationThatIsHeldDoesNotStopTheOthersOfAPiece) {
    FabricConfig config = mesh(3, 3, 3);
    config.virtual_channels = 1;
    const auto network = network_of(config);
    network->hold(0, 0, true);
    network->hold(4, 0, true);
    network->offer_multicast(0, packet_of(4, 0, config.buffer_flits), {0, 1, 2, 3, 4, 5, 6, 7, 8});
    network->advance(500);
    EXPECT_EQ(network->deliveries().size(), 7U);
    network->hold(0, 0, false);
    network->hold(4, 0, false);
    noc_test::run_dry(*network);
    EXPECT_EQ(network->deliveries().size(), 9U);
}

// Trees that cross deadlock if branches of a long worm wait for each other (McKinley, Tsai and Robinson, 1995); sums
// that start before all parts have come do so too.
TEST_P(NocGroups, AllBroadcastAndReduceAtOnceOverOneVirtualChannel) {
    for (const unsigned buffer : {1U, 3U}) {
        FabricConfig config = mesh(4, 4, 3);
        config.virtual_channels = 1;
        config.buffer_flits = buffer;
        const auto network = network_of(config);
        for (unsigned node = 0; node < 16; ++node) {
            network->offer_multicast(0, packet_of(node, 0, 40), all_but(16, node));
            network->offer_reduction(0, packet_of(node, node, 40), all_but(16, node));
            network->offer(0, packet_of(node, 15 - node, 40));
        }
        network->advance(200'000);
        EXPECT_EQ(network->deliveries().size(), 16U * (15 + 1 + 1)) << buffer;
        EXPECT_EQ(network->next_cycle(), FabricNetwork::kNever) << buffer;
    }
}

TEST_P(NocGroups, OneDestinationOrOneSourceIsASinglePacket) {
    const FabricConfig config = mesh(4, 1, 4);
    const auto network = network_of(config);
    network->offer_multicast(0, packet_of(0, 0, 100), {3});
    network->offer_reduction(5000, packet_of(0, 3, 100), {0});
    noc_test::run_dry(*network);
    ASSERT_EQ(network->deliveries().size(), 2U);
    for (const FabricDelivery& d : network->deliveries()) {
        EXPECT_EQ(d.arrived - d.created, 2 + 4 * 4 + 99);
    }
}

// A third of each kind at random, at three loads; at the highest packets wait for each other a good deal.
TEST(NocGroupLevels, AgreeOnAMixOfAllKinds) {
    for (const unsigned gap : {8U, 5U, 3U}) {
        double means[2] = {0, 0};
        for (const noc_test::Level level : {noc_test::Level::flit, noc_test::Level::packet}) {
            const auto network = noc_test::network(level, mesh(4, 4, 4));
            std::mt19937_64 random(gap);
            std::uint64_t cycle = 0;
            for (unsigned i = 0; i < 6000; ++i) {
                cycle += random_below(random, 2 * gap + 1);
                network->advance(cycle);
                const auto source = static_cast<unsigned>(random_below(random, 16));
                const auto to = static_cast<unsigned>(random_below(random, 16));
                const FabricPacket packet = packet_of(source, to, 1 + static_cast<unsigned>(random_below(random, 16)));
                std::vector<unsigned> ends(2 + random_below(random, 8));
                std::generate(ends.begin(), ends.end(), [node = source]() mutable { return node = (node + 3) % 16; });
                if (i % 3 == 0) {
                    network->offer_multicast(cycle, packet, ends);
                } else if (i % 3 == 1) {
                    network->offer_reduction(cycle, packet, ends);
                } else {
                    network->offer(cycle, packet);
                }
            }
            noc_test::run_dry(*network);
            double sum = 0;
            for (const FabricDelivery& d : network->deliveries()) {
                sum += static_cast<double>(d.arrived - d.created);
            }
            means[level == noc_test::Level::flit ? 0 : 1] = sum / static_cast<double>(network->deliveries().size());
        }
        EXPECT_NEAR(means[1], means[0], (gap == 3 ? 0.06 : 0.02) * means[0]) << gap;
    }
}

INSTANTIATE_TEST_SUITE_P(Levels, NocGroups, ::testing::Values(noc_test::Level::flit, noc_test::Level::packet),
                         noc_test::level_name);

} // namespace
} // namespace systolica
