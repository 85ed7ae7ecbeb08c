// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "machine/dram/private_port.h"

#include <gtest/gtest.h>

#include <random>

namespace systolica {
namespace {

TEST(PrivatePort, TransferTakesItsBitsByTheWidthRoundedUpHoweverItIsCut) {
    std::mt19937 random(11);
    for (int round = 0; round < 2000; ++round) {
        const unsigned width = 1 + static_cast<unsigned>(random() % 600);
        const std::uint64_t bytes = 1 + random() % 4000;
        PrivatePort port(width);
        std::uint64_t end = 0;
        for (std::uint64_t done = 0; done < bytes;) {
            const std::uint64_t burst = std::min<std::uint64_t>(bytes - done, 1 + random() % 700);
            end = port.reserve(7, 1000 + done, burst, false);
            done += burst;
        }
        // Bit by bit.
        std::uint64_t cycle = 7;
        for (std::uint64_t bits = 0; bits < bytes * 8; bits += width) {
            ++cycle;
        }
        EXPECT_EQ(end, cycle);
        EXPECT_EQ(port.busy_cycles(), cycle - 7);
        EXPECT_EQ(port.free_at(), cycle);
    }
}

TEST(PrivatePort, TransfersOfBothDirectionsFollowEachOtherInTheOrderOfTheirRequests) {
    PrivatePort port(100);                           // bits
    EXPECT_EQ(port.reserve(0, 0, 20, false), 2u);    // 160 bits
    EXPECT_EQ(port.reserve(0, 5000, 10, true), 3u);  // 80
    EXPECT_EQ(port.reserve(1, 20, 20, false), 5u);   // goes on with the first: 320 bits in 4 cycles
    EXPECT_EQ(port.reserve(1, 5010, 15, true), 6u);  // 200 bits in 2
    EXPECT_EQ(port.reserve(50, 40, 20, false), 52u); // the interface was idle: a new one
}

TEST(PrivatePort, TransferElsewhereBeginsWithAWholeCycle) {
    PrivatePort port(128);
    EXPECT_EQ(port.reserve(0, 0, 17, false), 2u); // one byte in the second cycle
    EXPECT_EQ(port.reserve(0, 64, 16, false), 3u);
    EXPECT_EQ(port.reserve(0, 80, 16, false), 4u); // continues, but the cycle before is full
}

TEST(PrivatePort, AddressNamesTheScratchpad) {
    for (const Pad pad : {Pad::ifmap, Pad::filter, Pad::ofmap, Pad::vector}) {
        const std::uint64_t region = private_region(pad);
        EXPECT_EQ(private_port_of(region, 1), pad);
        EXPECT_EQ(private_port_of(region + (std::uint64_t{1} << 40) - 8, 8), pad);
        EXPECT_FALSE(private_port_of(region + (std::uint64_t{1} << 40) - 8, 9));
    }
    EXPECT_FALSE(private_port_of(std::uint64_t{4} << 40, 1));
    EXPECT_FALSE(private_port_of(~std::uint64_t{0} - 3, 8));
}

} // namespace
} // namespace systolica
