// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// When the result of one group can stay in the ifmap scratchpads for the group after it.
#pragma once

#include <vector>

#include "mapping/plan.h"

namespace systolica {

// Every tile made all that its share of `layer` reads: no halo from other tiles.
bool makes_what_is_needed(const Group& before, const Layer& layer, const std::vector<Share>& shares);

// The result has room in the ifmap scratchpad beside what the group itself works on there.
bool output_fits_beside(const Group& group, const Group* previous, const ChipConfig& chip);

} // namespace systolica
