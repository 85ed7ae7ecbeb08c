// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// A product on SimDIT's machine as steps: while the array computes a tile, each interface loads what the next tile
// needs and stores what the one before it made, and the next step begins when all are done. Order of the tiles: output
// channels outermost, then input channels, kernel, images, output positions; weights stay for the tiles that share
// them, partial sums go out and come back. Steps of the same kind stand together, so that a list has a dozen entries;
// a run that issues them in this order takes the cycles of simdit_cost.
#pragma once

#include "machine/simdit/product_tiling.h"

#include <vector>

namespace systolica {

struct SimditProductStep {
    std::uint64_t times = 1;
    std::uint64_t compute_cycles = 0;   // 0: first loads, last store
    std::uint64_t following_cycles = 0; // then of the SIMD array, which takes the result; counted with its operation

    std::uint64_t ifmap_bytes = 0;
    std::uint64_t weight_bytes = 0;
    std::uint64_t bias_bytes = 0;
    std::uint64_t psum_load_bytes = 0;
    std::uint64_t store_bytes = 0; // partial sums or results

    SimditProductStep scaled(double fraction) const;
};

// `product` is a part (work.h).
std::vector<SimditProductStep> simdit_schedule(const SimditConfig& config, const SimditProduct& product);

} // namespace systolica
