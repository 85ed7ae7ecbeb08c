// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// Work of the SIMD array as steps: a tile is loaded, computed and stored, nothing overlaps. Steps of the same kind
// stand together; a run that issues them takes the cycles of simdit_cost.
#pragma once

#include "machine/simdit/config.h"
#include "machine/simdit/work.h"

#include <array>
#include <vector>

namespace systolica {

// The largest tile.
struct SimditVectorTiling {
    std::uint64_t padded_channels = 1; // of the whole work
    std::uint64_t channels = 1;        // multiple of the lanes
    std::uint64_t images = 1;
    std::uint64_t h = 1, w = 1;               // positions of the smaller side of a pool
    std::uint64_t kernel_h = 1, kernel_w = 1; // all of it, but where one position of a pool does not fit
};

SimditVectorTiling simdit_tiling(const SimditConfig& config, const SimditVector& work);

// So many tensors of so many bytes each.
struct SimditTransfers {
    unsigned count = 0;
    std::uint64_t bytes = 0;
};

struct SimditVectorStep {
    std::uint64_t times = 1;
    std::uint64_t compute_cycles = 0;
    std::uint64_t vectors = 0;             // of lanes that are worked on
    std::array<SimditTransfers, 2> loads;  // of the smaller and of the larger side of a pool; else the first
    std::array<SimditTransfers, 3> stores; // results on either side, tensors for a later pass

    SimditVectorStep scaled(double fraction) const;
};

std::vector<SimditVectorStep> simdit_schedule(const SimditConfig& config, const SimditVector& work);

} // namespace systolica
