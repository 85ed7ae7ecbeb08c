// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "machine/collective/schedule.h"

#include "machine/collective/schedule_builder.h"

namespace systolica {

namespace {

using Op = CollectiveOp;
using Algorithm = CollectiveAlgorithm;

constexpr std::uint64_t kMostMessages = 4'000'000;
constexpr std::uint64_t kMostDirectChips = 256; // every message of the second half waits for one from each chip

bool applies(Op op, Algorithm algorithm) {
    const bool exchange = op == Op::all_reduce || op == Op::reduce_scatter || op == Op::all_gather;
    switch (algorithm) {
    case Algorithm::ring:
    case Algorithm::direct:
        return true;
    case Algorithm::ring_bidir:
        return op != Op::all_to_all;
    case Algorithm::halving_doubling:
    case Algorithm::hierarchical_2d:
        return exchange;
    case Algorithm::binomial:
        return op == Op::all_reduce || op == Op::broadcast;
    case Algorithm::double_binary:
        return op == Op::all_reduce;
    }
    return false;
}

// More than any algorithm needs for a chunk: all to all, twice.
std::uint64_t messages_of(Op op, Algorithm algorithm, std::uint64_t chips) {
    const std::uint64_t phases = op == Op::all_reduce ? 2 : 1;
    switch (algorithm) {
    case Algorithm::ring:
    case Algorithm::direct:
        return op == Op::broadcast ? chips - 1 : phases * chips * (chips - 1);
    case Algorithm::ring_bidir:
        return op == Op::broadcast ? chips - 1 : 2 * phases * chips * (chips - 1);
    default:
        return phases * chips * chips;
    }
}

// Of a chunk, so that no message is empty.
std::uint64_t least_bytes(Op op, Algorithm algorithm, std::uint64_t chips) {
    if (op == Op::broadcast || algorithm == Algorithm::binomial) {
        return 1;
    }
    if (algorithm == Algorithm::double_binary) {
        return 2; // halves
    }
    return algorithm == Algorithm::ring_bidir ? 2 * chips : chips;
}

} // namespace

const char* collective_op_name(CollectiveOp op) {
    switch (op) {
    case Op::all_reduce:
        return "all_reduce";
    case Op::reduce_scatter:
        return "reduce_scatter";
    case Op::all_gather:
        return "all_gather";
    case Op::all_to_all:
        return "all_to_all";
    case Op::broadcast:
        return "broadcast";
    }
    return "";
}

const char* collective_algorithm_name(CollectiveAlgorithm algorithm) {
    switch (algorithm) {
    case Algorithm::ring:
        return "ring";
    case Algorithm::ring_bidir:
        return "ring_bidir";
    case Algorithm::halving_doubling:
        return "halving_doubling";
    case Algorithm::binomial:
        return "binomial";
    case Algorithm::double_binary:
        return "double_binary";
    case Algorithm::direct:
        return "direct";
    case Algorithm::hierarchical_2d:
        return "hierarchical_2d";
    }
    return "";
}

const std::vector<CollectiveOp>& collective_ops() {
    static const std::vector<Op> ops{Op::all_reduce, Op::reduce_scatter, Op::all_gather, Op::all_to_all, Op::broadcast};
    return ops;
}

const std::vector<CollectiveAlgorithm>& collective_algorithms() {
    static const std::vector<Algorithm> algorithms{
        Algorithm::ring,   Algorithm::ring_bidir,    Algorithm::halving_doubling, Algorithm::binomial,
        Algorithm::direct, Algorithm::double_binary, Algorithm::hierarchical_2d};
    return algorithms;
}

std::string collective_refusal(const ChipNetwork& network, CollectiveAlgorithm algorithm,
                               const CollectiveRequest& request) {
    const std::uint64_t chips = network.chips();
    const std::string name = collective_algorithm_name(algorithm);
    if (!applies(request.op, algorithm)) {
        std::string able;
        for (const Algorithm other : collective_algorithms()) {
            able += applies(request.op, other)
                        ? (able.empty() ? "" : " or ") + std::string(collective_algorithm_name(other))
                        : "";
        }
        return "expected " + able + " for " + collective_op_name(request.op) + ", got '" + name + "'";
    }
    if (algorithm == Algorithm::halving_doubling && (chips & (chips - 1)) != 0) {
        return "expected a number of chips that is a power of two for halving_doubling, got " + std::to_string(chips);
    }
    if (algorithm == Algorithm::hierarchical_2d && (network.grid().rows < 2 || network.grid().columns < 2)) {
        return "expected chips in at least two columns and two rows for hierarchical_2d, got " +
               std::to_string(network.grid().columns) + " x " + std::to_string(network.grid().rows);
    }
    if (algorithm == Algorithm::direct && request.op == Op::all_reduce && chips > kMostDirectChips) {
        return "expected at most " + std::to_string(kMostDirectChips) + " chips for a direct all_reduce, got " +
               std::to_string(chips);
    }
    const std::uint64_t messages = messages_of(request.op, algorithm, chips);
    // Waits take more memory than messages where each is for all chips.
    const bool all_wait = algorithm == Algorithm::direct && request.op == Op::all_reduce;
    const std::uint64_t most = all_wait ? 16 * kMostMessages / chips : kMostMessages;
    if (request.chunks > most / messages) {
        return "expected at most " + std::to_string(most) + " messages, got " + std::to_string(request.chunks) +
               " chunks of up to " + std::to_string(messages) + " messages";
    }
    const std::uint64_t least = request.chunks * least_bytes(request.op, algorithm, chips);
    if (request.bytes < least) {
        return "expected at least " + std::to_string(least) + " bytes for " + std::to_string(chips) + " chips and " +
               std::to_string(request.chunks) + (request.chunks == 1 ? " chunk" : " chunks") + ", got " +
               std::to_string(request.bytes);
    }
    return "";
}

CollectiveSchedule collective_schedule(const ChipNetwork& network, CollectiveAlgorithm algorithm,
                                       const CollectiveRequest& request) {
    ScheduleBuilder builder(network, request.op);
    for (std::uint64_t chunk = 0; chunk < request.chunks; ++chunk) {
        const std::uint64_t bytes = share_bytes(request.bytes, request.chunks, chunk);
        switch (algorithm) {
        case Algorithm::ring:
            builder.add_ring(bytes);
            break;
        case Algorithm::ring_bidir:
            builder.add_two_rings(bytes);
            break;
        case Algorithm::halving_doubling:
            builder.add_halving_doubling(bytes);
            break;
        case Algorithm::binomial:
            builder.add_binomial(bytes);
            break;
        case Algorithm::double_binary:
            builder.add_double_binary(bytes);
            break;
        case Algorithm::direct:
            builder.add_direct(bytes);
            break;
        case Algorithm::hierarchical_2d:
            builder.add_hierarchical(bytes);
            break;
        }
    }
    return builder.take();
}

} // namespace systolica
