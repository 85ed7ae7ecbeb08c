// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// Finds the tiling of a layer.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "mapping/cost.h"
#include "mapping/options.h"

namespace systolica {

struct Choice {
    Tiling tiling;
    Cost cost;
    std::string shortfall; // set when nothing fits: the buffer and the bytes that it lacks
};

// The candidates depend on the layer and the array, not on capacities: what fits a small scratchpad stays a candidate
// for a larger one. Among those within a small margin of the best the first in a fixed order (least traffic, fewest
// bursts, few enough steps, smallest footprint) is taken, so that more hardware changes a mapping only where it gains
// by more than the margin.
Choice choose_tiling(const Layer& layer, const ChipConfig& chip, const MappingOptions& options);

// The same for a layer whose input its producer may leave in the ifmap scratchpad: only splits whose shares `accepts`
// takes: it says how many cycles pass until all tiles have what they need. The shortfall is set when there is none.
using AcceptShares = std::function<std::optional<double>(const std::vector<Share>&)>;
Choice choose_tiling_kept(const Layer& layer, const ChipConfig& chip, const MappingOptions& options,
                          const AcceptShares& accepts);

} // namespace systolica
