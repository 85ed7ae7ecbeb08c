// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// What must hold between the values of chip.dram (docs/platforms.md, docs/dram_mapping.md).
#pragma once

#include <string>
#include <vector>

#include "platforms/rule_checker.h"

namespace systolica {

void check_dram(const Platform& platform, const RuleChecker::Failed& failed, Problems& problems);

// What is legal but hardly meant, a line each. For a platform without problems.
std::vector<std::string> dram_notes(const Platform& platform);

// Columns that a sequential stream visits for each row it opens.
unsigned columns_in_sequence(const DramConfig& dram);

} // namespace systolica
