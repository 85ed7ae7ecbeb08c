// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// Packets passed at once, ahead of time (loosely timed): the rule of the links, and how far it is from queueing.
#include "machine/noc/packet_network.h"

#include <algorithm>
#include <functional>
#include <queue>
#include <random>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "machine/noc/packet_rules.h"

namespace systolica {
namespace {

constexpr unsigned kRouterCycles = 3;

// A tile at every router, a memory at the first and the last.
NocConfig mesh(unsigned columns, unsigned rows) {
    NocConfig config;
    config.columns = columns;
    config.rows = rows;
    config.router_cycles = kRouterCycles;
    for (unsigned router = 0; router < columns * rows; ++router) {
        config.tile_routers.push_back(router);
    }
    config.memory_routers = {0, columns * rows - 1};
    return config;
}

// Which cycles of every link are taken, one flag a cycle.
class LinkCalendars {
public:
    explicit LinkCalendars(const MeshTopology& topology) : topology_(topology), taken_(topology.links()) {}

    std::uint64_t pass(std::uint64_t head, unsigned from, unsigned to, unsigned flits) {
        const Route route = topology_.route(from, to);
        for (const LinkId* link = route.first; link != route.last; ++link) {
            while (!free(taken_[*link], head, flits)) {
                ++head;
            }
            std::fill_n(taken_[*link].begin() + static_cast<std::ptrdiff_t>(head), flits, true);
            head += link == route.first ? 1 : kRouterCycles;
        }
        return head + flits; // one cycle into the endpoint, and the flits behind the head
    }

private:
    static bool free(std::vector<bool>& taken, std::uint64_t from, unsigned flits) {
        taken.resize(std::max<std::size_t>(taken.size(), from + flits), false);
        const auto first = taken.begin() + static_cast<std::ptrdiff_t>(from);
        return std::find(first, first + flits, true) == first + flits;
    }

    const MeshTopology& topology_;
    std::vector<std::vector<bool>> taken_;
};

struct Call {
    std::uint64_t cycle;
    unsigned from, to, flits;
};

Call random_call(const MeshTopology& topology, std::mt19937& generator, std::uint64_t cycle) {
    const auto random = [&](unsigned below) { return static_cast<unsigned>(generator() % below); };
    Call call{cycle, topology.tile(random(topology.tiles())), topology.memory(random(topology.memories())),
              1 + random(12)};
    if (random(2) == 0) {
        std::swap(call.from, call.to);
    }
    return call;
}

TEST(PassedPackets, ACallFarAheadDoesNotDelayALaterCallForAnEarlierCycle) {
    PacketNetwork network(mesh(2, 2), PacketNetwork::Traffic::tiles_with_memories);
    const unsigned memory = network.topology().memory(1);
    const std::uint64_t alone = zero_load_cycles(mesh(2, 2), 3, 9);
    EXPECT_EQ(network.pass(100, 0, memory, 9), 100 + alone);
    EXPECT_EQ(network.pass(5, 0, memory, 9), 5 + alone);
    EXPECT_EQ(network.pass(95, 0, memory, 9), 109 + alone) << "[95, 100) is too short for nine flits";
    EXPECT_EQ(network.pass(95, 0, memory, 5), 95 + alone - 4);
}

TEST(PassedPackets, EachLinkGivesTheFirstGapThatHoldsThePacket) {
    for (unsigned seed = 0; seed < 6; ++seed) {
        PacketNetwork network(mesh(3, 3), PacketNetwork::Traffic::tiles_with_memories);
        LinkCalendars calendars(network.topology());
        std::mt19937 generator(seed);
        std::uint64_t now = 0;
        for (unsigned i = 0; i < 3000; ++i) {
            now += generator() % (2 + 2 * seed);
            network.come_to(now);
            const Call call = random_call(network.topology(), generator, now + generator() % 200);
            ASSERT_EQ(network.pass(call.cycle, call.from, call.to, call.flits),
                      calendars.pass(call.cycle, call.from, call.to, call.flits))
                << "seed " << seed << ", call " << i;
        }
    }
}

TEST(PassedPackets, NoLinkCarriesTwoFlitsInACycleAlsoBesideInjectedPackets) {
    PacketNetwork network(mesh(3, 3), PacketNetwork::Traffic::tiles_with_memories);
    std::vector<PacketNetwork::Booking> log;
    network.log_bookings(&log);
    std::mt19937 generator(11);
    std::uint64_t cycle = 0;
    std::uint32_t id = 0;
    for (unsigned i = 0; i < 4000; ++i, cycle += generator() % 5) {
        network.come_to(cycle);
        network.advance(
            cycle, [](std::uint32_t) {}, [](std::uint32_t) { FAIL(); });
        const bool passes = generator() % 2 == 0;
        const Call call = random_call(network.topology(), generator, cycle + (passes ? generator() % 100 : 0));
        if (passes) {
            network.pass(call.cycle, call.from, call.to, call.flits);
        } else {
            network.inject(id++, call.cycle, call.from, call.to, call.flits);
        }
    }
    network.advance(
        CycleQueue::kNever - 1, [](std::uint32_t) {}, [](std::uint32_t) { FAIL(); });
    std::sort(log.begin(), log.end(), [](const PacketNetwork::Booking& a, const PacketNetwork::Booking& b) {
        return a.link != b.link ? a.link < b.link : a.from < b.from;
    });
    for (std::size_t i = 1; i < log.size(); ++i) {
        ASSERT_TRUE(log[i].link != log[i - 1].link || log[i].from >= log[i - 1].to)
            << network.topology().link_name(log[i].link) << " at " << log[i].from;
    }
}

// Sixteen tiles read from one corner, `window` at a time; the memory answers after `latency` cycles. Its injection
// link carries nine flits an answer.
struct Readers {
    NocConfig config = mesh(4, 4);
    unsigned window = 4;
    unsigned reads = 200; // of each tile
    std::uint64_t latency = 40;

