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

// A tensor that lacks axes of the output and is read again along them.
struct Stretch {
    bool images = false, rows = false, columns = false, channels = false;

    bool any() const { return images || rows || columns || channels; }
};

struct Layer {
    Axis rows;
    Axis columns;
    std::uint64_t images = 1; // 1 where images can be stacked into rows (no window crosses rows)
    std::uint64_t in_channels = 1;
    std::uint64_t out_channels = 1;
    std::uint64_t groups = 1; // vector layers: as many as channels
    bool matrix = false;
    bool bias = false;
    bool product = false;        // of two activations: the filter is a tensor
    bool whole_channels = false; // every step needs all channels (softmax)
    bool images_apart = false;   // rows of several images do not follow each other in all tensors
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
    std::vector<Stretch> stretched; // further tensors that are smaller than the output

    std::uint64_t kernel_positions() const { return rows.kernel * columns.kernel; }
    std::uint64_t in_group() const { return in_channels / groups; }   // input channels of a group
    std::uint64_t out_group() const { return out_channels / groups; } // output channels of a group
    bool grouped() const { return groups > 1 || !matrix; }            // output channels need only their input channels
    std::uint64_t filter_bytes(const Precision& precision) const {    // of an element
        return product ? precision.activation_bytes() : precision.weight_bytes();
    }
    std::uint64_t macs() const { return matrix ? out_elements() * in_group() * kernel_positions() : 0; }
    std::uint64_t out_elements() const { return images * rows.out * columns.out * out_channels; }
};

// The window part of a layer: shapes only, no stages. An operator along an axis other than channels is seen with that
// axis and channels exchanged (mapping/access.h), a transpose from its result.
Layer make_layer(const Graph& graph, const Operator& op, bool images_apart = false);

// A layer that works on each element of such a tensor alone.
Layer element_layer(const Shape& shape, bool images_apart);

// Where images can be stacked into rows, they are.
void stack_images(Layer& layer);

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
