// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// The closed-loop part of the scale study: the front of the analytical ranking, simulated one candidate a process.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "platforms/scale_study.h"

namespace systolica {

struct ScaleRequest {
    std::string platform, workload; // as the user named them
    std::vector<std::string> sets;
    std::uint64_t batch = 1;
    std::optional<double> bandwidth_gb_per_s;
    bool all = false; // else it ends when two candidates in a row are slower than the fastest by more than 5 %
};

struct SimulatedLayer {
    std::uint64_t cycles = 0;
    std::uint64_t dram_bytes = 0;
};

struct SimulatedCandidate {
    ScaleCandidate candidate;
    std::string refusal;  // why it could not be simulated: its mapping does not fit
    bool skipped = false; // candidates with fewer partitions are faster
    bool simulated() const { return refusal.empty() && !skipped; }
    SimulatedLayer total;
    std::string limited_by;
    std::map<std::string, SimulatedLayer> layers; // by name
};

// For the total ranking of one dataflow.
std::vector<SimulatedCandidate> simulate_front(const ScaleRequest& request, const Platform& base, const Graph& workload,
                                               const ScaleRanking& total);

// The fastest of those that could be simulated, of equals the one with the fewest partitions; null: none could.
const SimulatedCandidate* sweet_spot(const std::vector<SimulatedCandidate>& front);

} // namespace systolica
