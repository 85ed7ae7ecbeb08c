// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// One operation for SimDIT's machine in neutral terms: a matrix product as a loop nest, or work of the SIMD array by
// its kind and shape.
#pragma once

#include <cstdint>
#include <variant>
#include <vector>

namespace systolica {

// For each image, group, output position, output channel, kernel position and input channel a MAC.
struct SimditProduct {
    // SimDIT keeps the partial sums of a fully connected layer on chip when there is one image, never those of a
    // convolution.
    bool fully_connected = false;
    bool result_stays = false; // fused: the next operation, of the SIMD array, takes each tile from the output buffer
    std::uint64_t following_cycles = 0; // of that operation; loads of the array's next tile go on meanwhile

    std::uint64_t images = 1;
    std::uint64_t groups = 1;
    std::uint64_t in_channels = 1, out_channels = 1; // of a group
    std::uint64_t out_h = 1, out_w = 1;
    std::uint64_t kernel_h = 1, kernel_w = 1;
    std::uint64_t stride_h = 1, stride_w = 1;
    std::uint64_t dilation_h = 1, dilation_w = 1;             // distance of the kernel's elements
    std::uint64_t input_dilation_h = 1, input_dilation_w = 1; // distance of the input's; what is between is skipped
};

// A product that is carried out as it stands, so many times over.
struct SimditPart {
    SimditProduct product; // one group, input not dilated
    std::uint64_t times = 1;
};

// Groups run one after the other. Output positions of a dilated input that meet the same of the kernel's elements are
// a product each; the zeros between are never multiplied.
std::vector<SimditPart> simdit_parts(const SimditProduct& product);

enum class SimditVectorKind : std::uint8_t {
    element_wise, // `reads` operands, `writes` results, `steps` operations of one cycle an element
    channel_sums, // over images and positions: gradient of a bias
    max_pool,
    avg_pool, // and global
    max_pool_gradient,
    avg_pool_gradient,
    norm_statistics, // of a batch-norm: mean and 1 / deviation
    normalise,
    norm_gradient_sums,  // with the normalised input written for the pass that follows
    norm_gradient_input, // from the sums
    softmax,             // over channels
};

struct SimditVector {
    SimditVectorKind kind = SimditVectorKind::element_wise;
    std::uint64_t images = 1, channels = 1, h = 1, w = 1; // of the result; pool gradients: of the forward result
    std::uint64_t kernel_h = 1, kernel_w = 1;             // pools
    std::uint64_t stride_h = 1, stride_w = 1;
    unsigned reads = 1, writes = 1, steps = 1; // element_wise
    bool immediate = false;                    // element_wise: an operand of the first step is a constant
    bool operand_stays = false;                // one operand comes from the array's output buffer
    bool feeds_array = false;                  // written with the array's bits, otherwise with the accumulator's
};

using SimditWork = std::variant<SimditProduct, SimditVector>;

} // namespace systolica
