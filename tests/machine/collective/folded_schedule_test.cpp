// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// Which collectives one chip can stand for.
#include "machine/collective/folded_schedule.h"

#include <gtest/gtest.h>

#include <set>

namespace systolica {
namespace {

using Algorithm = CollectiveAlgorithm;

ChipNetwork network_of(ChipTopology topology, std::uint64_t chips) {
    SystemConfig config;
    config.topology = topology;
    config.chips = chips;
    return ChipNetwork(config);
}

std::optional<FoldedSchedule> folded(const ChipNetwork& network, Algorithm algorithm, std::uint64_t bytes) {
    return fold(network, collective_schedule(network, algorithm, {CollectiveOp::all_reduce, bytes, 1}));
}

// 2 (p - 1) messages of a share each, and each waits for the one that came before.
TEST(FoldedSchedule, ARingSendsEveryShareTwiceButOne) {
    for (const std::uint64_t chips : {2U, 3U, 4U, 7U, 16U}) {
        const std::uint64_t share = 4096;
        const auto ring = folded(network_of(ChipTopology::ring, chips), Algorithm::ring, share * chips);
        ASSERT_TRUE(ring.has_value()) << chips;
        ASSERT_EQ(ring->messages.size(), 2 * (chips - 1)) << chips;
        EXPECT_EQ(ring->links.size(), 1U) << chips;
        for (std::uint32_t step = 0; step < ring->messages.size(); ++step) {
            const CollectiveMessage& message = ring->messages[step];
            EXPECT_EQ(message.bytes, share);
            EXPECT_EQ(message.reduces, step < chips - 1);
            EXPECT_EQ(message.from, 0U);
            EXPECT_EQ(message.to, 0U);
            EXPECT_EQ(message.after, step == 0 ? std::vector<std::uint32_t>{} : std::vector<std::uint32_t>{step - 1});
        }
    }
}

TEST(FoldedSchedule, ToriFoldInBothDimensions) {
    const ChipNetwork torus = network_of(ChipTopology::torus, 64);
    ASSERT_TRUE(folded(torus, Algorithm::ring, 64 * 1024).has_value());
    const auto both = folded(torus, Algorithm::hierarchical_2d, 64 * 1024);
    ASSERT_TRUE(both.has_value());
    EXPECT_EQ(both->links.size(), 2U); // right along the row, down along the column
    EXPECT_EQ(both->messages.size(), 4U * 7U);
}

TEST(FoldedSchedule, SharesThatDifferByAByteDoNotFold) {
    EXPECT_FALSE(folded(network_of(ChipTopology::ring, 4), Algorithm::ring, 4 * 1024 + 1).has_value());
}

TEST(FoldedSchedule, ChipsThatDoOtherThingsDoNotFold) {
    EXPECT_FALSE(folded(network_of(ChipTopology::full, 8), Algorithm::binomial, 8192).has_value());
    EXPECT_FALSE(folded(network_of(ChipTopology::full, 8), Algorithm::double_binary, 8192).has_value());
}

TEST(FoldedSchedule, MessagesOverOtherChipsAndSwitchesDoNotFold) {
    // Around a ring of eight the partner at distance four is four links away.
    EXPECT_FALSE(folded(network_of(ChipTopology::ring, 8), Algorithm::halving_doubling, 8192).has_value());
    EXPECT_FALSE(folded(network_of(ChipTopology::fabric, 8), Algorithm::ring, 8192).has_value());
    // Three by three chips of a mesh have no ring from neighbour to neighbour.
    EXPECT_FALSE(folded(network_of(ChipTopology::mesh, 9), Algorithm::ring, 9 * 1024).has_value());
}

} // namespace
} // namespace systolica
