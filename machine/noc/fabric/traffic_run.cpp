// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "machine/noc/fabric/traffic_run.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <queue>
#include <utility>

namespace systolica {

namespace {

// Collects what a network delivers. The sample are the packets created in [from, to).
class Sampler {
public:
    explicit Sampler(FabricNetwork& network) : network_(network) {}

    void created(std::uint64_t cycle, std::uint64_t deliveries = 1) {
        if (in_sample(cycle)) {
            under_way_ += deliveries;
            created_sum_ += cycle * deliveries;
        }
    }
    void begin_sample(std::uint64_t cycle) {
        from_ = cycle;
        under_way_ = 0;
        created_sum_ = 0;
        latencies_ = 0;
        routers_ = 0;
        all_.packets = 0;
        all_.min_packet_latency_cycles = 0;
    }
    void end_sample(std::uint64_t cycle) { to_ = cycle; }

    void collect() {
        for (const FabricDelivery& d : network_.deliveries()) {
            ++all_.all_packets;
            all_.all_flits += d.packet.flits;
            all_.all_packet_hops += d.routers - 1;
            all_.makespan_cycles = std::max(all_.makespan_cycles, d.arrived);
            if (in_sample(d.created)) {
                add_to_sample(d);
            }
        }
        network_.clear_deliveries();
    }

    std::uint64_t flits() const { return all_.all_flits; }
    std::uint64_t under_way() const { return under_way_; } // of the sample
    double mean() const { return ratio(latencies_, all_.packets); }
    // A lower bound of the sample's mean: those under way count with their present age.
    double least_mean(std::uint64_t now) const {
        return ratio(latencies_ + under_way_ * now - created_sum_, all_.packets + under_way_);
    }

    TrafficResult result() const {
        TrafficResult result = all_;
        result.avg_packet_latency_cycles = mean();
        result.avg_routers = ratio(routers_, all_.packets);
        return result;
    }

private:
    static double ratio(std::uint64_t sum, std::uint64_t count) {
        return count == 0 ? 0 : static_cast<double>(sum) / static_cast<double>(count);
    }
    bool in_sample(std::uint64_t created) const { return created >= from_ && created < to_; }

    void add_to_sample(const FabricDelivery& d) {
        const std::uint64_t latency = d.arrived - d.created;
        --under_way_;
        created_sum_ -= d.created;
        latencies_ += latency;
        routers_ += d.routers;
        std::uint64_t& least = all_.min_packet_latency_cycles;
        least = all_.packets == 0 ? latency : std::min(least, latency);
        ++all_.packets;
    }

    FabricNetwork& network_;
    TrafficResult all_;
    std::uint64_t from_ = 0;
    std::uint64_t to_ = ~std::uint64_t{0};
    std::uint64_t under_way_ = 0;
    std::uint64_t created_sum_ = 0; // of those under way
    std::uint64_t latencies_ = 0;
    std::uint64_t routers_ = 0;
};

// Bernoulli trials every cycle and node, drawn as the gaps between successes.
class Sources {
public:
    Sources(const TrafficDestinations& destinations, const OpenLoop& options)
        : destinations_(destinations),
          flits_(options.packet_flits),
          chance_(options.flits_per_node_cycle / options.packet_flits),
          random_(options.seed) {
        for (unsigned node = 0; chance_ > 0 && node < destinations.nodes(); ++node) {
            due_.push({gap() - 1, node});
        }
    }

    std::uint64_t next() const { return due_.empty() ? FabricNetwork::kNever : due_.top().first; }

    FabricPacket take() {
        const auto [cycle, node] = due_.top();
        due_.pop();
        due_.push({cycle + gap(), node});
        FabricPacket packet;
        packet.source = node;
        packet.destination = destinations_.pick(node, random_);
        packet.flits = flits_;
        return packet;
    }

private:
    std::uint64_t gap() {
        if (chance_ >= 1) {
            return 1;
        }
        const double u = static_cast<double>(random_() >> 11) * 0x1p-53; // 0 <= u < 1
        return 1 + static_cast<std::uint64_t>(std::log1p(-u) / std::log1p(-chance_));
    }

    const TrafficDestinations& destinations_;
    const unsigned flits_;
    const double chance_;
    std::mt19937_64 random_;
    using Due = std::pair<std::uint64_t, unsigned>;
    std::priority_queue<Due, std::vector<Due>, std::greater<>> due_;
};

class OpenLoopRun {
public:
    OpenLoopRun(FabricNetwork& network, const TrafficDestinations& destinations, const OpenLoop& options)
        : network_(network),
          options_(options),
          nodes_(destinations.nodes()),
          sources_(destinations, options),
          sampler_(network) {}

