// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "machine/exchange/gradient_exchange.h"

#include <algorithm>

#include "base/integer.h"

namespace systolica {

std::uint64_t GradientBucket::bytes() const {
    std::uint64_t sum = 0;
    for (const MemoryPiece& piece : gradients) {
        sum += piece.bytes;
    }
    return sum;
}

std::uint64_t GradientExchange::bytes() const {
    std::uint64_t sum = 0;
    for (const GradientBucket& bucket : buckets) {
        sum += bucket.bytes();
    }
    return sum;
}

std::vector<ExchangeChunk> cut_into_chunks(const GradientExchange& exchange, std::uint64_t chunk_bytes,
                                           std::uint64_t quantum) {
    std::vector<ExchangeChunk> chunks;
    for (std::size_t b = 0; b < exchange.buckets.size(); ++b) {
        const GradientBucket& bucket = exchange.buckets[b];
        std::uint64_t sums = bucket.sums_address;
        ExchangeChunk chunk;
        const auto close = [&] {
            chunk.bucket = static_cast<std::uint32_t>(b);
            chunk.sums.address = sums;
            sums += chunk.sums.bytes;
            chunk.vector_bytes = ceil_div(chunk.sums.bytes, quantum) * quantum;
            chunks.push_back(std::move(chunk));
            chunk = {};
        };
        for (MemoryPiece piece : bucket.gradients) {
            while (piece.bytes > 0) {
                const std::uint64_t part = std::min(piece.bytes, chunk_bytes - chunk.sums.bytes);
                chunk.gradients.push_back({piece.address, part});
                chunk.sums.bytes += part;
                piece = {piece.address + part, piece.bytes - part};
                if (chunk.sums.bytes == chunk_bytes) {
                    close();
                }
            }
        }
        if (chunk.sums.bytes > 0) {
            close();
        }
        chunks.back().ends_bucket = true;
    }
    return chunks;
}

} // namespace systolica
