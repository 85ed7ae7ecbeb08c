// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// Dimensions of the nodes that only view, cut or reorder a tensor; for constants and for results of the network.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "workloads/onnx/node.h"

namespace systolica {

// Reshape, Flatten, Squeeze, Unsqueeze: what input 0 becomes, as many elements as before.
Dims view_dims(const OnnxNode& node, const OnnxValue& value);

std::vector<std::size_t> transpose_order(const OnnxNode& node, std::size_t rank);

struct SliceRange {
    std::size_t axis, start, length;
};
std::vector<SliceRange> slice_ranges(const OnnxNode& node, const OnnxValue& value); // never of the batch, steps of 1

// NumPy's rule: aligned at the last dimension, those of one position are stretched. Calls `refuse` when they differ.
Dims broadcast_dims(const Dims& a, const Dims& b, const std::function<void()>& refuse);

} // namespace systolica
