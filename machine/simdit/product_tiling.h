// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// Which part of a product a tile of SimDIT's machine takes. Half of each scratchpad holds it. In this order: as much
// of the kernel as fits with one pass over the array, input channels, output positions, images, output channels.
#pragma once

#include "machine/simdit/config.h"
#include "machine/simdit/work.h"

namespace systolica {

// The largest tile; those that run are evened out (split.h).
struct SimditProductTiling {
    std::uint64_t in_channels = 1, out_channels = 1;               // multiples of the array's sides
    std::uint64_t padded_in_channels = 1, padded_out_channels = 1; // of the whole product
    std::uint64_t kernel_h = 1, kernel_w = 1;
    std::uint64_t out_h = 1, out_w = 1;
    std::uint64_t images = 1;
};

// `product` is a part (work.h); `config` has no shortage.
SimditProductTiling simdit_tiling(const SimditConfig& config, const SimditProduct& product);

// Input positions under so many outputs: padding is loaded like data.
constexpr std::uint64_t simdit_window(std::uint64_t outputs, std::uint64_t stride, std::uint64_t kernel,
                                      std::uint64_t dilation) {
    return (outputs - 1) * stride + (kernel - 1) * dilation + 1;
}

} // namespace systolica
