// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "machine/dma/burst_splitter.h"

#include <random>
#include <vector>

#include <gtest/gtest.h>

namespace systolica {
namespace {

DmaArguments descriptor(std::uint64_t address, std::uint32_t run_bytes) {
    DmaArguments dma;
    dma.memory_address = address;
    dma.run_bytes = run_bytes;
    return dma;
}

std::vector<Burst> split(const DmaArguments& dma, std::uint32_t max_burst, std::uint32_t interleave) {
    std::vector<Burst> bursts;
    for (BurstSplitter splitter(dma, max_burst, interleave); !splitter.done();) {
        bursts.push_back(splitter.next());
    }
    return bursts;
}

// Every byte of the descriptor, in its order.
std::vector<std::uint64_t> expand(const DmaArguments& dma) {
    std::vector<std::uint64_t> bytes;
    for (std::uint64_t i2 = 0; i2 < dma.count[2]; ++i2) {
        for (std::uint64_t i1 = 0; i1 < dma.count[1]; ++i1) {
            for (std::uint64_t i0 = 0; i0 < dma.count[0]; ++i0) {
                for (std::uint64_t b = 0; b < dma.run_bytes; ++b) {
                    bytes.push_back(dma.memory_address + i0 * dma.stride_bytes[0] + i1 * dma.stride_bytes[1] +
                                    i2 * dma.stride_bytes[2] + b);
                }
            }
        }
    }
    return bytes;
}

TEST(BurstSplitter, AlignedRunIsCutAtTheBurstLength) {
    const std::vector<Burst> bursts = split(descriptor(512, 700), 256, 256);
    ASSERT_EQ(bursts.size(), 3U);
    EXPECT_EQ(bursts[0].address, 512U);
    EXPECT_EQ(bursts[0].bytes, 256U);
    EXPECT_EQ(bursts[2].address, 1024U);
    EXPECT_EQ(bursts[2].bytes, 188U);
}

TEST(BurstSplitter, NoBurstCrossesAnInterleaveBoundary) {
    const std::vector<Burst> bursts = split(descriptor(200, 256), 256, 256);
    ASSERT_EQ(bursts.size(), 2U);
    EXPECT_EQ(bursts[0].bytes, 56U);
    EXPECT_EQ(bursts[1].address, 256U);
    EXPECT_EQ(bursts[1].bytes, 200U);
}

TEST(BurstSplitter, InterleaveAboveTheBurstLengthCutsAtBoth) {
    // From 100 to the boundary at 512: 128 + 128 + 128 + 28; then 88.
    const std::vector<Burst> bursts = split(descriptor(100, 500), 128, 512);
    ASSERT_EQ(bursts.size(), 5U);
    EXPECT_EQ(bursts[3].bytes, 28U);
    EXPECT_EQ(bursts[4].address, 512U);
    EXPECT_EQ(bursts[4].bytes, 88U);
}

TEST(BurstSplitter, RowsThatTouchAreOneRun) {
    DmaArguments dma = descriptor(0, 16);
    dma.count = {8, 4, 2};
    dma.stride_bytes = {16, 128, 4096}; // 8 rows of 16 touch, and 4 of those; the third dimension does not
    EXPECT_EQ(split(dma, 256, 256).size(), 4U);
    EXPECT_EQ(count_bursts(dma, 256, 256), 4U);
}

TEST(BurstSplitter, RowsApartStayApart) {
    DmaArguments dma = descriptor(0, 16);
    dma.count = {8, 1, 1};
    dma.stride_bytes = {17, 0, 0};
    EXPECT_EQ(split(dma, 256, 4096).size(), 8U);
}

TEST(BurstSplitter, NothingToMoveIsNoBurst) {
    DmaArguments dma = descriptor(64, 0);
    EXPECT_TRUE(BurstSplitter(dma, 256, 256).done());
    EXPECT_EQ(count_bursts(dma, 256, 256), 0U);
    dma = descriptor(64, 16);
    dma.count = {1, 0, 1};
    EXPECT_TRUE(BurstSplitter(dma, 256, 256).done());
    EXPECT_EQ(count_bursts(dma, 256, 256), 0U);
    EXPECT_TRUE(BurstSplitter().done());
}

TEST(BurstSplitter, BurstsAreTheBytesOfTheDescriptorInOrder) {
    std::mt19937 random(3);
    for (int round = 0; round < 2000; ++round) {
        DmaArguments dma = descriptor(random() % 5000, 1 + static_cast<std::uint32_t>(random() % 300));
        std::uint32_t touching = dma.run_bytes;
        for (std::size_t i = 0; i < 3; ++i) {
            dma.count[i] = 1 + static_cast<std::uint32_t>(random() % 4);
            dma.stride_bytes[i] = random() % 2 == 0 ? touching : touching + static_cast<std::uint32_t>(random() % 700);
            touching = dma.stride_bytes[i] * dma.count[i];
        }
        const auto max_burst = 1U << (4 + random() % 6);
        const std::uint32_t interleave = random() % 3 == 0 ? 192 : 1U << (6 + random() % 6);
        const std::vector<std::uint64_t> bytes = expand(dma);
        const std::vector<Burst> bursts = split(dma, max_burst, interleave);
        std::size_t at = 0;
        for (const Burst& burst : bursts) {
            ASSERT_GT(burst.bytes, 0U);
            ASSERT_LE(burst.bytes, max_burst);
            ASSERT_EQ(burst.address / interleave, (burst.address + burst.bytes - 1) / interleave);
            for (std::uint32_t b = 0; b < burst.bytes; ++b) {
                ASSERT_LT(at, bytes.size());
                ASSERT_EQ(burst.address + b, bytes[at++]);
            }
            // It ends only where it must: at full length, a boundary, or the end of a row.
            const std::uint64_t end = burst.address + burst.bytes;
            ASSERT_TRUE(burst.bytes == max_burst || end % interleave == 0 || at % dma.run_bytes == 0);
        }
        ASSERT_EQ(at, bytes.size());
        ASSERT_EQ(bursts.size(), count_bursts(dma, max_burst, interleave));
    }
}

} // namespace
} // namespace systolica
