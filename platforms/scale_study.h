// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// Scale-up against scale-out: the layers of a workload on every way to spend a number of MAC units, by the analytical
// model (machine/scale_study).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "machine/scale_study/array_budget.h"
#include "platforms/description.h"
#include "workloads/graph.h"

namespace systolica {

struct ScaleCandidate {
    ArrayBudgetShape shape;
    std::uint64_t cycles = 0;

    bool operator<(const ScaleCandidate& other) const {
        return cycles != other.cycles ? cycles < other.cycles : shape < other.shape;
    }
};

// The fastest first, of equals that with the smallest numbers.
struct ScaleRanking {
    std::string layer;
    std::string dataflow;                 // os, ws, is
    std::vector<ScaleCandidate> scale_up; // one array
    std::vector<ScaleCandidate> scale_out;
};

const std::vector<std::string>& scale_dataflows();

// A ranking for each matrix product of the workload and each dataflow (a name, or "all").
std::vector<ScaleRanking> rank_layers(const Graph& workload, std::uint64_t macs, const std::string& dataflow);

// All layers with the same shape, by dataflow.
std::vector<ScaleRanking> rank_totals(const std::vector<ScaleRanking>& layers);

// Chips that the partitions fill when each is a tile.
std::uint64_t scale_chips(const ArrayBudgetShape& shape, const Platform& platform);

} // namespace systolica
