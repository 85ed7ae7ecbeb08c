// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "machine/simdit/product_tiling.h"
#include "machine/simdit/tile_search.h"
#include "machine/simdit/vector_schedule.h"

namespace systolica {

namespace {

bool is_pool(SimditVectorKind kind) {
    return kind == SimditVectorKind::max_pool || kind == SimditVectorKind::avg_pool ||
           kind == SimditVectorKind::max_pool_gradient || kind == SimditVectorKind::avg_pool_gradient;
}

bool is_norm(SimditVectorKind kind) {
    return kind == SimditVectorKind::norm_statistics || kind == SimditVectorKind::normalise ||
           kind == SimditVectorKind::norm_gradient_sums || kind == SimditVectorKind::norm_gradient_input;
}

// What a tile takes of the two scratchpads, all of it in the accumulator's bits. One buffer decides for most kinds:
// the other one holds as much or less.
class Occupancy {
public:
    Occupancy(const SimditConfig& config, const SimditVector& work) : config_(config), work_(work) {}

    bool holds(const SimditVectorTiling& tile) const {
        const std::uint64_t plane = tile.channels * tile.images;
        const std::uint64_t small = tile.h * tile.w * plane;
        const std::uint64_t large = is_pool(work_.kind)
                                        ? simdit_window(tile.h, work_.stride_h, tile.kernel_h, 1) *
                                              simdit_window(tile.w, work_.stride_w, tile.kernel_w, 1) * plane
                                        : small;
        const std::uint64_t words1 = config_.vector1_buffer_bytes * 8 / config_.accumulator_bits;
        const std::uint64_t words2 = config_.vector2_buffer_bytes * 8 / config_.accumulator_bits;
        switch (work_.kind) {
        case SimditVectorKind::max_pool_gradient: // gradient and result; index and a vector beside them
            return large + small <= words1 && small + config_.lanes <= words2;
        case SimditVectorKind::norm_statistics: // data and a vector; mean and deviation
            return small + config_.lanes <= words1 && 2 * tile.channels <= words2;
        case SimditVectorKind::normalise: // data; mean, deviation, scale and shift
            return small <= words1 && 4 * tile.channels <= words2;
        case SimditVectorKind::norm_gradient_sums: // gradient and three values a channel
        case SimditVectorKind::norm_gradient_input:
            return small + 3 * tile.channels <= words2;
        default:
            return large <= words1;
        }
    }

private:
    const SimditConfig& config_;
    const SimditVector& work_;
};

} // namespace

// Positions first. Then images before channels for batch-norms, whose channels lie in different sums; channels before
// images for the rest.
SimditVectorTiling simdit_tiling(const SimditConfig& config, const SimditVector& work) {
    const Occupancy occupancy(config, work);
    SimditVectorTiling tile;
    tile.padded_channels = padded(work.channels, config.lanes);
    tile.channels = config.lanes;

    const auto fits = [&](const auto& change) {
        SimditVectorTiling candidate = tile;
        change(candidate);
        return occupancy.holds(candidate);
    };
    if (is_pool(work.kind)) {
        const SimditExtent kernel = largest_part({work.kernel_h, work.kernel_w}, [&](const SimditExtent& part) {
            return fits([&](SimditVectorTiling& t) { t.kernel_h = part.h, t.kernel_w = part.w; });
        });
        tile.kernel_h = kernel.h;
        tile.kernel_w = kernel.w;
    }
    const SimditExtent positions = largest_even_part({work.h, work.w}, [&](const SimditExtent& part) {
        return fits([&](SimditVectorTiling& t) { t.h = part.h, t.w = part.w; });
    });
    tile.h = positions.h;
    tile.w = positions.w;
    const auto grow_images = [&] {
        tile.images = largest_divisor(
            work.images, [&](std::uint64_t count) { return fits([&](SimditVectorTiling& t) { t.images = count; }); });
    };
    if (is_norm(work.kind)) {
        grow_images();
    }
    tile.channels = largest_multiple(config.lanes, tile.padded_channels, [&](std::uint64_t count) {
        return fits([&](SimditVectorTiling& t) { t.channels = count; });
    });
    if (!is_norm(work.kind)) {
        grow_images();
    }
    return tile;
}

} // namespace systolica
