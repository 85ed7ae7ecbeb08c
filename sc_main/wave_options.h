// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// The options for waveforms, the same for every command that has them: --vcd, --trace-scope, --trace-from, --trace-to.
#pragma once

#include <string>
#include <vector>

#include "base/vcd_writer.h"
#include "sc_main/command_line.h"

namespace systolica {

void add_wave_options(CommandLine& line);

// What is to be dumped into --vcd FILE. Throws UsageError.
VcdFilter wave_filter(const CommandLine& line);

// A line for every --trace-scope that nothing answers to; once all signals are known.
std::vector<std::string> wave_warnings(const VcdWriter& vcd);

} // namespace systolica
