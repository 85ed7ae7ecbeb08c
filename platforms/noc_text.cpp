// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "platforms/noc_text.h"

#include "machine/noc/fabric/problems.h"
#include "machine/noc/noc_fabric.h"

namespace systolica {

std::string network_text(const NocConfig& noc) {
    const bool grid = noc.topology == FabricKind::mesh || noc.topology == FabricKind::torus ||
                      noc.topology == FabricKind::concentrated_mesh;
    const unsigned routers = noc_routers(noc);
    std::string text = std::string(fabric_kind_name(noc.topology)) + " of ";
    text += grid ? std::to_string(noc.columns) + " x " + std::to_string(noc.rows) : std::to_string(routers);
    text += grid || routers != 1 ? " routers" : " router";
    const FabricConfig fabric = noc_fabric(noc, NocEnds::tiles, 1);
    return text + ", " + fabric_routing_name(noc.routing) + ", " + std::to_string(fabric.virtual_channels) +
           " virtual channels of " + std::to_string(fabric.buffer_flits) + " flits, " +
           (noc.level == NocLevel::flit ? "flit" : "packet") + " level";
}

} // namespace systolica
