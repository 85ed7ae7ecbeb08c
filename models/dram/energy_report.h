// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// The energy of a memory as statistics: a child "energy" with "core" and "io", or a note that the part has no current
// table.
#pragma once

#include "base/statistics.h"
#include "machine/dram/config.h"
#include "machine/dram/counters.h"

namespace systolica {

void report_dram_energy(const DramPart& part, const DramCounters& counters, Statistics& statistics);

} // namespace systolica
