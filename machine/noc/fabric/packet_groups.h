// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// What the packets of a multicast or of a reduction share, from their offering to the last delivery.
#pragma once

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

#include "machine/noc/fabric/delivery_order.h"
#include "machine/noc/fabric/fabric_network.h"
#include "machine/noc/fabric/packet_tree.h"

namespace systolica {

// The adder of a router for one reduction: which flits have come from all parts, and when. Parts come flit by flit, in
// order. It holds what has come from some parts only, without limit.
class PacketSum {
public:
    PacketSum() = default;
    PacketSum(unsigned parts, unsigned flits) : parts_(parts) {
        if (parts > 1) { // else nothing is added there
            added_.resize(flits);
            times_.resize(flits);
        }
    }

    void add(unsigned flit, std::uint64_t time) {
        times_[flit] = std::max(times_[flit], time);
        ++added_[flit];
        while (ready_ < added_.size() && added_[ready_] == parts_) {
            ++ready_;
        }
    }
    unsigned ready() const { return ready_; } // flits that are complete
    std::uint64_t time(unsigned flit) const { return times_[flit]; }

    std::uint32_t packet = 0; // that carries the sum on
    bool started = false;

private:
    unsigned parts_ = 0;
    unsigned ready_ = 0;
    std::vector<unsigned> added_;
    std::vector<std::uint64_t> times_;
};

struct PacketGroup {
    struct Destination {
        unsigned endpoint = 0;
        std::uint32_t number = 0; // in its flow
        unsigned flits_left = 0;
        unsigned routers = 0; // on the way
    };

    FabricPacket packet;
    std::uint64_t created = 0;
    PacketTree tree;
    std::vector<Destination> destinations;
    std::size_t undelivered = 0;
    std::vector<PacketSum> sums; // of a reduction, by node
};

// A packet as several of at most so many flits each, in order.
inline std::vector<FabricPacket> pieces_of(FabricPacket packet, unsigned longest) {
    std::vector<FabricPacket> pieces;
    for (unsigned left = packet.flits; left != 0; left -= packet.flits) {
        packet.flits = std::min(left, longest);
        pieces.push_back(packet);
    }
    return pieces;
}

class PacketGroups {
public:
    static constexpr std::uint32_t kNone = ~std::uint32_t{0};

    // The packet arrives at every endpoint that the tree leads to; each counts as a packet from packet.source there.
    std::uint32_t open(std::uint64_t cycle, const FabricPacket& packet, PacketTree tree, DeliveryOrder& order) {
        std::uint32_t id = static_cast<std::uint32_t>(groups_.size());
        if (free_.empty()) {
            groups_.emplace_back();
        } else {
            id = free_.back();
            free_.pop_back();
        }
        PacketGroup& group = groups_[id];
        group = {packet, cycle, std::move(tree), {}, 0, {}};
        for (unsigned n = 0; n < group.tree.nodes(); ++n) {
            for (const TreeStep& step : group.tree.node(n).on) {
                if (step.link == FabricTopology::kNone) {
                    ++group.undelivered;
                    group.destinations.resize(std::max<std::size_t>(group.destinations.size(), step.to + 1));
                    group.destinations[step.to] = {step.endpoint, 0, packet.flits, group.tree.node(n).routers};
                }
            }
        }
        for (PacketGroup::Destination& destination : group.destinations) {
            group.packet.destination = destination.endpoint;
            destination.number = order.number(group.packet);
        }
        return id;
    }

    PacketGroup& operator[](std::uint32_t id) { return groups_[id]; }
    const PacketGroup& operator[](std::uint32_t id) const { return groups_[id]; }

    // The tail of `flits` more flits has come to a destination.
    void arrive(std::uint32_t id, unsigned place, unsigned flits, std::uint64_t now, DeliveryOrder& order,
                std::vector<FabricDelivery>& out) {
        PacketGroup& group = groups_[id];
        PacketGroup::Destination& destination = group.destinations[place];
        destination.flits_left -= flits;
        if (destination.flits_left == 0) {
            FabricDelivery delivery{group.packet, group.created, now, destination.routers};
            delivery.packet.destination = destination.endpoint;
            order.arrive(delivery, destination.number, out);
            if (--group.undelivered == 0) {
                free_.push_back(id);
            }
        }
    }

private:
    std::vector<PacketGroup> groups_;
    std::vector<std::uint32_t> free_;
};

} // namespace systolica
