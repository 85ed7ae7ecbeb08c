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
    const unsigned classes = config.message_classes;
    const unsigned begin = message_class * config.virtual_channels / classes;
    const unsigned vcs = (message_class + 1) * config.virtual_channels / classes - begin;
    if (vcs < routing_classes) {
        return {begin + routing_class % vcs, 1};
    }
    const unsigned first = routing_class * vcs / routing_classes;
    return {begin + first, (routing_class + 1) * vcs / routing_classes - first};
}

} // namespace systolica
