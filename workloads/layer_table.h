// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// The forward pass as a table, one row an operator.
#pragma once

#include <string>

#include "workloads/graph.h"

namespace systolica {

// CSV with the columns idx, name, op, inputs, in_c, in_h, in_w, out_c, out_h, out_w, kernel_h, kernel_w, stride, pad,
// groups, bias, macs_per_image, params, fwd_output_elements_per_image. A stride or pad that differs between directions
// or sides is written h;w or top;left;bottom;right.
std::string forward_csv(const Graph& graph);

} // namespace systolica
