// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "machine/noc/fabric/routing.h"

#include <algorithm>

#include "machine/noc/fabric/grid_routing.h"
#include "machine/noc/fabric/table_routing.h"

namespace systolica {

std::unique_ptr<FabricRouting> make_routing(const FabricTopology& topology, FabricRoutingKind kind) {
    switch (kind) {
    case FabricRoutingKind::table:
        return std::make_unique<TableRouting>(topology);
    case FabricRoutingKind::west_first:
        return std::make_unique<WestFirstRouting>(topology);
    default:
        return std::make_unique<DimensionRouting>(topology, kind);
    }
}

VcRange vc_range(const FabricConfig& config, unsigned routing_classes, unsigned message_class, unsigned routing_class) {
    const unsigned parts = config.message_classes * routing_classes;
    const unsigned part = message_class * routing_classes + routing_class;
    const unsigned vcs = config.virtual_channels;
    if (vcs < parts) {
        return {part % vcs, 1};
    }
    const unsigned first = part * vcs / parts;
    return {first, (part + 1) * vcs / parts - first};
}

} // namespace systolica
