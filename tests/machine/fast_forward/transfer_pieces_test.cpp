// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// Pieces of random descriptors against the whole: the same bytes in the same order, the same bursts, the same pad.

#include "machine/fast_forward/transfer_pieces.h"

#include <gtest/gtest.h>

#include <random>
#include <set>
#include <utility>
#include <vector>

#include "machine/dma/burst_splitter.h"

namespace systolica {
namespace {

constexpr std::uint32_t kInterleave = 512;

class Random {
public:
    explicit Random(std::uint64_t seed) : engine_(seed) {}
    std::uint64_t below(std::uint64_t end) { return engine_() % end; }

private:
    std::mt19937_64 engine_;
};

using Bursts = std::vector<std::pair<std::uint64_t, std::uint32_t>>;

void append_bursts(const DmaArguments& dma, std::uint32_t longest, Bursts& bursts) {
    BurstSplitter splitter(dma, longest, kInterleave);
    while (!splitter.done()) {
        const Burst burst = splitter.next();
        bursts.emplace_back(burst.address, burst.bytes);
    }
}

DmaArguments random_descriptor(Random& random) {
    DmaArguments dma;
    dma.memory_address = random.below(100000) * 16;
    dma.run_bytes = static_cast<std::uint32_t>(1 + random.below(random.below(2) == 0 ? 100 : 3000));
    std::uint64_t extent = dma.run_bytes;
    for (std::size_t i = 0; i < dma.count.size(); ++i) {
        dma.count[i] = static_cast<std::uint32_t>(1 + random.below(6));
        const std::uint64_t gap = random.below(3) == 0 ? 0 : random.below(4000);
        dma.stride_bytes[i] = static_cast<std::uint32_t>(extent + gap);
        extent = std::uint64_t{dma.stride_bytes[i]} * dma.count[i];
    }
    dma.pad_address = static_cast<std::uint32_t>(random.below(5000));
    dma.pad_bytes = static_cast<std::uint32_t>(dma.bytes() * (1 + random.below(4)));
    return dma;
}

TEST(TransferPieces, AreTheWholeInOrderWithTheSameBursts) {
    Random random(7);
    for (int round = 0; round < 3000; ++round) {
        const DmaArguments dma = random_descriptor(random);
        const std::uint64_t asked = 1 + random.below(8000);
        Bursts whole, cut;
        append_bursts(dma, kInterleave, whole);
        TransferPieces pieces(dma, kInterleave);
        std::uint64_t pad = dma.pad_address;
        std::uint64_t bytes = 0;
        while (!pieces.done()) {
            const DmaArguments piece = pieces.next(asked);
            append_bursts(piece, kInterleave, cut);
            ASSERT_EQ(piece.pad_address, pad) << round;
            pad += piece.pad_bytes;
            bytes += piece.bytes();
        }
        ASSERT_EQ(bytes, dma.bytes()) << round;
        ASSERT_EQ(pad, std::uint64_t{dma.pad_address} + dma.pad_bytes) << round;
        ASSERT_EQ(cut, whole) << round;
    }
}

TEST(TransferPieces, AreNotMuchLongerThanAsked) {
    Random random(8);
    for (int round = 0; round < 1000; ++round) {
        const DmaArguments dma = random_descriptor(random);
        const std::uint64_t asked = kInterleave + random.below(8000);
        TransferPieces pieces(dma, kInterleave);
        while (!pieces.done()) {
            ASSERT_LE(pieces.next(asked).bytes(), asked) << round;
        }
    }
}

TEST(TransferPieces, BlocksAreThoseThatTheBytesOfEachRunTouch) {
    Random random(9);
    for (int round = 0; round < 300; ++round) {
        const DmaArguments dma = random_descriptor(random);
        const std::uint64_t block = 16ULL << random.below(4);
        std::uint64_t blocks = 0;
        for (std::uint64_t i2 = 0; i2 < dma.count[2]; ++i2) {
            for (std::uint64_t i1 = 0; i1 < dma.count[1]; ++i1) {
                for (std::uint64_t i0 = 0; i0 < dma.count[0]; ++i0) {
                    const std::uint64_t begin = dma.memory_address + i0 * dma.stride_bytes[0] +
                                                i1 * dma.stride_bytes[1] + i2 * dma.stride_bytes[2];
                    std::set<std::uint64_t> touched;
                    for (std::uint64_t byte = begin; byte < begin + dma.run_bytes; ++byte) {
                        touched.insert(byte / block);
                    }
                    blocks += touched.size();
                }
            }
        }
        ASSERT_EQ(block_bytes(dma, block), blocks * block) << round;
    }
}

} // namespace
} // namespace systolica
