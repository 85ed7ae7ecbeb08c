// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// Traffic through a network of either level, measured as BookSim2 does. Open loop: every node creates packets by
// chance at a given rate, whatever the network takes; after a warm-up, latencies of the packets created are sampled
// until mean and throughput settle, and the run goes on until all these have arrived. An unstable network, whose
// latencies grow for ever, is sampled until its throughput settles. Closed batch: every node has a number of flits to
// send, as fast as they go. Or packets at given cycles (a file).
#pragma once

#include <cstdint>
#include <vector>

#include "machine/noc/fabric/fabric_network.h"
#include "machine/noc/fabric/traffic.h"

namespace systolica {

struct TrafficResult {
    std::uint64_t packets = 0;            // measured
    double avg_packet_latency_cycles = 0; // creation to arrival of the tail, waiting at the source included
    std::uint64_t min_packet_latency_cycles = 0;
    double avg_routers = 0;
    double accepted_flits_per_node_cycle = 0;
    std::uint64_t makespan_cycles = 0; // to the last arrival
    bool stable = true;
    std::uint64_t all_packets = 0; // delivered in the whole run, with those not measured
    std::uint64_t all_flits = 0;
    std::uint64_t all_packet_hops = 0; // links between routers
};

struct OpenLoop {
    double flits_per_node_cycle = 0.1;
    unsigned packet_flits = 1;
    std::uint64_t seed = 1;
    std::uint64_t sample_cycles = 6000;
    unsigned warmup_samples = 3;
    unsigned least_samples = 3;      // in a row that differ little from the one before
    unsigned most_samples = 20;      // with the warm-up
    double latency_change = 0.01;    // what differs little: mean latency so far,
    double throughput_change = 0.02; // accepted flits so far
    double unstable_latency = 500;   // mean of the packets created since, those under way at their present age
};
TrafficResult run_open_loop(FabricNetwork& network, const TrafficDestinations& destinations, const OpenLoop& options);

// Whole packets: flits_per_node is rounded up to them.
TrafficResult run_batch(FabricNetwork& network, const TrafficDestinations& destinations, unsigned flits_per_node,
                        unsigned packet_flits, std::uint64_t seed);

enum class TrafficKind { single, multicast, reduction };

struct TimedPacket {
    std::uint64_t cycle = 0;
    FabricPacket packet;
    TrafficKind kind = TrafficKind::single;
    std::vector<unsigned> ends; // destinations of a multicast, sources of a reduction
};

// Multicasts and reductions as a network does them that knows only single packets: one for each end, in their order.
std::vector<TimedPacket> as_single_packets(const std::vector<TimedPacket>& packets);

// Counting one for each end.
std::uint64_t packets_of(const std::vector<TimedPacket>& packets);

// In order of cycles. Nodes are what the accepted flits are divided by.
TrafficResult run_packets(FabricNetwork& network, const std::vector<TimedPacket>& packets, unsigned nodes);

} // namespace systolica
