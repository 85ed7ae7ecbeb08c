// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// What every collective must do, whatever its algorithm: bring everybody what it needs, move the bytes of its closed
// form, and have no message wait for one that comes later.
#include "machine/collective/schedule.h"
#include "machine/collective/schedule_builder.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>

namespace systolica {
namespace {

using Op = CollectiveOp;
using Algorithm = CollectiveAlgorithm;

SystemConfig system_of(ChipTopology topology, std::uint64_t chips) {
    SystemConfig config;
    config.topology = topology;
    config.chips = chips;
    return config;
}

// For each chip: whose data can have come to it, by following what each message could know when it was sent.
std::vector<std::set<unsigned>> heard_from(const CollectiveSchedule& schedule, unsigned chips) {
    std::vector<std::set<unsigned>> known(schedule.size()), heard(chips);
    for (unsigned chip = 0; chip < chips; ++chip) {
        heard[chip].insert(chip);
    }
    for (std::size_t i = 0; i < schedule.size(); ++i) {
        known[i].insert(schedule[i].from);
        for (const std::uint32_t before : schedule[i].after) {
            known[i].insert(known[before].begin(), known[before].end());
        }
        heard[schedule[i].to].insert(known[i].begin(), known[i].end());
    }
    return heard;
}

template <class Check>
void for_each_collective(Check check) {
    for (const ChipTopology topology : {ChipTopology::ring, ChipTopology::torus, ChipTopology::fabric}) {
        for (const std::uint64_t chips : {2U, 3U, 4U, 6U, 7U, 8U, 9U, 12U, 16U, 32U}) {
            const ChipNetwork network(system_of(topology, chips));
            for (const Op op : collective_ops()) {
                for (const Algorithm algorithm : collective_algorithms()) {
                    for (const std::uint64_t chunks : {1U, 3U}) {
                        const CollectiveRequest request{op, 100'003, chunks};
                        if (collective_refusal(network, algorithm, request).empty()) {
                            SCOPED_TRACE(std::string(collective_op_name(op)) + ", " +
                                         collective_algorithm_name(algorithm) + ", " + std::to_string(chips) +
                                         " chips, " + std::to_string(chunks) + " chunks");
                            check(network, algorithm, request, collective_schedule(network, algorithm, request));
                        }
                    }
                }
            }
        }
    }
}

TEST(CollectiveSchedule, MessagesWaitOnlyForEarlierOnesThatCameToTheirSender) {
    for_each_collective(
        [](const ChipNetwork& network, Algorithm, const CollectiveRequest&, const CollectiveSchedule& schedule) {
            for (std::uint32_t i = 0; i < schedule.size(); ++i) {
                const CollectiveMessage& message = schedule[i];
                EXPECT_NE(message.from, message.to);
                EXPECT_LT(std::max(message.from, message.to), network.chips());
                EXPECT_GT(message.bytes, 0u);
                for (const std::uint32_t before : message.after) {
                    EXPECT_LT(before, i);
                    EXPECT_EQ(schedule[before].to, message.from);
                }
            }
        });
}

TEST(CollectiveSchedule, EverybodyHearsFromAllWhoseDataItNeeds) {
    for_each_collective([](const ChipNetwork& network, Algorithm, const CollectiveRequest& request,
                           const CollectiveSchedule& schedule) {
        const auto heard = heard_from(schedule, network.chips());
        for (unsigned chip = 0; chip < network.chips(); ++chip) {
            if (request.op == Op::broadcast) {
                EXPECT_EQ(heard[chip].count(0), 1u);
            } else {
                EXPECT_EQ(heard[chip].size(), network.chips());
            }
        }
    });
}

// A sum of p vectors takes p - 1 additions of every byte, whoever does them.
TEST(CollectiveSchedule, EveryByteIsAddedOnceForEachChipButOne) {
    for_each_collective([](const ChipNetwork& network, Algorithm, const CollectiveRequest& request,
                           const CollectiveSchedule& schedule) {
        std::uint64_t added = 0;
        for (const CollectiveMessage& message : schedule) {
            added += message.reduces ? message.bytes : 0;
        }
        const bool sums = request.op == Op::all_reduce || request.op == Op::reduce_scatter;
        EXPECT_EQ(added, sums ? (network.chips() - 1) * request.bytes : 0);
    });
}

// And p - 1 copies of every byte of the result go to others (all_to_all: each byte that is not for its sender once, or
// once a hop around the ring).
TEST(CollectiveSchedule, EveryByteOfTheResultIsCopiedToAllOthers) {
    for_each_collective([](const ChipNetwork& network, Algorithm algorithm, const CollectiveRequest& request,
                           const CollectiveSchedule& schedule) {
        std::uint64_t copied = 0;
        for (const CollectiveMessage& message : schedule) {
            copied += message.reduces ? 0 : message.bytes;
        }
        const std::uint64_t p = network.chips();
        if (request.op == Op::reduce_scatter) {
            EXPECT_EQ(copied, 0u);
        } else if (request.op != Op::all_to_all) {
            EXPECT_EQ(copied, (p - 1) * request.bytes);
        } else if (algorithm == Algorithm::direct) {
            EXPECT_EQ(copied, (p - 1) * request.bytes);
        } else { // 1 + 2 + ... + (p - 1) shares for each chip
            EXPECT_NEAR(static_cast<double>(copied), static_cast<double>(p * (p - 1) / 2 * request.bytes),
                        static_cast<double>(3 * p * p * p));
        }
    });
}

unsigned depth(const PlaceTree& tree, unsigned place) {
    unsigned steps = 0;
    for (; tree[place] != place; place = tree[place]) {
        if (++steps > tree.size()) {
            return steps; // a cycle
        }
    }
    return steps;
}

TEST(CollectiveSchedule, NoMessageIsEmptyAtTheLeastNumberOfBytes) {
    for (const std::uint64_t chips : {2U, 6U, 8U, 15U}) {
        const ChipNetwork network(system_of(ChipTopology::torus, chips));
        for (const Op op : collective_ops()) {
            for (const Algorithm algorithm : collective_algorithms()) {
                CollectiveRequest request{op, 1, 2};
                while (request.bytes < 100 && !collective_refusal(network, algorithm, request).empty()) {
                    ++request.bytes;
                }
                if (request.bytes < 100) {
                    for (const CollectiveMessage& message : collective_schedule(network, algorithm, request)) {
                        EXPECT_GT(message.bytes, 0u) << collective_algorithm_name(algorithm);
                    }
                }
            }
        }
    }
}

TEST(BinaryTrees, AreTreesOfTwoChildrenAndLogarithmicDepth) {
    for (unsigned places = 2; places <= 300; ++places) {
        const auto most = static_cast<unsigned>(std::ceil(std::log2(places) - 1e-9));
        for (const PlaceTree& tree : {first_binary_tree(places), second_binary_tree(places)}) {
            ASSERT_EQ(tree.size(), places);
            std::vector<unsigned> children(places);
            unsigned roots = 0, deepest = 0;
            for (unsigned place = 0; place < places; ++place) {
                deepest = std::max(deepest, depth(tree, place));
                roots += tree[place] == place ? 1 : 0;
                children[tree[place]] += tree[place] == place ? 0 : 1;
            }
            EXPECT_EQ(roots, 1u) << places;
            EXPECT_EQ(deepest, most) << places;
            EXPECT_LE(*std::max_element(children.begin(), children.end()), 2u) << places;
        }
    }
}

TEST(BinaryTrees, OfPowersOfTwoShareNoNeighbours) {
    for (unsigned places = 4; places <= 256; places *= 2) {
        const PlaceTree first = first_binary_tree(places), second = second_binary_tree(places);
        std::set<std::set<unsigned>> edges;
        for (unsigned place = 0; place < places; ++place) {
            edges.insert({place, first[place]});
        }
        for (unsigned place = 0; place < places; ++place) {
            if (second[place] != place) {
                EXPECT_EQ(edges.count({place, second[place]}), 0u) << places;
            }
        }
    }
}

TEST(CollectiveRefusal, SaysWhatIsExpected) {
    const ChipNetwork six(system_of(ChipTopology::ring, 6)), seven(system_of(ChipTopology::torus, 7));
    EXPECT_EQ(collective_refusal(six, Algorithm::halving_doubling, {Op::all_reduce, 1000, 1}),
              "expected a number of chips that is a power of two for halving_doubling, got 6");
    EXPECT_EQ(collective_refusal(seven, Algorithm::hierarchical_2d, {Op::all_reduce, 1000, 1}),
              "expected chips in at least two columns and two rows for hierarchical_2d, got 7 x 1");
    EXPECT_EQ(collective_refusal(six, Algorithm::binomial, {Op::all_gather, 1000, 1}),
              "expected ring or ring_bidir or halving_doubling or direct or hierarchical_2d for all_gather, got "
              "'binomial'");
    EXPECT_EQ(collective_refusal(six, Algorithm::ring, {Op::all_reduce, 17, 3}),
              "expected at least 18 bytes for 6 chips and 3 chunks, got 17");
    EXPECT_EQ(collective_refusal(six, Algorithm::ring_bidir, {Op::all_reduce, 11, 1}),
              "expected at least 12 bytes for 6 chips and 1 chunk, got 11");
    const ChipNetwork many(system_of(ChipTopology::fabric, 257));
    EXPECT_EQ(collective_refusal(many, Algorithm::direct, {Op::all_reduce, 1'000'000, 1}),
              "expected at most 256 chips for a direct all_reduce, got 257");
    EXPECT_EQ(collective_refusal(six, Algorithm::ring, {Op::all_reduce, 1'000'000'000, 100'000}),
              "expected at most 4000000 messages, got 100000 chunks of up to 60 messages");
}

} // namespace
} // namespace systolica
