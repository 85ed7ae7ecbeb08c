// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// Collective operations as messages that wait for each other. Sources: Thakur, Rabenseifner and Gropp, "Optimization of
// collective communication operations in MPICH", IJHPCA 2005 (ring, halving-doubling, binomial); Sanders, Speck and
// Traeff, "Two-tree algorithms for full bandwidth broadcast, reduction and scan", Parallel Computing 2009
// (double_binary, with the tree shape of NCCL); docs/scale_out.md has the times.
//
// `bytes`: the vector that each chip holds (all_reduce, reduce_scatter), the result (all_gather), what one chip sends
// in all, its own share counted (all_to_all), the message (broadcast, from chip 0). Shares of p chips differ by at most
// a byte. With several chunks the vector is cut first and every chunk makes its own way.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "machine/chip_link/chip_network.h"

namespace systolica {

enum class CollectiveOp : std::uint8_t { all_reduce, reduce_scatter, all_gather, all_to_all, broadcast };
enum class CollectiveAlgorithm : std::uint8_t {
    ring,
    ring_bidir,
    halving_doubling,
    binomial,
    double_binary,
    direct,
    hierarchical_2d,
};

const char* collective_op_name(CollectiveOp op);
const char* collective_algorithm_name(CollectiveAlgorithm algorithm);
const std::vector<CollectiveOp>& collective_ops();
const std::vector<CollectiveAlgorithm>& collective_algorithms(); // in the order in which `auto` tries them

struct CollectiveMessage {
    unsigned from = 0, to = 0;
    std::uint64_t bytes = 0;
    bool reduces = false;             // the receiver adds it to what it has
    unsigned side = 0;                // of two links between neighbours
    std::vector<std::uint32_t> after; // messages to `from` that must have been received, and added, before
};

using CollectiveSchedule = std::vector<CollectiveMessage>;

struct CollectiveRequest {
    CollectiveOp op = CollectiveOp::all_reduce;
    std::uint64_t bytes = 0;
    std::uint64_t chunks = 1;
};

// Why an algorithm cannot do this on such a system: "expected ..., got ..."; "" when it can.
std::string collective_refusal(const ChipNetwork& network, CollectiveAlgorithm algorithm,
                               const CollectiveRequest& request);

// Only for what is not refused.
CollectiveSchedule collective_schedule(const ChipNetwork& network, CollectiveAlgorithm algorithm,
                                       const CollectiveRequest& request);

} // namespace systolica
