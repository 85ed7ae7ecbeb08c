// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// Chunks of buckets: every byte once, in order, no chunk over two buckets.
#include "machine/exchange/gradient_exchange.h"

#include <gtest/gtest.h>

#include <map>
#include <set>

namespace systolica {
namespace {

GradientExchange example() {
    GradientExchange exchange;
    exchange.buckets.push_back({{}, {{1000, 300}, {5000, 50}, {9000, 1000}}, 1 << 20, 7, 0});
    exchange.buckets.push_back({{}, {{20000, 64}}, 1 << 21, 8, 0});
    return exchange;
}

TEST(GradientExchange, BytesAreThoseOfAllPieces) {
    EXPECT_EQ(example().bytes(), 300U + 50U + 1000U + 64U);
}

TEST(GradientExchange, ChunksHoldEveryByteOnceAndSumsLieWithoutGaps) {
    const GradientExchange exchange = example();
    for (const std::uint64_t quantum : {8U, 64U}) {
        for (const std::uint64_t chunk_bytes : {quantum, 2 * quantum, std::uint64_t{1024}, std::uint64_t{4096}}) {
            std::map<std::uint64_t, std::uint64_t> seen; // address: in which sum
            std::map<std::uint32_t, std::uint64_t> sums; // by bucket: next address
            for (const ExchangeChunk& chunk : cut_into_chunks(exchange, chunk_bytes, quantum)) {
                std::uint64_t at = chunk.writes.at(0).address;
                EXPECT_EQ(at, exchange.buckets[chunk.bucket].sums_address + sums[chunk.bucket]);
                for (const MemoryPiece& piece : chunk.reads) {
                    for (std::uint64_t byte = 0; byte < piece.bytes; ++byte) {
                        EXPECT_TRUE(seen.emplace(piece.address + byte, at++).second);
                    }
                }
                EXPECT_EQ(at - chunk.writes.at(0).address, chunk.writes.at(0).bytes);
                EXPECT_LE(chunk.writes.at(0).bytes, chunk_bytes);
                EXPECT_EQ(chunk.vector_bytes % quantum, 0U);
                EXPECT_GE(chunk.vector_bytes, chunk.writes.at(0).bytes);
                EXPECT_LT(chunk.vector_bytes, chunk.writes.at(0).bytes + quantum);
                sums[chunk.bucket] += chunk.writes.at(0).bytes;
                EXPECT_EQ(chunk.ends_bucket, sums[chunk.bucket] == exchange.buckets[chunk.bucket].bytes());
            }
            EXPECT_EQ(seen.size(), exchange.bytes());
        }
    }
}

// Four chips: this one's part is the first quarter of the tensor, the others come behind it.
TEST(GradientExchange, PartsArePutTogetherBehindTheChipsOwn) {
    GradientExchange exchange;
    exchange.buckets.push_back({{}, {{4096, 1000}}, 4096, 7, 4});
    for (const std::uint64_t chunk_bytes : {64U, 512U, 4096U}) {
        std::set<std::uint64_t> read, written;
        for (const ExchangeChunk& chunk : cut_into_chunks(exchange, chunk_bytes, 32)) {
            EXPECT_LE(4 * bytes_of(chunk.reads), chunk_bytes);
            EXPECT_EQ(bytes_of(chunk.writes), 3 * bytes_of(chunk.reads));
            EXPECT_EQ(chunk.vector_bytes, (4 * bytes_of(chunk.reads) + 31) / 32 * 32);
            for (const MemoryPiece& piece : chunk.reads) {
                for (std::uint64_t byte = 0; byte < piece.bytes; ++byte) {
                    EXPECT_TRUE(read.insert(piece.address + byte).second);
                }
            }
            for (const MemoryPiece& piece : chunk.writes) {
                for (std::uint64_t byte = 0; byte < piece.bytes; ++byte) {
                    EXPECT_TRUE(written.insert(piece.address + byte).second);
                }
            }
        }
        EXPECT_EQ(read.size(), 1000U);
        EXPECT_EQ(*read.begin(), 4096U);
        EXPECT_EQ(*read.rbegin(), 4096U + 999);
        EXPECT_EQ(written.size(), 3000U);
        EXPECT_EQ(*written.begin(), 4096U + 1000);
        EXPECT_EQ(*written.rbegin(), 4096U + 3999);
    }
}

} // namespace
} // namespace systolica
