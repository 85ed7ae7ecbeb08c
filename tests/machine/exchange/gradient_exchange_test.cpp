// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// Chunks of buckets: every byte once, in order, no chunk over two buckets.
#include "machine/exchange/gradient_exchange.h"

#include <gtest/gtest.h>

#include <map>

namespace systolica {
namespace {

GradientExchange example() {
    GradientExchange exchange;
    exchange.buckets.push_back({{}, {{1000, 300}, {5000, 50}, {9000, 1000}}, 1 << 20, 7});
    exchange.buckets.push_back({{}, {{20000, 64}}, 1 << 21, 8});
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
                std::uint64_t at = chunk.sums.address;
                EXPECT_EQ(at, exchange.buckets[chunk.bucket].sums_address + sums[chunk.bucket]);
                for (const MemoryPiece& piece : chunk.gradients) {
                    for (std::uint64_t byte = 0; byte < piece.bytes; ++byte) {
                        EXPECT_TRUE(seen.emplace(piece.address + byte, at++).second);
                    }
                }
                EXPECT_EQ(at - chunk.sums.address, chunk.sums.bytes);
                EXPECT_LE(chunk.sums.bytes, chunk_bytes);
                EXPECT_EQ(chunk.vector_bytes % quantum, 0U);
                EXPECT_GE(chunk.vector_bytes, chunk.sums.bytes);
                EXPECT_LT(chunk.vector_bytes, chunk.sums.bytes + quantum);
                sums[chunk.bucket] += chunk.sums.bytes;
                EXPECT_EQ(chunk.ends_bucket, sums[chunk.bucket] == exchange.buckets[chunk.bucket].bytes());
            }
            EXPECT_EQ(seen.size(), exchange.bytes());
        }
    }
}

} // namespace
} // namespace systolica
