// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// Packets of one source, destination and message class leave the network in the order in which they were offered,
// however they overtook each other on their way: what comes early waits at its endpoint.
#pragma once

#include <cstdint>
#include <map>
#include <utility>
#include <vector>

#include "machine/noc/fabric/fabric_network.h"

namespace systolica {

class DeliveryOrder {
public:
    DeliveryOrder(unsigned endpoints, unsigned message_classes)
        : endpoints_(endpoints),
          classes_(message_classes),
          flows_(std::size_t{endpoints} * endpoints * message_classes) {}

    // The place of a new packet in its flow.
    std::uint32_t number(const FabricPacket& packet) { return flows_[flow(packet)].offered++; }

    // Appends to `out` the delivery, unless it has to wait, and those that waited for it.
    void arrive(const FabricDelivery& delivery, std::uint32_t number, std::vector<FabricDelivery>& out) {
        const std::size_t f = flow(delivery.packet);
        if (number != flows_[f].delivered) {
            early_.emplace(std::make_pair(f, number), delivery);
            return;
        }
        out.push_back(delivery);
        ++flows_[f].delivered;
        if (early_.empty()) {
            return;
        }
        for (auto next = early_.find({f, flows_[f].delivered}); next != early_.end();
             next = early_.find({f, flows_[f].delivered})) {
            out.push_back(next->second);
            ++flows_[f].delivered;
            early_.erase(next);
        }
    }

private:
    struct Flow {
        std::uint32_t offered = 0;
        std::uint32_t delivered = 0;
    };

    std::size_t flow(const FabricPacket& packet) const {
        return (std::size_t{packet.source} * endpoints_ + packet.destination) * classes_ + packet.message_class;
    }

    const unsigned endpoints_;
    const unsigned classes_;
    std::vector<Flow> flows_;
    std::map<std::pair<std::size_t, std::uint32_t>, FabricDelivery> early_;
};

} // namespace systolica
