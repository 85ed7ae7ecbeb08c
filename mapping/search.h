// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// Finds the tiling of a layer.
#pragma once

#include <string>

#include "mapping/cost.h"
#include "mapping/options.h"

namespace systolica {

struct Choice {
    Tiling tiling;
    Cost cost;
    std::string shortfall; // set when nothing fits: the buffer and the bytes that it lacks
};

// The candidates depend on the layer and the array, not on capacities: what fits a small scratchpad stays a candidate
// for a larger one. Among those within a small margin of the best the first in a fixed order (least traffic, few
// enough steps, smallest footprint) is taken, so that more hardware changes a mapping only where it gains by more than
// the margin.
Choice choose_tiling(const Layer& layer, const ChipConfig& chip, const MappingOptions& options);

} // namespace systolica
