// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// A candidate of the scale study as a platform that can be simulated: every partition is a tile of one chip. What the
// base platform has in all stays what it is and is divided among the tiles: bytes of scratchpads, lanes of vector
// units, width of the entrances to the network (where there are fewer tiles than before; more have one of the former
// width each). Scratchpad ports are as wide as array and lanes need, so that they are never what limits.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "machine/scale_study/array_budget.h"
#include "platforms/description.h"

namespace systolica {

constexpr std::uint64_t kMostScaleTiles = 1024; // of a chip

// KEY=VALUE settings over `base`, which has a mesh. `bandwidth_gb_per_s`: of a memory that has nothing but it.
std::vector<std::string> scale_settings(const Platform& base, const ArrayBudgetShape& shape,
                                        const std::string& dataflow, std::optional<double> bandwidth_gb_per_s);

// For the analytical ranking of one dataflow: of each number of partitions the fastest shape, fewest partitions first.
template <class Candidate>
std::vector<Candidate> scale_front(const std::vector<Candidate>& scale_up, const std::vector<Candidate>& scale_out) {
    std::vector<Candidate> front{scale_up.front()};
    for (std::uint64_t partitions = 2; partitions <= kMostScaleTiles; partitions *= 2) {
        for (const Candidate& candidate : scale_out) { // the fastest first
            if (candidate.shape.partitions() == partitions) {
                front.push_back(candidate);
                break;
            }
        }
    }
    return front;
}

} // namespace systolica
