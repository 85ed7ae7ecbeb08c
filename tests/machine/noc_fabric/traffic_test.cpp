// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "machine/noc/fabric/traffic.h"

#include <cmath>

#include <gtest/gtest.h>

#include "base/diagnostics.h"
#include "machine/noc/fabric/flit_network.h"
#include "machine/noc/fabric/traffic_file.h"
#include "machine/noc/fabric/traffic_run.h"
#include "tests/base/temporary_folder.h"
#include "tests/machine/noc_fabric/shapes.h"

namespace systolica {
namespace {

std::vector<unsigned> fixed_pattern(TrafficPattern pattern, unsigned columns, unsigned rows) {
    const TrafficDestinations destinations(pattern, columns, rows);
    std::mt19937_64 random(1);
    std::vector<unsigned> list;
    for (unsigned source = 0; source < columns * rows; ++source) {
        list.push_back(destinations.pick(source, random));
    }
    return list;
}

// Swapping halves of the bits of a node on a square grid swaps its coordinates.
TEST(Traffic, TransposeSwapsCoordinates) {
    for (const unsigned side : {2U, 4U, 8U}) {
        const auto to = fixed_pattern(TrafficPattern::transpose, side, side);
        for (unsigned node = 0; node < side * side; ++node) {
            EXPECT_EQ(to[node], node % side * side + node / side);
        }
    }
}

TEST(Traffic, BitComplementFlipsEveryBit) {
    const auto to = fixed_pattern(TrafficPattern::bit_complement, 8, 4);
    for (unsigned node = 0; node < 32; ++node) {
        EXPECT_EQ(to[node] ^ node, 31U);
    }
}

TEST(Traffic, NeighbourAndTornadoShiftBothCoordinatesAround) {
    const auto neighbour = fixed_pattern(TrafficPattern::neighbour, 5, 3);
    const auto tornado = fixed_pattern(TrafficPattern::tornado, 8, 5);
    for (unsigned node = 0; node < 15; ++node) {
        EXPECT_EQ(neighbour[node], (node / 5 + 1) % 3 * 5 + (node % 5 + 1) % 5);
    }
    for (unsigned node = 0; node < 40; ++node) { // ceil(8/2) - 1 = 3, ceil(5/2) - 1 = 2
        EXPECT_EQ(tornado[node], (node / 8 + 2) % 5 * 8 + (node % 8 + 3) % 8);
    }
    EXPECT_EQ(fixed_pattern(TrafficPattern::tornado, 4, 4), fixed_pattern(TrafficPattern::neighbour, 4, 4));
}

// README of the reference data: node 5 of 4x4 has weight 4 of 19, node 27 of 8x8 weight 8 of 71, all others 1.
TEST(Traffic, RandomPatternsHaveTheirWeights) {
    const auto expect_shares = [](TrafficPattern pattern, unsigned side, unsigned hot, double weight) {
        const unsigned nodes = side * side;
        const TrafficDestinations destinations(pattern, side, side);
        std::mt19937_64 random(7);
        constexpr unsigned kDraws = 200000;
        std::vector<unsigned> count(nodes);
        for (unsigned i = 0; i < kDraws; ++i) {
            ++count[destinations.pick(i % nodes, random)];
        }
        for (unsigned node = 0; node < nodes; ++node) {
            const double share = (node == hot ? weight : 1.0) / (nodes - 1 + weight);
            const double deviation = std::sqrt(kDraws * share * (1 - share));
            EXPECT_NEAR(count[node], kDraws * share, 5 * deviation) << node;
        }
    };
    expect_shares(TrafficPattern::uniform, 4, 0, 1);
    expect_shares(TrafficPattern::hotspot, 4, 5, 4);
    expect_shares(TrafficPattern::hotspot, 8, 27, 8);
}

TEST(Traffic, PatternsSayWhichNumbersOfNodesTheyNeed) {
    EXPECT_EQ(TrafficDestinations::problem(TrafficPattern::transpose, 16), "");
    EXPECT_EQ(TrafficDestinations::problem(TrafficPattern::transpose, 8), "expected a power of four nodes, got 8");
    EXPECT_EQ(TrafficDestinations::problem(TrafficPattern::bit_complement, 8), "");
    EXPECT_EQ(TrafficDestinations::problem(TrafficPattern::bit_complement, 12),
              "expected a power of two nodes, got 12");
    EXPECT_EQ(TrafficDestinations::problem(TrafficPattern::hotspot, 12), "");
    EXPECT_EQ(TrafficDestinations::problem(TrafficPattern::uniform, 0), "expected at least 1 nodes, got 0");
}

// Binomial: the standard deviation of the number of packets is that of as many coin flips.
TEST(Traffic, OpenLoopOffersTheRateItWasAsked) {
    for (const double rate : {0.02, 0.3, 0.6}) {
        FlitLevelNetwork network(noc_test::grid(FabricKind::mesh, 4, 4));
        OpenLoop options;
        options.flits_per_node_cycle = rate;
        options.packet_flits = 4;
        options.warmup_samples = 3;
        options.most_samples = 10; // seven that are measured
        options.least_samples = options.most_samples;
        const TrafficDestinations destinations(TrafficPattern::neighbour, 4, 4);
        const TrafficResult result = run_open_loop(network, destinations, options);
        ASSERT_TRUE(result.stable);
        const double flips = static_cast<double>(options.sample_cycles) * 7 * 16;
        const double expected = flips * rate / 4;
        EXPECT_NEAR(static_cast<double>(result.packets), expected, 5 * std::sqrt(expected));
        EXPECT_NEAR(result.accepted_flits_per_node_cycle, rate, 0.02 * rate + 0.0005);
    }
}

TEST(Traffic, BatchSendsWholePacketsFromEveryNode) {
    FlitLevelNetwork network(noc_test::grid(FabricKind::mesh, 4, 4));
    const TrafficResult result = run_batch(network, TrafficDestinations(TrafficPattern::uniform, 4, 4), 10, 4, 1);
    EXPECT_EQ(result.packets, 16 * 3U); // 10 flits are three packets of four
    EXPECT_EQ(result.all_flits, 16 * 12U);
    EXPECT_TRUE(result.stable);
    EXPECT_DOUBLE_EQ(result.accepted_flits_per_node_cycle, 12.0 / static_cast<double>(result.makespan_cycles));
}

TEST(Traffic, PacketsOfAFileAreMeasured) {
    const TemporaryFolder folder;
    folder.write("traffic", "# cycle source destination flits\n\n0 0 3 4\r\n  0\t1 1 1 # to itself\n50 2 3 2\n");
    const std::vector<TimedPacket> packets = read_traffic(folder.file("traffic"), 4);
    ASSERT_EQ(packets.size(), 3U);
    const FabricConfig config = noc_test::grid(FabricKind::mesh, 4, 1);
    FlitLevelNetwork network(config);
    const TrafficResult result = run_packets(network, packets, 4);
    const double t = config.router_cycles; // no two packets meet
    EXPECT_EQ(result.packets, 3U);
    EXPECT_DOUBLE_EQ(result.avg_packet_latency_cycles, ((2 + 4 * t + 3) + (2 + t) + (2 + 2 * t + 1)) / 3);
    EXPECT_EQ(result.min_packet_latency_cycles, 2 + config.router_cycles);
    EXPECT_DOUBLE_EQ(result.avg_routers, 7.0 / 3);
    EXPECT_EQ(result.makespan_cycles, 50 + 2 + 2 * config.router_cycles + 1);
    EXPECT_EQ(result.all_packet_hops, 3 + 0 + 1U);
}

TEST(Traffic, AFileNamesSeveralDestinationsOrSourcesOrAll) {
    const TemporaryFolder folder;
    folder.write("traffic", "0 1 0,3,2 4\n0 1 all 4 # but 1\n2\tall\t3\t5\treduce\r\n2 2,0 1 6 reduce#\n3 2 all,1 1\n");
    EXPECT_THROW(read_traffic(folder.file("traffic"), 4), InputError); // all is alone
    folder.write("good", "0 1 0,3,2 4\n0 1 all 4 # but 1\n2\tall\t3\t5\treduce\r\n2 2,0 1 6 reduce#\n3 2 1 1 reduce\n");
    const std::vector<TimedPacket> packets = read_traffic(folder.file("good"), 4);
    ASSERT_EQ(packets.size(), 5U);
    const TrafficKind kinds[] = {TrafficKind::multicast, TrafficKind::multicast, TrafficKind::reduction,
                                 TrafficKind::reduction, TrafficKind::single};
    const std::vector<unsigned> ends[] = {{0, 3, 2}, {0, 2, 3}, {0, 1, 2}, {2, 0}, {}};
    for (std::size_t i = 0; i < 5; ++i) {
        EXPECT_EQ(packets[i].kind, kinds[i]) << i;
        EXPECT_EQ(packets[i].ends, ends[i]) << i;
    }
    EXPECT_EQ(packets[0].packet.source, 1U);
    EXPECT_EQ(packets[2].packet.destination, 3U);
    EXPECT_EQ(packets[2].packet.flits, 5U);
    EXPECT_EQ(packets_of(packets), 3 + 3 + 3 + 2 + 1U);

    const std::vector<TimedPacket> singles = as_single_packets(packets);
    const unsigned expected[][2] = {{1, 0}, {1, 3}, {1, 2}, {1, 0}, {1, 2}, {1, 3},
                                    {0, 3}, {1, 3}, {2, 3}, {2, 1}, {0, 1}, {2, 1}};
    ASSERT_EQ(singles.size(), 12U);
    for (std::size_t i = 0; i < 12; ++i) {
        EXPECT_EQ(singles[i].kind, TrafficKind::single);
        EXPECT_EQ(singles[i].packet.source, expected[i][0]) << i;
        EXPECT_EQ(singles[i].packet.destination, expected[i][1]) << i;
    }
}

// A multicast is measured at each destination, a reduction once, from its farthest source. Nothing meets.
TEST(Traffic, MulticastsAndReductionsOfAFileAreMeasured) {
    const TemporaryFolder folder;
    folder.write("traffic", "0 0 1,3 4\n100 1,3 0 2 reduce\n");
    const FabricConfig config = noc_test::grid(FabricKind::mesh, 4, 1);
    FlitLevelNetwork network(config);
    const TrafficResult result = run_packets(network, read_traffic(folder.file("traffic"), 4), 4);
    const double t = config.router_cycles;
    EXPECT_EQ(result.packets, 3U);
    EXPECT_EQ(result.all_flits, 4 + 4 + 2U);
    EXPECT_DOUBLE_EQ(result.avg_packet_latency_cycles, ((2 + 2 * t + 3) + (2 + 4 * t + 3) + (2 + 4 * t + 1 + 1)) / 3);
    EXPECT_EQ(result.all_packet_hops, 1 + 3 + 3U);
}

std::string problems_of(const std::string& text, unsigned nodes = 16) {
    const TemporaryFolder folder;
    folder.write("traffic", text);
    try {
        read_traffic(folder.file("traffic"), nodes);
    } catch (const InputError& error) {
        std::string lines;
        for (const Problem& problem : error.problems().list()) {
            const std::string line = problem.text();
            lines += line.substr(line.find("/traffic") + 1) + "\n";
        }
        return lines;
    }
    return "none";
}

TEST(Traffic, BadLinesOfAFileAreToldWithTheirPlace) {
    EXPECT_EQ(problems_of("5 0 1 4\n4 0 1 4\n5 16 1 4\n5 1 2\n5 1 2 0\n6 x 2 1\n7 1 2 3 4\n"),
              "traffic:2:1: traffic: expected cycle from 5 to 1000000000000, got '4'\n"
              "traffic:3:3: traffic: expected source from 0 to 15, got '16'\n"
              "traffic:4:6: traffic: expected number of flits from 1 to 65536, got the end of the line\n"
              "traffic:5:7: traffic: expected number of flits from 1 to 65536, got '0'\n"
              "traffic:6:3: traffic: expected source from 0 to 15, got 'x'\n"
              "traffic:7:9: traffic: expected the end of the line, got '4'\n");
    EXPECT_EQ(
        problems_of("0 0 1,16 4\n0 0 1,2,1 4\n0 0 1, 4\n0 0,1 2 4\n0 1,2 all 4 reduce\n0 0 1 4 reduced\n0 0 1;2 4\n"),
        "traffic:1:7: traffic: expected destination from 0 to 15, got '16'\n"
        "traffic:2:9: traffic: expected each destination once, got '1' again\n"
        "traffic:3:7: traffic: expected destination from 0 to 15, got a blank\n"
        "traffic:4:3: traffic: expected one source, or reduce at the end of the line, got several\n"
        "traffic:5:7: traffic: expected one destination of a reduction, got several\n"
        "traffic:6:9: traffic: expected the end of the line, got 'reduced'\n"
        "traffic:7:5: traffic: expected destination from 0 to 15, got '1;2'\n");
    EXPECT_EQ(problems_of("0 0 all 4\n", 1),
              "traffic:1:5: traffic: expected a network of several nodes for all, got one of one node\n");
    EXPECT_EQ(problems_of("# nothing\n"), "traffic: traffic: expected at least one packet, got none\n");
    EXPECT_EQ(problems_of("0 0 1 99999999999999999999999\n"),
              "traffic:1:7: traffic: expected number of flits from 1 to 65536, got '99999999999999999999999'\n");
    EXPECT_THROW(read_traffic("/nowhere/traffic", 4), InputError);
}

} // namespace
} // namespace systolica
