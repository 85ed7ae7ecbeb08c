// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// Single packets, multicasts and reductions mixed at random through every shape and routing at both levels, with
// endpoints that stop taking packets for a while: each is delivered once to each of its destinations and in order.

#include <algorithm>
#include <deque>
#include <map>
#include <numeric>
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
    Torture(Level level, const FabricConfig& config, unsigned packets)
        : network_(noc_test::network(level, config)),
          endpoints_(FabricTopology(config.shape).endpoints()),
          packets_(packets),
          random_(config.seed) {}

    void run() {
        std::uint64_t cycle = 0;
        for (unsigned offered = 0; offered < packets_;) {
            cycle += below(4) == 0 ? below(60) : below(8);
            network_->advance(cycle);
            check();
            for (unsigned i = 1 + below(below(8) == 0 ? 20 : 3); i != 0 && offered < packets_; --i) {
                offer(cycle + (below(3) == 0 ? below(200) : 0), offered++);
            }
            if (below(10) == 0) {
                toggle_hold();
            }
        }
        for (const auto& [endpoint, message_class] : held_) {
            network_->hold(endpoint, message_class, false);
        }
        finish(cycle);
        for (const auto& [flow, tags] : due_) {
            EXPECT_TRUE(tags.empty()) << tags.size() << " of " << std::get<0>(flow) << " to " << std::get<1>(flow);
        }
    }

private:
    unsigned below(unsigned limit) { return static_cast<unsigned>(random_below(random_, limit)); }

    // Generous: every link would carry everything.
    void finish(std::uint64_t cycle) {
        network_->advance(cycle + 100 * flits_ + 10'000);
        check();
        EXPECT_EQ(network_->next_cycle(), FabricNetwork::kNever) << "deadlock";
    }

    std::vector<unsigned> some() {
        std::vector<unsigned> all(endpoints_);
        std::iota(all.begin(), all.end(), 0U);
        for (unsigned i = 0; i < endpoints_; ++i) {
            std::swap(all[i], all[i + below(endpoints_ - i)]);
        }
        all.resize(1 + below(endpoints_));
        return all;
    }

    // Packets of one source and class must be offered in order of creation.
    void offer(std::uint64_t cycle, std::uint64_t tag) {
        FabricPacket packet;
        packet.source = below(endpoints_);
        packet.destination = below(6) == 0 ? 0 : below(endpoints_);
        packet.flits = below(5) == 0 ? 1 + below(40) : 1 + below(6);
        packet.message_class = below(kMessageClasses);
        packet.tag = tag;
        flits_ += packet.flits * endpoints_;
        const unsigned kind = below(4);
        std::vector<unsigned> sources{packet.source};
        std::vector<unsigned> destinations{packet.destination};
        if (kind == 0) {
            destinations = some();
        } else if (kind == 1) {
            sources = some();
        }
        for (const unsigned source : sources) {
            cycle = std::max(cycle, created_[{source, packet.message_class}]);
        }
        for (const unsigned source : sources) {
            created_[{source, packet.message_class}] = cycle;
        }
        for (const unsigned to : destinations) {
            due_[{packet.source, to, packet.message_class}].push_back(tag);
        }
        if (kind == 0) {
            network_->offer_multicast(cycle, packet, destinations);
        } else if (kind == 1) {
            network_->offer_reduction(cycle, packet, sources);
        } else {
            network_->offer(cycle, packet);
        }
    }

    void toggle_hold() {
        const std::pair<unsigned, unsigned> place(below(endpoints_), below(kMessageClasses));
        const bool was_held = held_.erase(place) != 0;
        if (!was_held) {
            held_.insert(place);
        }
        network_->hold(place.first, place.second, !was_held);
    }

    void check() {
        for (const FabricDelivery& d : network_->deliveries()) {
            auto& tags = due_[{d.packet.source, d.packet.destination, d.packet.message_class}];
            ASSERT_FALSE(tags.empty());
            ASSERT_EQ(d.packet.tag, tags.front());
            tags.pop_front();
            ASSERT_GE(d.arrived, d.created + 2 + d.packet.flits - 1 + d.routers);
        }
        network_->clear_deliveries();
    }

    std::unique_ptr<FabricNetwork> network_;
    const unsigned endpoints_;
    const unsigned packets_;
    std::mt19937_64 random_;
    std::uint64_t flits_ = 0;
    std::map<std::pair<unsigned, unsigned>, std::uint64_t> created_;
    std::map<std::tuple<unsigned, unsigned, unsigned>, std::deque<std::uint64_t>> due_;
    std::set<std::pair<unsigned, unsigned>> held_;
};

struct Case {
    Level level;
    std::size_t shape;
};

class NocGroupTorture : public ::testing::TestWithParam<Case> {};

// Variants 0 and 1 have one virtual channel for each class of the routing (up to four) and message class.
TEST_P(NocGroupTorture, EverythingArrivesOnceAtEachAndInOrder) {
    const auto [name, shape] = noc_test::one_of_each()[GetParam().shape];
    const bool flit = GetParam().level == Level::flit;
    for (unsigned variant = 0; variant < 4; ++variant) {
        SCOPED_TRACE(name + ", variant " + std::to_string(variant));
        FabricConfig config = shape;
        const bool grid = shape.routing != FabricRoutingKind::table;
        const bool wraps = grid && (shape.shape.kind == FabricKind::torus || shape.shape.kind == FabricKind::ring);
        const unsigned classes = (wraps ? 2U : 1U) * (shape.routing == FabricRoutingKind::o1turn ? 2U : 1U);
        config.message_classes = kMessageClasses;
        config.virtual_channels = variant < 2 ? kMessageClasses * classes : 12;
        config.buffer_flits = variant == 0 ? 1 : variant == 1 ? 3 : 8;
        config.router_cycles = 2 + variant;
        config.combine_cycles = 1 + variant % 2;
        config.seed = variant + 1;
        config.shape.link.latency_cycles = 1 + variant % 3;
        config.shape.link.flit_cycles = variant == 3 ? 2 : 1;
        Torture(GetParam().level, config, flit ? 600 : 1500).run();
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

INSTANTIATE_TEST_SUITE_P(Shapes, NocGroupTorture, ::testing::ValuesIn(cases()), case_name);

} // namespace
} // namespace systolica
