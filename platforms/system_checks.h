// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// What must hold between the values of `system` (docs/scale_out.md).
#pragma once

#include "platforms/rule_checker.h"

namespace systolica {

void check_system(const Platform& platform, const RuleChecker::Failed& failed, Problems& problems);

// For runs: throws InputError where several chips cannot run together.
void check_run_of_chips(const Platform& platform);

} // namespace systolica
