// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// The block sizes that a search tries. They depend on the whole alone, so that no choice comes or goes with a capacity.
#pragma once

#include <cstdint>
#include <vector>

namespace systolica {

using Sizes = std::vector<std::uint64_t>; // rising

// 1, 2, 3, 4, 6, 8, 12, ... below `whole`, and `whole`, its halves, thirds and quarters.
Sizes spread(std::uint64_t whole);

// unit, 2 unit, 4 unit, ... below `whole`, and `whole`.
Sizes doublings(std::uint64_t unit, std::uint64_t whole);

} // namespace systolica
