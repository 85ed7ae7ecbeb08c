// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// From counters to a result: rows, totals, warnings, and the checks that every run must pass.
#pragma once

#include "base/run_result.h"
#include "mapping/plan.h"
#include "models/chip/chip.h"
#include "platforms/description.h"
#include "workloads/graph.h"

namespace systolica {

// `complete`: the run came to its end, so that the books must balance; what does not goes to RunResult::errors.
RunResult account(const Platform& platform, const Graph& network, const Plan& plan, Chip& chip, bool complete);

} // namespace systolica