    TrafficResult run() {
        sample();
        if (stable_) {
            drain();
        }
        TrafficResult result = sampler_.result();
        result.stable = stable_;
        result.accepted_flits_per_node_cycle = accepted_;
        return result;
    }

private:
    void sample() {
        double latency = 0;
        unsigned settled = 0;
        for (unsigned s = 0; s < options_.most_samples && settled < options_.least_samples; ++s) {
            if (s <= options_.warmup_samples) { // the last of them begins what is measured
                restart();
            }
            run_to(now_ + options_.sample_cycles);
            const double throughput = accepted();
            const bool little = differs_little(throughput, accepted_, options_.throughput_change) &&
                                (!stable_ || differs_little(sampler_.mean(), latency, options_.latency_change));
            settled = s >= options_.warmup_samples && little ? settled + 1 : 0;
            latency = sampler_.mean();
            accepted_ = throughput;
            stable_ = stable_ && settles();
        }
    }

    void drain() {
        sampler_.end_sample(now_);
        constexpr std::uint64_t kBetweenChecks = 1000;
        while (stable_ && sampler_.under_way() != 0) {
            run_to(now_ + kBetweenChecks);
            stable_ = settles();
        }
    }

    bool settles() const { return sampler_.least_mean(now_) <= options_.unstable_latency; }

    static bool differs_little(double value, double before, double share) {
        return std::abs(value - before) <= share * value;
    }

    void restart() {
        sampler_.begin_sample(now_);
        since_ = now_;
        flits_before_ = sampler_.flits();
    }

    double accepted() const {
        return static_cast<double>(sampler_.flits() - flits_before_) / static_cast<double>(now_ - since_) / nodes_;
    }

    void run_to(std::uint64_t end) {
        for (std::uint64_t cycle = sources_.next(); cycle < end; cycle = sources_.next()) {
            network_.advance(cycle);
            network_.offer(cycle, sources_.take());
            sampler_.created(cycle);
        }
        network_.advance(end - 1);
        now_ = end;
        sampler_.collect();
    }

    FabricNetwork& network_;
    const OpenLoop& options_;
    const unsigned nodes_;
    Sources sources_;
    Sampler sampler_;
    std::uint64_t now_ = 0; // cycles before it are over
    std::uint64_t since_ = 0;
    std::uint64_t flits_before_ = 0;
    double accepted_ = 0;
    bool stable_ = true;
};

// Runs until all has arrived.
TrafficResult finish(FabricNetwork& network, Sampler& sampler, unsigned nodes) {
    for (std::uint64_t cycle = network.next_cycle(); cycle != FabricNetwork::kNever; cycle = network.next_cycle()) {
        network.advance(cycle);
        sampler.collect();
    }
    TrafficResult result = sampler.result();
    if (result.makespan_cycles != 0) {
        result.accepted_flits_per_node_cycle =
            static_cast<double>(result.all_flits) / static_cast<double>(result.makespan_cycles) / nodes;
    }
    return result;
}

void offer(FabricNetwork& network, const TimedPacket& p) {
    switch (p.kind) {
    case TrafficKind::multicast:
        network.offer_multicast(p.cycle, p.packet, p.ends);
        return;
    case TrafficKind::reduction:
        network.offer_reduction(p.cycle, p.packet, p.ends);
        return;
    case TrafficKind::single:
        network.offer(p.cycle, p.packet);
    }
}

std::uint64_t deliveries_of(const TimedPacket& p) {
    return p.kind == TrafficKind::multicast ? p.ends.size() : 1;
}

} // namespace

std::uint64_t packets_of(const std::vector<TimedPacket>& packets) {
    std::uint64_t sum = 0;
    for (const TimedPacket& p : packets) {
        sum += std::max<std::size_t>(p.ends.size(), 1);
    }
    return sum;
}

std::vector<TimedPacket> as_single_packets(const std::vector<TimedPacket>& packets) {
    std::vector<TimedPacket> singles;
    for (const TimedPacket& p : packets) {
        TimedPacket single;
        single.cycle = p.cycle;
        single.packet = p.packet;
        for (const unsigned end : p.ends) {
            (p.kind == TrafficKind::multicast ? single.packet.destination : single.packet.source) = end;
            singles.push_back(single);
        }
        if (p.kind == TrafficKind::single) {
            singles.push_back(single);
        }
    }
    return singles;
}

TrafficResult run_open_loop(FabricNetwork& network, const TrafficDestinations& destinations, const OpenLoop& options) {
    return OpenLoopRun(network, destinations, options).run();
}

TrafficResult run_batch(FabricNetwork& network, const TrafficDestinations& destinations, unsigned flits_per_node,
                        unsigned packet_flits, std::uint64_t seed) {
    std::mt19937_64 random(seed);
    Sampler sampler(network);
    for (unsigned flits = 0; flits < flits_per_node; flits += packet_flits) {
        for (unsigned node = 0; node < destinations.nodes(); ++node) {
            FabricPacket packet;
            packet.source = node;
            packet.destination = destinations.pick(node, random);
            packet.flits = packet_flits;
            network.offer(0, packet);
            sampler.created(0);
        }
    }
    return finish(network, sampler, destinations.nodes());
}

TrafficResult run_packets(FabricNetwork& network, const std::vector<TimedPacket>& packets, unsigned nodes) {
    Sampler sampler(network);
    for (const TimedPacket& p : packets) {
        network.advance(p.cycle);
        offer(network, p);
        sampler.created(p.cycle, deliveries_of(p));
        sampler.collect();
    }
    return finish(network, sampler, nodes);
}

} // namespace systolica
