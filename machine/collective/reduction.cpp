// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "machine/collective/reduction.h"

#include "base/integer.h"
#include "machine/vector_unit/vector_timing.h"

namespace systolica {

Reduction::Reduction(const ChipConfig& chip)
    : costs_(true),
      clock_(chip.clock()),
      unit_(chip.tile.vector_unit),
      tiles_(chip.tiles),
      element_bytes_(chip.precision.master_bytes()) {}

std::uint64_t Reduction::ps(std::uint64_t bytes) const {
    if (!costs_) {
        return 0;
    }
    const std::uint64_t elements = ceil_div(ceil_div(bytes, element_bytes_), tiles_);
    return clock_.edge_ps(unit_.startup_cycles + vector_stage_cycles(unit_, VectorKernel::add, 1, elements));
}

} // namespace systolica
