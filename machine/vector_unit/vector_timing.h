// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// How long a vector command takes: its stages run one after another over vectors of `lanes` elements.
#pragma once

#include <cstdint>

#include "machine/commands/command.h"
#include "machine/vector_unit/config.h"

namespace systolica {

// One stage without the unit's start-up.
std::uint64_t vector_stage_cycles(const VectorUnitConfig& unit, VectorKernel kernel, std::uint64_t taps,
                                  std::uint64_t elements);

// The whole command: start-up and all stages. 0 for a command without stages.
std::uint64_t vector_cycles(const VectorUnitConfig& unit, const VectorArguments& work);

} // namespace systolica
