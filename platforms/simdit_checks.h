// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// What must hold between the values of a platform of dataflow simdit, and the values that follow from others
// (docs/simdit.md).
#pragma once

#include "platforms/rule_checker.h"

namespace systolica {

// Dataflow simdit: what neither the file that names it nor a later one gives is as in SimDIT's template - as many lanes
// as columns, scratchpads whose ports nothing waits for, transfers in one piece, operations one after the other. To be
// called before the checks. Does nothing for other dataflows.
void complete_simdit(Platform& platform);

void check_simdit(const Platform& platform, const RuleChecker::Failed& failed, Problems& problems);

} // namespace systolica
