// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// Rules about the network of a chip: every tile and DRAM channel has a router, all of them can talk to each other, and
// no packets can wait for each other in a circle.
#pragma once

#include "platforms/rule_checker.h"

namespace systolica {

// Networks without coordinates are routed by tables, unless a routing is given together with the topology or after it.
// To be called before the checks.
void complete_noc(Platform& platform);

// Places tiles and DRAM channels on the routers where the file does not. Tile i: at router i; a concentrated mesh and
// the leaves of a tree take `concentration` tiles each; all at the one router of a crossbar. Channel j of C: at router
// floor(j * routers / C), at the root of a tree. To be called once the checks have passed or the platform will not be
// used.
void attach_by_default(Platform& platform);

void check_noc(const Platform& platform, const RuleChecker::Failed& failed, Problems& problems);

// What a run needs beyond that: requests and responses that cannot hold each other up. Throws InputError.
void require_noc_for_runs(const Platform& platform);

} // namespace systolica
