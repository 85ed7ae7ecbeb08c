// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// How long the units of a tile work on its share, from the timing cores that the modules run.
#pragma once

#include <cstdint>

#include "mapping/layer.h"
#include "mapping/tiling.h"

namespace systolica {

struct ShareWork {
    std::uint64_t matrix_cycles = 0;
    std::uint64_t vector_cycles = 0;
    std::uint64_t last_vector_cycles = 0; // of the longest command
};

ShareWork share_work(const ChipConfig& chip, const Layer& layer, const Tiling& tiling, const Share& share);

} // namespace systolica
