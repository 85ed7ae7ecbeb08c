// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// What JEDEC's definitions imply between the values of a DRAM part.
#pragma once

#include <functional>
#include <string>

#include "machine/dram/config.h"

namespace systolica {

// Calls `refuse` with the key (currents with a dot: currents.idd0) and what was expected of it.
using RefusePartKey = std::function<void(const std::string& key, const std::string& expected)>;

void check_dram_part(const DramPart& part, const RefusePartKey& refuse);

} // namespace systolica
