// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// A batch as several smaller ones that follow each other.
#pragma once

#include <cstddef>

#include "workloads/graph.h"

namespace systolica {

// The same network on so many images.
Graph with_batch(const Graph& network, std::uint64_t images);

// The operators of the network once for each microbatch of `images` (the last one may be smaller), one microbatch after
// the other, each with tensors of its own: operator i of microbatch b is number b * operators + i, tensors likewise.
struct Microbatches {
    Graph graph;
    std::size_t count = 0;
    std::size_t operators = 0; // of one
};

Microbatches in_microbatches(const Graph& network, std::uint64_t images);

} // namespace systolica
