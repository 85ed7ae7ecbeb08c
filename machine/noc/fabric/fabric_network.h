// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// What both levels of the network do: packets offered at a cycle come out at their destination, once, and in order of
// their offering for each source, destination and message class (an endpoint puts packets that overtook others back in
// order). Time goes forward by advance() only; nothing happens that next_cycle() did not announce.
#pragma once

#include <cstdint>
#include <vector>

namespace systolica {

struct FabricPacket {
    unsigned source = 0;
    unsigned destination = 0;
    unsigned flits = 1; // of the whole packet
    unsigned message_class = 0;
    std::uint64_t tag = 0; // the caller's
};

struct FabricDelivery {
    FabricPacket packet;
    std::uint64_t created = 0;
    std::uint64_t arrived = 0; // its tail at the endpoint; the time of those before it in order may be later
    unsigned routers = 0;      // on its way
};

class FabricNetwork {
public:
    static constexpr std::uint64_t kNever = ~std::uint64_t{0};

    virtual ~FabricNetwork() = default;

    // A packet is created at `cycle`, which is not in the past: the cycle of the last advance() is still open. It waits
    // at its source without limit. Packets of one source and class are offered in order of their creation.
    virtual void offer(std::uint64_t cycle, const FabricPacket& packet) = 0;

    // Everything up to `cycle`: arrivals in that cycle are delivered, and what is offered for it later still counts.
    virtual void advance(std::uint64_t cycle) = 0;
    virtual std::uint64_t next_cycle() const = 0; // the next in which something may happen; kNever if nothing can

    // A held endpoint takes no more flits of a message class until it is released; they wait in the network.
    virtual void hold(unsigned endpoint, unsigned message_class, bool held) = 0;

    // Delivered since the last call of clear_deliveries(), in order.
    const std::vector<FabricDelivery>& deliveries() const { return deliveries_; }
    void clear_deliveries() { deliveries_.clear(); }

    virtual std::uint64_t link_flits(unsigned link) const = 0; // carried so far

protected:
    std::vector<FabricDelivery> deliveries_;
};

} // namespace systolica
