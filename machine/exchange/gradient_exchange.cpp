// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "machine/exchange/gradient_exchange.h"

#include <algorithm>

#include "base/integer.h"

namespace systolica {

namespace {

class Cutter {
public:
    Cutter(const GradientExchange& exchange, std::uint64_t chunk_bytes, std::uint64_t quantum)
        : exchange_(exchange), chunk_bytes_(chunk_bytes), quantum_(quantum) {}

    std::vector<ExchangeChunk> run() {
        for (std::size_t b = 0; b < exchange_.buckets.size(); ++b) {
            const GradientBucket& bucket = exchange_.buckets[b];
            const std::size_t before = chunks_.size();
            bucket.parts == 0 ? cut_sums(bucket) : cut_parts(bucket);
            for (std::size_t i = before; i < chunks_.size(); ++i) {
                chunks_[i].bucket = static_cast<std::uint32_t>(b);
            }
            chunks_.back().ends_bucket = true;
        }
        return std::move(chunks_);
    }

private:
    void cut_sums(const GradientBucket& bucket) {
        std::uint64_t sums = bucket.sums_address;
        std::uint64_t bytes = 0;
        ExchangeChunk chunk;
        const auto close = [&] {
            chunk.writes = {{sums, bytes}};
            sums += bytes;
            add(std::move(chunk), bytes);
            chunk = {};
            bytes = 0;
        };
        for (MemoryPiece piece : bucket.gradients) {
            while (piece.bytes > 0) {
                const std::uint64_t part = std::min(piece.bytes, chunk_bytes_ - bytes);
                chunk.reads.push_back({piece.address, part});
                bytes += part;
                piece = {piece.address + part, piece.bytes - part};
                if (bytes == chunk_bytes_) {
                    close();
                }
            }
        }
        if (bytes > 0) {
            close();
        }
    }

    void cut_parts(const GradientBucket& bucket) {
        const std::uint64_t part = bucket.bytes();
        const std::uint64_t most = std::max<std::uint64_t>(1, chunk_bytes_ / bucket.parts);
        for (std::uint64_t done = 0; done < part; done += most) {
            const std::uint64_t bytes = std::min(most, part - done);
            ExchangeChunk chunk;
            chunk.reads.push_back({bucket.gradients[0].address + done, bytes});
            for (std::uint64_t other = 1; other < bucket.parts; ++other) {
                chunk.writes.push_back({bucket.sums_address + other * part + done, bytes});
            }
            add(std::move(chunk), bytes * bucket.parts);
        }
    }

    void add(ExchangeChunk chunk, std::uint64_t bytes) {
        chunk.vector_bytes = ceil_div(bytes, quantum_) * quantum_;
        chunks_.push_back(std::move(chunk));
    }

    const GradientExchange& exchange_;
    const std::uint64_t chunk_bytes_;
    const std::uint64_t quantum_;
    std::vector<ExchangeChunk> chunks_;
};

} // namespace

std::uint64_t bytes_of(const std::vector<MemoryPiece>& pieces) {
    std::uint64_t sum = 0;
    for (const MemoryPiece& piece : pieces) {
        sum += piece.bytes;
    }
    return sum;
}

std::uint64_t GradientBucket::bytes() const {
    return bytes_of(gradients);
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
    return Cutter(exchange, chunk_bytes, quantum).run();
}

} // namespace systolica
