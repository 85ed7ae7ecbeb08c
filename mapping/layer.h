// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// An operation as the mapper sees it: a windowed loop nest over images, rows, columns and channels, with what it needs
// from memory. Matrix layers (convolution, fully connected) and vector layers (pooling, element-wise, softmax) are the
// same nest; a vector layer has one input channel an output channel and no filter.
#pragma once

#include <array>
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

// Bytes of an element of the window input, of weights or the second factor, and of the result.
struct ElementBytes {
    std::uint64_t input = 1;
    std::uint64_t filter = 1;
    std::uint64_t output = 1;
};

// A tensor that is read at the place of each result, beside the window input.
struct OperandForm {
    Stretch stretch; // axes that it lacks
    std::uint64_t bytes = 1;
};

// A tensor that is written beside the output: sums over the axes that it lacks. So many values of so many bytes a
// position.
struct ResultForm {
    Stretch lacks;
    std::uint64_t values = 1;
    std::uint64_t bytes = 1;
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
    bool whole_rows = false;     // a tile takes whole images (sums over the rows of each)
    bool images_apart = false;   // rows of several images do not follow each other in all tensors
    bool output = true;          // false: only `results` are written
    std::uint64_t row_unit = 1;  // rows of one image where images are stacked, for a split by batch

    // What the vector unit does to each output element, after the sums (matrix) or as the work itself.
    struct Stage {
        VectorKernel kernel = VectorKernel::none;
        std::uint32_t taps = 1;
        std::uint32_t operation = 0; // row of the plan
    };
    std::vector<Stage> stages;
    std::uint64_t constant_bytes = 0;  // a channel, that the vector unit needs (batch-norm: scale and shift)
    std::vector<OperandForm> operands; // as Group::operands
    std::vector<ResultForm> results;   // as Group::results
    ElementBytes bytes;

    // A weight gradient: windows are those of the forward pass, the result is a kernel for each pair of channels, sums
    // run over images and positions. Where zeros between the gradient's elements are multiplied (`dilated`), the sums
    // take `spread` positions for each row and column, and more kernel positions may be formed than the result has.
    bool weight_gradient = false;
    std::array<std::uint64_t, 2> spread{1, 1};
    std::uint64_t formed_positions = 0; // of the kernel; 0: as many as it has

    std::uint64_t kernel_positions() const { return rows.kernel * columns.kernel; }
    std::uint64_t formed() const { return formed_positions == 0 ? kernel_positions() : formed_positions; }
    // Terms of the sums of a weight gradient, of so many rows of an image.
    std::uint64_t terms(const Range& of_rows) const {
        const std::uint64_t tall = of_rows.size() * spread[0] - (of_rows.end == rows.out ? spread[0] - 1 : 0);
        return tall * ((columns.out - 1) * spread[1] + 1);
    }
    std::uint64_t in_group() const { return in_channels / groups; }   // input channels of a group
    std::uint64_t out_group() const { return out_channels / groups; } // output channels of a group
    bool grouped() const { return groups > 1 || !matrix; }            // output channels need only their input channels
    void set_bytes(const Precision& precision) {                      // of inference
        bytes = {precision.activation_bytes(), product ? precision.activation_bytes() : precision.weight_bytes(),
                 precision.activation_bytes()};
    }
    std::uint64_t macs() const;
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
