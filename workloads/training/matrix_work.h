// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// The product behind an operation of training, as a GEMM and as a loop nest.
#pragma once

#include <cstdint>

#include "workloads/graph.h"

namespace systolica {

// Gradients of a strided convolution. direct: zeros between the elements of a gradient are never multiplied. dilated:
// they are, as on machines that know only convolutions: the input gradient is a convolution of stride 1 over the
// dilated gradient, the weight gradient one with the dilated gradient as its kernel (SimDIT).
enum class BackwardLowering : std::uint8_t { direct, dilated };

struct MatrixWork {
    GemmShape gemm; // what is multiplied

    // The loop nest: for each image, group, output position, output channel, kernel position and input channel a MAC.
    // In a weight gradient the forward input's channels are images, the batch is the channels that are summed over.
    std::uint64_t images = 0;
    std::uint64_t in_channels = 0, out_channels = 0; // of a group
    std::uint64_t groups = 0;                        // 0: no product
    std::uint64_t out_h = 0, out_w = 0;
    std::uint64_t kernel_h = 0, kernel_w = 0;
    std::uint64_t stride_h = 1, stride_w = 1;                   // of the window
    std::uint64_t kernel_dilation_h = 1, kernel_dilation_w = 1; // distance of the kernel's elements
    std::uint64_t input_dilation_h = 1, input_dilation_w = 1;   // direct: distance of the input's elements, skipped

    std::uint64_t macs() const { return gemm.macs(); }
};

MatrixWork forward_work(const Graph& graph, const Operator& op);
MatrixWork input_gradient_work(const Graph& graph, const Operator& op, BackwardLowering lowering);
MatrixWork weight_gradient_work(const Graph& graph, const Operator& op, BackwardLowering lowering);
// Of a product of two activations: the gradient of its first or second input.
MatrixWork operand_gradient_work(const Graph& graph, const Operator& op, std::size_t which);

// MACs of the loop nest of a forward product or a dilated gradient on an array that takes channels in groups of `rows`
// (input) and `cols` (output), as SimDIT counts. Saturates at 2^64 - 1.
std::uint64_t padded_macs(const MatrixWork& work, std::uint64_t rows, std::uint64_t cols);

} // namespace systolica
