// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// Rules about the network of a chip: every tile and DRAM channel has a router, all of them can talk to each other, and
// no packets can wait for each other in a circle.
#pragma once

#include "platforms/rule_checker.h"

namespace systolica {

void check_noc(const Platform& platform, const RuleChecker::Failed& failed, Problems& problems);

// What a run needs beyond that: requests and responses that cannot hold each other up. Throws InputError.
void require_noc_for_runs(const Platform& platform);

} // namespace systolica
