// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// The counters of a memory as statistics.
#pragma once

#include "base/statistics.h"
#include "machine/dram/counters.h"

namespace systolica {

void report_dram(const DramCounters& counters, Statistics& statistics);
void report_dram_bank(const DramBankCounters& counters, Statistics& statistics);

} // namespace systolica
