// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// Random layers, and random tilings of them that the search is allowed to choose (search.cpp, try_orders): small enough
// to be checked element by element.
#pragma once

#include <string>

#include "mapping/cost.h"
#include "random_numbers.h"

namespace systolica {

struct LayerCase {
    Layer layer;
    Tiling tiling;
    unsigned tiles = 1;

    std::string text() const;
};

Axis random_axis(RandomNumbers& random);
Layer random_layer(RandomNumbers& random);
Tiling random_tiling(const Layer& layer, unsigned tiles, RandomNumbers& random);
LayerCase random_case(std::uint64_t seed);

// Input position under tap `k` of an output; false: in the padding.
bool input_position(const Axis& axis, std::uint64_t out, std::uint64_t k, std::uint64_t& in);

} // namespace systolica
