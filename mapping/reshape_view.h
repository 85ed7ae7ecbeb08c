// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// A reshaped tensor is a view: the same elements of an image, counted through channels, rows and columns in this order,
// under other dimensions. Nothing moves; what is read of the view is looked up in the tensor behind it.
#pragma once

#include <vector>

#include "mapping/tensor_layout.h"
#include "workloads/graph.h"

namespace systolica {

// The parts of a tensor of shape `base` that hold `box` of its view of shape `view`. They do not overlap. Few where the
// dimensions of one are joints or parts of those of the other; a run of neighbours each where they are not.
std::vector<Box> boxes_behind(const Shape& view, const Shape& base, const Box& box);

} // namespace systolica
