// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// Sizes of networks, and where tiles and memories sit on them unless the platform says so.
#pragma once

#include <cstdint>
#include <string>

#include "platforms/description.h"

namespace systolica {

constexpr std::uint64_t kMostNocRouters = 4096;

std::uint64_t noc_router_count(const NocConfig& noc);                     // just above kMostNocRouters for many more
std::uint64_t noc_tile_places(const NocConfig& noc, std::uint64_t tiles); // tiles that find a router by default
std::string noc_size_text(const NocConfig& noc);                          // "mesh of 4 x 4"

// Networks without coordinates are routed by tables, unless a routing is given together with the topology or after it.
// To be called before the checks.
void complete_noc(Platform& platform);

// Places tiles and DRAM channels on the routers where the file does not. Tile i: at router i; a concentrated mesh and
// the leaves of a tree take `concentration` tiles each; all at the one router of a crossbar. Channel j of C: at router
// floor(j * routers / C), at the root of a tree. To be called once the checks have passed or the platform will not be
// used.
void attach_by_default(Platform& platform);

} // namespace systolica
