// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// Everything that is wrong with the description of a network, found before one is built: numbers out of range, links
// that lead nowhere, pairs of endpoints that cannot talk, and routings that can deadlock.
#pragma once

#include <string>
#include <vector>

#include "machine/noc/fabric/config.h"

namespace systolica {

struct FabricProblem {
    std::string key;     // below the network's own: "columns", "attach[3]", "links[2].to", "routing"; empty: the whole
    std::string message; // "expected ..., got ..."
};

// Later checks need what earlier ones find sound, so a network that lacks routers is not checked for deadlock.
std::vector<FabricProblem> fabric_problems(const FabricConfig& config);

const char* fabric_kind_name(FabricKind kind);
const char* fabric_routing_name(FabricRoutingKind kind);

} // namespace systolica
