// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "platforms/noc_traffic.h"

#include <utility>

#include "machine/noc/noc_fabric.h"

namespace systolica {

namespace {

FabricConfig fabric_of(const Platform& platform, std::uint64_t seed) {
    FabricConfig config = noc_fabric(platform.chip.noc, NocEnds::tiles, 1);
    config.seed = static_cast<unsigned>(seed);
    return config;
}

// Sampling as in the reference tables: larger networks have more packets in a cycle and get along with fewer.
constexpr unsigned kLargeNodes = 16; // more are large
constexpr std::uint64_t kLargeSampleCycles = 2000;
constexpr unsigned kLargeMostSamples = 10;

} // namespace

std::string NocTraffic::problem(const Platform& platform, TrafficPattern pattern) {
    return TrafficDestinations::problem(pattern, platform.chip.tiles);
}

NocTraffic::NocTraffic(const Platform& platform, NocTrafficOptions options)
    : options_(std::move(options)),
      fabric_(fabric_of(platform, options_.seed)),
      topology_(fabric_.shape),
      nodes_(platform.chip.tiles),
      rows_(topology_.is_grid() && nodes_ % topology_.rows() == 0 ? topology_.rows() : 1),
      network_(make_fabric_network(platform.chip.noc.level, fabric_)) {}

void NocTraffic::run() {
    result_.traffic = options_.pattern ? run_pattern() : run_packets(*network_, repeated(), nodes_);
    find_busiest_link();
}

TrafficResult NocTraffic::run_pattern() {
    const TrafficDestinations destinations(*options_.pattern, nodes_ / rows_, rows_);
    if (options_.flits_per_node != 0) {
        return run_batch(*network_, destinations, options_.flits_per_node * options_.repeat, options_.packet_flits,
                         options_.seed);
    }
    OpenLoop loop;
    loop.flits_per_node_cycle = options_.flits_per_node_cycle;
    loop.packet_flits = options_.packet_flits;
    loop.seed = options_.seed;
    if (nodes_ > kLargeNodes) {
        loop.sample_cycles = kLargeSampleCycles;
        loop.most_samples = kLargeMostSamples;
    }
    loop.sample_cycles *= options_.repeat;
    return run_open_loop(*network_, destinations, loop);
}

// Each pass begins in the cycle after the last one of the pass before.
std::vector<TimedPacket> NocTraffic::repeated() const {
    const std::vector<TimedPacket> once = options_.multicast ? options_.packets : as_single_packets(options_.packets);
    std::vector<TimedPacket> all = once;
    const std::uint64_t pass_cycles = all.back().cycle + 1;
    all.reserve(once.size() * options_.repeat);
    for (std::uint64_t pass = 1; pass < options_.repeat; ++pass) {
        for (TimedPacket packet : once) {
            packet.cycle += pass * pass_cycles;
            all.push_back(std::move(packet));
        }
    }
    return all;
}

void NocTraffic::find_busiest_link() {
    for (unsigned link = 0; link < topology_.links(); ++link) {
        const std::uint64_t flits = network_->link_flits(link);
        if (link == 0 || flits > result_.busiest_link_flits) {
            result_.busiest_link = topology_.link_name(link);
            result_.busiest_link_flits = flits;
        }
    }
}

} // namespace systolica
