// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// Deadlock freedom (Dally and Seitz, 1987; Duato for adaptive routings): a packet that holds a virtual channel of one
// link may wait for one of the next. Without a circle among these dependencies, over all pairs of endpoints and all
// choices of the routing, no packets can wait for each other for ever.
#pragma once

#include <string>

#include "machine/noc/fabric/config.h"
#include "machine/noc/fabric/routing.h"
#include "machine/noc/fabric/topology.h"

namespace systolica {

// Empty without a circle, else "r0->r1 vc 0, r1->r2 vc 0, ..., r0->r1 vc 0"; of the virtual channels of a class the
// first is named.
std::string dependency_cycle(const FabricTopology& topology, const FabricRouting& routing, const FabricConfig& config);

} // namespace systolica
