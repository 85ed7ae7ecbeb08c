// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// The options of `run` that say how the chips of a system share the work.
#pragma once

#include <cstdint>

#include "platforms/simulation.h"
#include "sc_main/command_line.h"

namespace systolica {

void add_parallel_options(CommandLine& line);

// On a system of several chips each has a share of the batch unless --parallel says otherwise. Throws UsageError for
// what does not fit the chips or the batch.
ParallelOptions parallel_options(const CommandLine& line, const Platform& platform, bool training, std::uint64_t batch);

} // namespace systolica
