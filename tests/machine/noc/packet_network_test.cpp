// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "machine/noc/packet_network.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <random>

#include <gtest/gtest.h>

#include "machine/noc/packet_rules.h"

namespace systolica {
namespace {

// A tile at every router, a memory at the first and the last.
NocConfig mesh(unsigned columns, unsigned rows, unsigned router_cycles = 3) {
    NocConfig config;
    config.columns = columns;
    config.rows = rows;
    config.router_cycles = router_cycles;
    for (unsigned router = 0; router < columns * rows; ++router) {
        config.tile_routers.push_back(router);
    }
    config.memory_routers = {0, columns * rows - 1};
    return config;
}

struct Packet {
    std::uint64_t cycle;
    unsigned from;
    unsigned to;
    unsigned flits;
};

// Runs packets, sorted by cycle, and returns the arrival of each tail.
std::vector<std::uint64_t> run(PacketNetwork& network, const std::vector<Packet>& packets) {
    std::vector<std::uint64_t> tails(packets.size(), 0);
    std::size_t next = 0;
    for (;;) {
        const std::uint64_t due = next < packets.size() ? packets[next].cycle : CycleQueue::kNever;
        const std::uint64_t cycle = std::min(due, network.next_cycle());
        if (cycle == CycleQueue::kNever) {
            return tails;
        }
        network.come_to(cycle);
        network.advance(
            cycle,
            [&](std::uint32_t id) {
                EXPECT_EQ(tails[id], 0U) << "packet " << id << " arrived twice";
                tails[id] = cycle;
            },
            [](std::uint32_t) { FAIL(); });
        for (; next < packets.size() && packets[next].cycle == cycle; ++next) {
            const Packet& packet = packets[next];
            network.inject(static_cast<std::uint32_t>(next), cycle, packet.from, packet.to, packet.flits);
        }
    }
}

std::vector<Packet> random_packets(const MeshTopology& topology, unsigned count, unsigned seed, bool memories_only) {
    std::mt19937 generator(seed);
    const auto random = [&] { return static_cast<unsigned>(generator()); };
    std::vector<Packet> packets;
    std::uint64_t cycle = 0;
    while (packets.size() < count) {
        cycle += random() % 3;
        unsigned from = random() % topology.endpoints();
        unsigned to = random() % topology.endpoints();
        if (memories_only) {
            from = topology.tile(random() % topology.tiles());
            to = topology.memory(random() % topology.memories());
            if (random() % 2 == 0) {
                std::swap(from, to);
            }
        }
        packets.push_back({cycle, from, to, 1 + random() % 20});
    }
    return packets;
}

// Checks a whole run by its bookings: every link takes heads in order of arrival, each as soon as it is free, and every
// packet's bookings follow one another by the delays of the links.
void check_bookings(const MeshTopology& topology, unsigned router_cycles, const std::vector<Packet>& packets,
                    const std::vector<std::uint64_t>& tails, const std::vector<PacketNetwork::Booking>& log) {
    std::vector<std::uint64_t> free(topology.links(), 0);
    std::vector<std::uint64_t> asked(topology.links(), 0);
    std::vector<std::uint64_t> head(packets.size());
    std::vector<unsigned> step(packets.size(), 0);
    for (std::size_t i = 0; i < packets.size(); ++i) {
        head[i] = packets[i].cycle;
    }
    for (const PacketNetwork::Booking& booking : log) {
        const Packet& packet = packets[booking.packet];
        const Route route = topology.route(packet.from, packet.to);
        ASSERT_EQ(booking.link, route.first[step[booking.packet]]);
        ASSERT_EQ(booking.asked, head[booking.packet]);
        ASSERT_GE(booking.asked, asked[booking.link]) << topology.link_name(booking.link);
        const unsigned delay = step[booking.packet] == 0 ? 1 : router_cycles;
        const std::uint64_t start = std::max(booking.asked, free[booking.link]);
        ASSERT_EQ(booking.from, start + delay - 1);
        ASSERT_EQ(booking.to - booking.from, packet.flits);
        asked[booking.link] = booking.asked;
        free[booking.link] = start + packet.flits;
        head[booking.packet] = start + delay;
        ++step[booking.packet];
    }
    for (std::size_t i = 0; i < packets.size(); ++i) {
        ASSERT_EQ(step[i], topology.route(packets[i].from, packets[i].to).links());
        ASSERT_EQ(tails[i], head[i] + 1 + packets[i].flits - 1);
    }
}

TEST(PacketRules, DataTravelsInWholeFlitsBehindOneHeader) {
    EXPECT_EQ(packet_flits(0, 32), 1U);
    EXPECT_EQ(packet_flits(1, 32), 2U);
    EXPECT_EQ(packet_flits(256, 32), 9U);
    EXPECT_EQ(packet_flits(257, 32), 10U);
}

// T0 = 2 + t_r * R + (L - 1), formulas of BookSim2's zero-load latency; t_r = 3, 4, 5 are its three routers.
TEST(PacketNetwork, LonePacketFollowsTheZeroLoadLaw) {
    for (const unsigned router_cycles : {3U, 4U, 5U}) {
        PacketNetwork network(mesh(4, 3, router_cycles), PacketNetwork::Traffic::any_pair);
        const MeshTopology& topology = network.topology();
        std::vector<Packet> packets;
        std::vector<std::uint64_t> expected;
        std::uint64_t cycle = 5;
        for (unsigned from = 0; from < topology.endpoints(); ++from) {
            for (unsigned to = 0; to < topology.endpoints(); ++to) {
                for (const unsigned flits : {1U, 2U, 9U, 130U}) {
                    packets.push_back({cycle, from, to, flits});
                    const unsigned a = topology.router(from);
                    const unsigned b = topology.router(to);
                    const unsigned columns = a % 4 < b % 4 ? b % 4 - a % 4 : a % 4 - b % 4;
                    const unsigned rows = a / 4 < b / 4 ? b / 4 - a / 4 : a / 4 - b / 4;
                    expected.push_back(cycle + 2 + router_cycles * (columns + rows + 1) + flits - 1);
                    EXPECT_EQ(cycle + zero_load_cycles(mesh(4, 3, router_cycles), columns + rows + 1, flits),
                              expected.back());
                    cycle += 1000;
                }
            }
        }
        EXPECT_EQ(run(network, packets), expected);
    }
}

// Tiles 0 and 4 both send east over r1_east (4 x 1, to tile 3): the later head follows the earlier tail at once.
TEST(PacketNetwork, SecondPacketOnALinkFollowsTheTailOfTheFirst) {
    PacketNetwork network(mesh(4, 1), PacketNetwork::Traffic::any_pair);
    // Tile 1's head stands before r1_east at 0 + 1; tile 0's at 0 + 1 + 3.
    const std::vector<std::uint64_t> tails = run(network, {{0, 0, 3, 5}, {0, 1, 3, 8}});
    EXPECT_EQ(tails[1], 2U + 3 * 3 + 7);
    // It waits from 4 until the link has taken eight flits, 1 + 8 = 9: five cycles more than alone.
    EXPECT_EQ(tails[0], 2U + 3 * 4 + 4 + 5);
    EXPECT_EQ(tails[0], tails[1] + 5) << "five flits behind eight, without a gap";
}

TEST(PacketNetwork, AtTheSameCycleTheLowerEndpointGoesFirst) {
    NocConfig config;
    config.tile_routers = {0, 0};
    config.memory_routers = {0};
    PacketNetwork network(config, PacketNetwork::Traffic::tiles_with_memories);
    const std::vector<std::uint64_t> tails = run(network, {{0, 1, 2, 4}, {0, 0, 2, 4}});
    EXPECT_EQ(tails[1], 2U + 3 + 3);
    EXPECT_EQ(tails[0], tails[1] + 4);
}

TEST(PacketNetwork, OrderOfCallsWithinACycleDoesNotMatter) {
    PacketNetwork first(mesh(4, 4), PacketNetwork::Traffic::any_pair);
    PacketNetwork second(mesh(4, 4), PacketNetwork::Traffic::any_pair);
    std::vector<Packet> packets; // at most one a cycle and endpoint
    std::mt19937 generator(4);
    const auto random = [&] { return static_cast<unsigned>(generator()); };
    for (unsigned cycle = 0; cycle < 300; ++cycle) {
        for (unsigned from = 0; from < first.topology().endpoints(); ++from) {
            if (random() % 8 == 0) {
                packets.push_back({cycle, from, random() % first.topology().endpoints(), 1 + random() % 8});
            }
        }
    }
    std::vector<std::size_t> shuffled(packets.size());
    std::iota(shuffled.begin(), shuffled.end(), std::size_t{0});
    std::stable_sort(shuffled.begin(), shuffled.end(), [&](std::size_t a, std::size_t b) {
        return packets[a].cycle != packets[b].cycle ? packets[a].cycle < packets[b].cycle
                                                    : packets[a].from > packets[b].from;
    });
    std::vector<Packet> reversed;
    for (const std::size_t i : shuffled) {
        reversed.push_back(packets[i]);
    }
    const std::vector<std::uint64_t> tails = run(first, packets);
    const std::vector<std::uint64_t> tails_reversed = run(second, reversed);
    for (std::size_t i = 0; i < packets.size(); ++i) {
        ASSERT_EQ(tails_reversed[i], tails[shuffled[i]]);
    }
}

TEST(PacketNetwork, InjectionLinkTakesOnePacketAfterTheOther) {
    PacketNetwork network(mesh(2, 2), PacketNetwork::Traffic::tiles_with_memories);
    EXPECT_EQ(network.inject(0, 10, 0, 4, 9), 19U);
    EXPECT_EQ(network.inject(1, 19, 0, 4, 1), 20U);
    EXPECT_EQ(network.inject(2, 19, 0, 4, 1), 21U) << "too early: waits";
}

TEST(PacketNetwork, LinksServeInOrderOfArrivalWithoutLosingACycle) {
    for (const bool memories_only : {false, true}) {
        const auto traffic =
            memories_only ? PacketNetwork::Traffic::tiles_with_memories : PacketNetwork::Traffic::any_pair;
        for (const unsigned router_cycles : {1U, 3U, 5U}) {
            PacketNetwork network(mesh(4, 4, router_cycles), traffic);
            std::vector<PacketNetwork::Booking> log;
            network.log_bookings(&log);
            const std::vector<Packet> packets = random_packets(network.topology(), 5000, router_cycles, memories_only);
            const std::vector<std::uint64_t> tails = run(network, packets);
            check_bookings(network.topology(), router_cycles, packets, tails, log);
        }
    }
}

TEST(PacketNetwork, EveryLinkCarriesTheFlitsOfTheRoutesOverIt) {
    PacketNetwork network(mesh(4, 4), PacketNetwork::Traffic::any_pair);
    const MeshTopology& topology = network.topology();
    const std::vector<Packet> packets = random_packets(topology, 3000, 9, false);
    run(network, packets);
    std::map<LinkId, std::uint64_t> flits;
    std::map<LinkId, std::uint64_t> count;
    std::uint64_t hops = 0;
    for (const Packet& packet : packets) {
        const Route route = topology.route(packet.from, packet.to);
        hops += route.hops();
        std::for_each(route.first, route.last, [&](LinkId link) {
            flits[link] += packet.flits;
            ++count[link];
        });
    }
    EXPECT_EQ(network.packets(), packets.size());
    EXPECT_EQ(network.packet_hops(), hops);
    for (LinkId link = 0; link < topology.links(); ++link) {
        EXPECT_EQ(network.use(link).busy_cycles, flits[link]) << topology.link_name(link);
        EXPECT_EQ(network.use(link).packets, count[link]) << topology.link_name(link);
    }
}

TEST(PacketNetwork, PacketsBetweenTwoEndpointsKeepTheirOrder) {
    PacketNetwork network(mesh(4, 4), PacketNetwork::Traffic::any_pair);
    const std::vector<Packet> packets = random_packets(network.topology(), 20000, 5, false);
    const std::vector<std::uint64_t> tails = run(network, packets);
    std::map<std::pair<unsigned, unsigned>, std::uint64_t> last;
    for (std::size_t i = 0; i < packets.size(); ++i) {
        std::uint64_t& before = last[{packets[i].from, packets[i].to}];
        EXPECT_GT(tails[i], before);
        before = tails[i];
    }
}

// Sixteen tiles send 100 packets of 9 flits to one corner: its ejection link carries one flit a cycle and is never
// idle once the first head is there (the nearest tile's: 2 + t_r - 1 cycles; the farthest head takes 2 + 7 * t_r - 1).
TEST(PacketNetwork, ASaturatedLinkSetsTheMakespan) {
    PacketNetwork network(mesh(4, 4), PacketNetwork::Traffic::tiles_with_memories);
    std::vector<Packet> packets;
    for (unsigned i = 0; i < 100; ++i) {
        for (unsigned tile = 0; tile < 16; ++tile) {
            packets.push_back({i * 9, tile, network.topology().memory(0), 9});
        }
    }
    const std::vector<std::uint64_t> tails = run(network, packets);
    const std::uint64_t load = 100 * 16 * 9;
    const std::uint64_t makespan = *std::max_element(tails.begin(), tails.end());
    EXPECT_EQ(makespan, 2 + 3 + load - 1);
}

TEST(PacketNetwork, WiderFlitsNeverMakeATransferSlower) {
    std::uint64_t lone_before = ~std::uint64_t{0};
    std::uint64_t batch_before = ~std::uint64_t{0};
    for (const unsigned flit_bytes : {4U, 8U, 16U, 32U, 48U, 64U, 128U, 256U}) {
        NocConfig config = mesh(4, 4);
        config.flit_bytes = flit_bytes;
        const unsigned flits = packet_flits(256, flit_bytes);
        PacketNetwork lone(config, PacketNetwork::Traffic::tiles_with_memories);
        const std::uint64_t lone_now = run(lone, {{0, 0, lone.topology().memory(1), flits}})[0];
        EXPECT_LE(lone_now, lone_before);
        lone_before = lone_now;

        PacketNetwork network(config, PacketNetwork::Traffic::tiles_with_memories);
        std::vector<Packet> packets;
        for (unsigned i = 0; i < 320; ++i) {
            packets.push_back({0, i % 16, network.topology().memory(i / 16 % 2), flits});
        }
        const std::vector<std::uint64_t> tails = run(network, packets);
        const std::uint64_t batch_now = *std::max_element(tails.begin(), tails.end());
        EXPECT_LE(batch_now, batch_before);
        batch_before = batch_now;
    }
}

TEST(PacketNetwork, PassedPacketAloneIsAsFastAsAnInjectedOne) {
    PacketNetwork network(mesh(4, 4), PacketNetwork::Traffic::tiles_with_memories);
    EXPECT_EQ(network.pass(100, 5, network.topology().memory(1), 9), 100 + zero_load_cycles(mesh(4, 4), 5, 9));
    EXPECT_EQ(network.packets(), 1U);
    EXPECT_EQ(network.packet_hops(), 4U);
}

TEST(PacketNetwork, TheSameTrafficTwiceGivesTheSameArrivals) {
    PacketNetwork first(mesh(3, 5), PacketNetwork::Traffic::any_pair);
    PacketNetwork second(mesh(3, 5), PacketNetwork::Traffic::any_pair);
    const std::vector<Packet> packets = random_packets(first.topology(), 5000, 3, false);
    EXPECT_EQ(run(first, packets), run(second, packets));
}

} // namespace
} // namespace systolica
