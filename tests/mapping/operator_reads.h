// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// What operators read, from their meaning alone: element by element, without nests, boxes or tilings.
#pragma once

#include <cstdint>
#include <set>

#include "mapping/plan.h"
#include "workloads/graph.h"

namespace systolica {

// Address of an element in memory: the layout's sentence once more (blocks of channels, rows, pixels, channels).
std::uint64_t element_address(const TensorLayout& layout, std::uint64_t row, std::uint64_t column,
                              std::uint64_t channel);

// From the coarse side of a window to its fine side.
struct TransposedWork {
    std::uint64_t macs = 0;      // each output times the taps that reach outputs a stride apart from it
    std::uint64_t unreached = 0; // outputs without such taps
};
TransposedWork transposed_work(const Shape& coarse, const Shape& fine, const Window& window, std::uint64_t groups);
TransposedWork transposed_work(const Graph& graph, const Operator& op); // of a transposed convolution

// For each operator that is not fused away from its input, every byte of the tensors that it needs is loaded for its
// row, by one tile or another, and of what lies in its inputs nothing else (but for windows with gaps or borders).
void check_reads(const Graph& graph, const Plan& plan);

} // namespace systolica
