// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// From counters to a result: rows, totals, warnings, and the checks that every run must pass.
#pragma once

#include "base/run_result.h"
#include "mapping/plan.h"
#include "models/system/chip_system.h"
#include "platforms/description.h"
#include "workloads/graph.h"

namespace systolica {

struct RunOfChips {
    const Platform& platform;
    const Graph& network; // of one chip
    const Plan& plan;
    const ChipSystem& system;
    std::uint64_t copies = 1;                  // chips that each simulated one stands for
    std::uint64_t batch_shares = 1;            // `network` has one of so many
    const ExchangeProgram* exchange = nullptr; // none: chips do not talk
};

// Totals are of all chips, rows of the one that ends last (the first of several).
// `complete`: the run came to its end, so that the books must balance; what does not goes to RunResult::errors.
RunResult account(const RunOfChips& run, bool complete);

} // namespace systolica
