// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// A tensor that is a part of others, or several joined, has no memory of its own: what is read of it is looked up
// there.
#pragma once

#include <vector>

#include "mapping/plan.h"

namespace systolica {

// What `box` of a view of shape `view` asks of one of its parts, a tensor of shape `base`.
std::vector<Box> boxes_in_part(const Shape& view, const Shape& base, const ViewPart& part, const Box& box);

} // namespace systolica
