// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "machine/simdit/product_tiling.h"

#include "machine/simdit/tile_search.h"

namespace systolica {

namespace {

// Up to here a kernel is never cut and output positions are cut evenly; larger ones leave a remainder.
constexpr std::uint64_t kEvenKernel = 3;

// What a tile takes of the scratchpads.
class Occupancy {
public:
    Occupancy(const SimditConfig& config, const SimditProduct& product) : config_(config), product_(product) {}

    bool holds(const SimditProductTiling& tile) const {
        return weights(tile) && ifmap(tile) && ofmap(tile) &&
               tile.out_channels * config_.bias_bits <= half(config_.bias_buffer_bytes);
    }
    bool weights(const SimditProductTiling& tile) const {
        return tile.kernel_h * tile.kernel_w * tile.in_channels * tile.out_channels * config_.weight_bits <=
               half(config_.weight_buffer_bytes);
    }
    bool ifmap(const SimditProductTiling& tile) const {
        const std::uint64_t h = simdit_window(tile.out_h, product_.stride_h, tile.kernel_h, product_.dilation_h);
        const std::uint64_t w = simdit_window(tile.out_w, product_.stride_w, tile.kernel_w, product_.dilation_w);
        return h * w * tile.in_channels * tile.images * config_.activation_bits <= half(config_.ifmap_buffer_bytes);
    }
    bool ofmap(const SimditProductTiling& tile) const {
        return tile.out_h * tile.out_w * tile.out_channels * tile.images * config_.accumulator_bits <=
               half(config_.ofmap_buffer_bytes);
    }

private:
    static std::uint64_t half(std::uint64_t bytes) { return bytes * 8 / 2; }

    const SimditConfig& config_;
    const SimditProduct& product_;
};

} // namespace

SimditProductTiling simdit_tiling(const SimditConfig& config, const SimditProduct& product) {
    const Occupancy occupancy(config, product);
    SimditProductTiling tile;
    tile.in_channels = config.rows;
    tile.out_channels = config.cols;
    tile.padded_in_channels = padded(product.in_channels, config.rows);
    tile.padded_out_channels = padded(product.out_channels, config.cols);

    const auto with = [&tile](const auto& change) {
        SimditProductTiling candidate = tile;
        change(candidate);
        return candidate;
    };
    const auto with_kernel = [&](const SimditExtent& kernel) {
        return with([&](SimditProductTiling& t) { t.kernel_h = kernel.h, t.kernel_w = kernel.w; });
    };
    const auto with_positions = [&](const SimditExtent& out) {
        return with([&](SimditProductTiling& t) { t.out_h = out.h, t.out_w = out.w; });
    };
    const auto with_in_channels = [&](std::uint64_t count) {
        return with([&](SimditProductTiling& t) { t.in_channels = count; });
    };
    const auto with_images = [&](std::uint64_t count) {
        return with([&](SimditProductTiling& t) { t.images = count; });
    };
    const auto with_out_channels = [&](std::uint64_t count) {
        return with([&](SimditProductTiling& t) { t.out_channels = count; });
    };
    const auto operands_fit = [&](const SimditProductTiling& t) { return occupancy.weights(t) && occupancy.ifmap(t); };
    const auto positions_fit = [&](const SimditExtent& out) {
        const SimditProductTiling t = with_positions(out);
        return occupancy.ifmap(t) && occupancy.ofmap(t);
    };

    tile = with_kernel(largest_part({product.kernel_h, product.kernel_w},
                                    [&](const SimditExtent& kernel) { return operands_fit(with_kernel(kernel)); }));
    tile = with_in_channels(largest_multiple(config.rows, tile.padded_in_channels, [&](std::uint64_t count) {
        return operands_fit(with_in_channels(count));
    }));
    const SimditExtent positions{product.out_h, product.out_w};
    const bool even = product.kernel_h <= kEvenKernel && product.kernel_w <= kEvenKernel;
    tile = with_positions(even ? largest_even_part(positions, positions_fit) : largest_part(positions, positions_fit));
    tile = with_images(
        largest_divisor(product.images, [&](std::uint64_t count) { return occupancy.holds(with_images(count)); }));
    tile = with_out_channels(largest_multiple(config.cols, tile.padded_out_channels, [&](std::uint64_t count) {
        return occupancy.holds(with_out_channels(count));
    }));
    return tile;
}

} // namespace systolica
