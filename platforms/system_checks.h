// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// What must hold between the values of `system` (docs/scale_out.md).
#pragma once

#include "platforms/rule_checker.h"

namespace systolica {

void check_system(const Platform& platform, const RuleChecker::Failed& failed, Problems& problems);

// For commands that simulate one chip: throws InputError where there are more.
void refuse_several_chips(const Platform& platform);

} // namespace systolica
