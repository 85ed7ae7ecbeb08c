// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// An operation as the mapper sees it: a windowed loop nest over images, rows, columns and channels, with what it needs
// from memory. Matrix layers (convolution, fully connected) and vector layers (pooling, element-wise, softmax) are the
// same nest; a vector layer has one input channel an output channel and no filter.
#pragma once

#include <cstdint>
#include <vector>

#include "machine/tile_config.h"
#include "mapping/axis.h"
#include "workloads/graph.h"

namespace systolica {

struct Layer {
    Axis rows;
    Axis columns;
    std::uint64_t images = 1; // 1 where images can be stacked into rows (no window crosses rows)
    std::uint64_t in_channels = 1;
    std::uint64_t out_channels = 1;
    std::uint64_t groups = 1; // vector layers: as many as channels
    bool matrix = false;
    bool bias = false;
    bool whole_channels = false; // every step needs all channels (softmax)
    std::uint64_t row_unit = 1;  // rows of one image where images are stacked, for a split by batch

    // What the vector unit does to each output element, after the sums (matrix) or as the work itself.
    struct Stage {
        VectorKernel kernel = VectorKernel::none;
        std::uint32_t taps = 1;
        std::uint32_t operation = 0; // row of the plan
    };
    std::vector<Stage> stages;
    unsigned channel_constants = 0; // accumulator-wide values a channel that the vector unit needs (batch-norm: 2)
    unsigned extra_operands = 0;    // further tensors read element by element beside the window input (residual add)

    std::uint64_t kernel_positions() const { return rows.kernel * columns.kernel; }
    std::uint64_t in_group() const { return in_channels / groups; }   // input channels of a group
    std::uint64_t out_group() const { return out_channels / groups; } // output channels of a group
    bool grouped() const { return groups > 1 || !matrix; }            // output channels need only their input channels
    std::uint64_t out_elements() const { return images * rows.out * columns.out * out_channels; }
};

// The window part of a layer: shapes only, no stages.
Layer make_layer(const Graph& graph, const Operator& op);

struct FoldedWindow {
    std::uint64_t width = 1;
    std::uint64_t height = 1;
};

// A convolution whose windows cover whole rows (or the whole image) is one with fewer, larger pixels: what was width
// (and height) becomes channels, and sums can be cut into chunks along it. Returns how much was folded.
FoldedWindow fold_whole_windows(Layer& layer);

// The layer of one group of a grouped convolution.
Layer one_group(const Layer& layer);

} // namespace systolica
