// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// A platform of dataflow simdit in words, a line each.
#pragma once

#include <string>

#include "platforms/description.h"

namespace systolica {

std::string private_memory_text(const ChipConfig& chip);
std::string simdit_text(const ChipConfig& chip); // what no block of the tile says

} // namespace systolica