    std::uint64_t queued() const {
        PacketNetwork network(config, PacketNetwork::Traffic::tiles_with_memories);
        const unsigned memory = network.topology().memory(0);
        std::vector<unsigned> left(16, reads - window);
        for (std::uint32_t id = 0; id < 16 * window; ++id) {
            network.inject(id, 0, id % 16, memory, 1);
        }
        std::vector<bool> answer(16 * std::size_t{window}, false);
        std::uint64_t cycle = 0;
        const auto arrived = [&](std::uint32_t id) {
            answer[id] = !answer[id];
            if (answer[id]) {
                network.call_at(cycle + latency, memory, id);
            } else if (left[id % 16] != 0) {
                --left[id % 16];
                network.inject(id, cycle, id % 16, memory, 1);
            }
        };
        std::uint64_t last = 0;
        while ((cycle = network.next_cycle()) != CycleQueue::kNever) {
            network.come_to(cycle);
            network.advance(cycle, arrived, [&](std::uint32_t id) { network.inject(id, cycle, memory, id % 16, 9); });
            last = cycle;
        }
        return last;
    }

    std::uint64_t passed() const {
        PacketNetwork network(config, PacketNetwork::Traffic::tiles_with_memories);
        const unsigned memory = network.topology().memory(0);
        using Send = std::pair<std::uint64_t, unsigned>; // cycle, tile
        std::priority_queue<Send, std::vector<Send>, std::greater<>> sends;
        std::vector<unsigned> left(16, reads - window);
        for (unsigned i = 0; i < 16 * window; ++i) {
            sends.push({0, i % 16});
        }
        std::uint64_t last = 0;
        while (!sends.empty()) {
            const auto [cycle, tile] = sends.top();
            sends.pop();
            network.come_to(cycle);
            const std::uint64_t there = network.pass(cycle, tile, memory, 1);
            const std::uint64_t back = network.pass(there + latency, memory, tile, 9);
            last = std::max(last, back);
            if (left[tile] != 0) {
                --left[tile];
                sends.push({back, tile});
            }
        }
        return last;
    }
};

TEST(PassedPackets, AFullLinkGivesTheMakespanOfQueueingAndNeverLess) {
    Readers readers;
    const std::uint64_t link_load = 16 * 200 * 9;
    EXPECT_GE(readers.passed(), link_load);
    EXPECT_NEAR(static_cast<double>(readers.passed()), static_cast<double>(readers.queued()),
                0.01 * static_cast<double>(readers.queued()));
}

TEST(PassedPackets, PartlyLoadedLinksComeWithinFivePercentOfQueueing) {
    for (const std::uint64_t latency : {300U, 900U}) { // half and a fifth of what the link can carry
        for (const unsigned window : {2U, 4U, 8U}) {
            Readers readers;
            readers.latency = latency;
            readers.window = window;
            EXPECT_NEAR(static_cast<double>(readers.passed()), static_cast<double>(readers.queued()),
                        0.05 * static_cast<double>(readers.queued()))
                << "latency " << latency << ", window " << window;
        }
    }
}

} // namespace
} // namespace systolica
