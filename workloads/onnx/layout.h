// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// How tensors of any number of dimensions lie in ours, which have three beside the batch: dimensions that an operator
// treats alike are one, elements keep their order.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "workloads/onnx/value.h"

namespace systolica {

// Batch, channels, height, width in this order, where there are no more than these.
bool canonical_shape(const Dims& dims, Shape& shape);

// Neighbouring dimensions with the same tag as one; those of one position count for nothing.
struct MergedDim {
    std::uint64_t length = 1;
    unsigned tag = 0;
};
std::vector<MergedDim> merged(const Dims& dims, const std::vector<unsigned>& tags);

// A shape of at most three dimensions, channels first.
std::optional<Shape> shape_of(const std::vector<std::uint64_t>& lengths);

} // namespace systolica
