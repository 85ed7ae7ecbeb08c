// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// Random packets through every shape and routing at both levels, with endpoints that stop taking packets for a while:
// all are delivered exactly once and in order, and nothing is left behind.

#include <map>
#include <random>
#include <set>
#include <tuple>

#include <gtest/gtest.h>

#include "machine/noc/fabric/traffic.h"
#include "tests/machine/noc_fabric/levels.h"
#include "tests/machine/noc_fabric/shapes.h"

namespace systolica {
namespace {

using noc_test::Level;

constexpr unsigned kMessageClasses = 2;

class Torture {
public:
    Torture(Level level, const FabricConfig& config, std::uint64_t packets)
        : network_(noc_test::network(level, config)),
          endpoints_(FabricTopology(config.shape).endpoints()),
          packets_(packets),
          random_(config.seed) {}

    void run() {
        std::uint64_t cycle = 0;
        while (offered_ < packets_) {
            cycle += below(4) == 0 ? below(60) : below(3);
            advance(cycle);
            const std::uint64_t burst = 1 + below(below(8) == 0 ? 40 : 4);
            for (std::uint64_t i = 0; i < burst && offered_ < packets_; ++i) {
                offer(cycle + (below(3) == 0 ? below(200) : 0));
            }
            if (below(10) == 0) {
                toggle_hold();
            }
        }
        for (const auto& [endpoint, message_class] : held_) {
            network_->hold(endpoint, message_class, false);
        }
        noc_test::run_dry(*network_);
        check();
        EXPECT_EQ(delivered_, packets_);
        EXPECT_EQ(flits_delivered_, flits_offered_);
    }

private:
    std::uint64_t below(std::uint64_t limit) { return random_below(random_, limit); }

    // Packets of one source and class must be offered in order of creation.
    void offer(std::uint64_t cycle) {
        FabricPacket packet;
        packet.source = static_cast<unsigned>(below(endpoints_));
        packet.destination = below(6) == 0 ? 0 : static_cast<unsigned>(below(endpoints_));
        packet.flits = static_cast<unsigned>(below(5) == 0 ? 1 + below(40) : 1 + below(6));
        packet.message_class = static_cast<unsigned>(below(kMessageClasses));
        std::uint64_t& last = created_[{packet.source, packet.message_class}];
        last = std::max(last, cycle);
        packet.tag = sent_[{packet.source, packet.destination, packet.message_class}]++;
        flits_offered_ += packet.flits;
        network_->offer(last, packet);
        ++offered_;
    }

    void toggle_hold() {
        const std::pair<unsigned, unsigned> place(static_cast<unsigned>(below(endpoints_)),
                                                  static_cast<unsigned>(below(kMessageClasses)));
        const bool was_held = held_.erase(place) != 0;
        if (!was_held) {
            held_.insert(place);
        }
        network_->hold(place.first, place.second, !was_held);
    }

    void advance(std::uint64_t cycle) {
        network_->advance(cycle);
        check();
    }

    void check() {
        for (const FabricDelivery& d : network_->deliveries()) {
            const FabricPacket& p = d.packet;
            ASSERT_EQ(p.tag, (received_[{p.source, p.destination, p.message_class}]++));
            ASSERT_GE(d.arrived, d.created + 2 + p.flits - 1 + d.routers); // no router takes less than a cycle
            ++delivered_;
            flits_delivered_ += p.flits;
        }
        network_->clear_deliveries();
    }

    std::unique_ptr<FabricNetwork> network_;
    const unsigned endpoints_;
    const std::uint64_t packets_;
    std::mt19937_64 random_;
    std::uint64_t offered_ = 0, delivered_ = 0, flits_offered_ = 0, flits_delivered_ = 0;
    std::map<std::pair<unsigned, unsigned>, std::uint64_t> created_;
    std::map<std::tuple<unsigned, unsigned, unsigned>, std::uint64_t> sent_, received_;
    std::set<std::pair<unsigned, unsigned>> held_;
};

struct Case {
    Level level;
    std::size_t shape;
};

class NocTorture : public ::testing::TestWithParam<Case> {};

TEST_P(NocTorture, EveryPacketArrivesOnceAndInOrder) {
    const auto [name, shape] = noc_test::one_of_each()[GetParam().shape];
    const bool flit = GetParam().level == Level::flit;
    for (unsigned variant = 0; variant < 4; ++variant) {
        SCOPED_TRACE(name + ", variant " + std::to_string(variant));
        FabricConfig config = shape;
        config.message_classes = kMessageClasses;
        config.virtual_channels = variant % 2 == 0 ? 8 : 12;
        config.buffer_flits = variant < 2 ? 3 : 8;
        config.router_cycles = 2 + variant;
        config.seed = variant + 1;
        config.shape.link.latency_cycles = 1 + variant % 3;
        config.shape.link.flit_cycles = variant == 3 ? 2 : 1;
        Torture(GetParam().level, config, flit ? 4000 : 16000).run();
    }
}

std::vector<Case> cases() {
    std::vector<Case> all;
    for (std::size_t shape = 0; shape < noc_test::one_of_each().size(); ++shape) {
        all.push_back({Level::packet, shape});
        all.push_back({Level::flit, shape});
    }
    return all;
}

std::string case_name(const ::testing::TestParamInfo<Case>& info) {
    std::string name = noc_test::one_of_each()[info.param.shape].name;
    std::replace(name.begin(), name.end(), ' ', '_');
    return (info.param.level == Level::flit ? "flit_" : "packet_") + name;
}

INSTANTIATE_TEST_SUITE_P(Shapes, NocTorture, ::testing::ValuesIn(cases()), case_name);

} // namespace
} // namespace systolica
