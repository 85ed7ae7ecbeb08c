// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// map_run() for platforms of dataflow simdit.
#pragma once

#include "platforms/mapped_run.h"

namespace systolica {

MappedRun map_simdit(const Platform& platform, const Graph& network, const SimulationOptions& options);

} // namespace systolica
