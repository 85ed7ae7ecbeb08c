// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// What a chip exchanges with others. Gradients are added up in buckets (Li et al., "PyTorch Distributed: Experiences on
// Accelerating Data Parallel Training", VLDB 2020), each a vector of pieces of memory; parts of a tensor are put
// together. A bucket may start when events say that its gradients are stored; its sums go to a place of their own, so
// that gradients stay what they are for those who read them on this chip, and an event says when they are there.
// Buckets are cut into chunks, which the port of the chip's links holds whole: it reads each once and writes it once,
// as the collective engine of Rashidi et al., "Enabling Compute-Communication Overlap in Distributed Deep Learning
// Training Platforms", ISCA 2021.
#pragma once

#include <cstdint>
#include <vector>

#include "machine/commands/command.h"

namespace systolica {

struct MemoryPiece {
    std::uint64_t address = 0;
    std::uint64_t bytes = 0;
};

struct GradientBucket {
    std::vector<EventWait> after;
    std::vector<MemoryPiece> gradients; // one behind the other
    std::uint64_t sums_address = 0;     // without gaps
    std::uint32_t post = 0;             // event, counted up once
    // Nothing is added: the bucket is this chip's part of a tensor, and those of so many chips, each as large, are put
    // together. It lies where the tensor begins, the others behind it. 0: sums.
    std::uint64_t parts = 0;

    std::uint64_t bytes() const;
};

struct GradientExchange {
    std::vector<GradientBucket> buckets; // in the order in which they are exchanged

    std::uint64_t bytes() const;
};

struct ExchangeChunk {
    std::uint32_t bucket = 0;
    bool ends_bucket = false;
    std::vector<MemoryPiece> reads;
    std::vector<MemoryPiece> writes;
    std::uint64_t vector_bytes = 0; // what the collective moves: a whole number of `quantum`
};

std::uint64_t bytes_of(const std::vector<MemoryPiece>& pieces);

// All chunks, in order, of at most `chunk_bytes`; that is a multiple of `quantum`.
std::vector<ExchangeChunk> cut_into_chunks(const GradientExchange& exchange, std::uint64_t chunk_bytes,
                                           std::uint64_t quantum);

} // namespace systolica
