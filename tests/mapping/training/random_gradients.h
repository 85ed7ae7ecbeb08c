// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// Random gradients of weights as loop nests, and random tilings of them that the search is allowed to choose
// (search.cpp): small enough to be checked element by element.
#pragma once

#include "../random_layers.h"

namespace systolica {

// Kernels, strides, dilation, padding on each side, groups, images; some with the zeros between the gradient's elements
// multiplied, as `dilated` does.
LayerCase random_gradient_case(std::uint64_t seed);

std::string gradient_text(const LayerCase& one);

} // namespace systolica
