// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "machine/simdit/vector_schedule.h"

#include "base/integer.h"
#include "machine/simdit/product_tiling.h"
#include "machine/simdit/repeat.h"
#include "machine/simdit/vector_recipe.h"

namespace systolica {

namespace {

class Schedule {
public:
    Schedule(const SimditConfig& config, const SimditVector& work)
        : config_(config),
          work_(work),
          recipe_(simdit_recipe(config, work)),
          tile_(simdit_tiling(config, work)),
          result_bits_(work.feeds_array ? config.activation_bits : config.accumulator_bits),
          plane_(tile_.channels * tile_.images),
          small_(plane_ * tile_.h * tile_.w),
          large_(plane_ * simdit_window(tile_.h, work.stride_h, tile_.kernel_h, 1) *
                 simdit_window(tile_.w, work.stride_w, tile_.kernel_w, 1)) {}

    std::vector<SimditVectorStep> build() {
        const double groups = simdit_tiles(tile_.padded_channels, tile_.channels);
        const double tiles = groups * simdit_tiles(work_.images, tile_.images) * simdit_tiles(work_.h, tile_.h) *
                             simdit_tiles(work_.w, tile_.w);
        const bool window = recipe_.window_loads + recipe_.window_stores > 0;
        const double pieces =
            window ? simdit_tiles(work_.kernel_h, tile_.kernel_h) * simdit_tiles(work_.kernel_w, tile_.kernel_w) : 1;
        repeat(steps_, channel_step(), groups);
        SimditVectorStep whole = tile_step();
        const SimditVectorStep piece = piece_step();
        if (pieces > 1 + kSimditNoTile) {
            repeat(steps_, piece, tiles * pieces);
        } else {
            whole.compute_cycles = piece.compute_cycles + element_cycles();
            whole.loads[1] = piece.loads[1];
            whole.stores[1] = piece.stores[1];
        }
        repeat(steps_, whole, tiles);
        return std::move(steps_);
    }

private:
    std::uint64_t vectors() const { return small_ / config_.lanes; }
    std::uint64_t element_cycles() const { return vectors() * recipe_.each_element.cycles; }
    std::uint64_t fill_cycles() const {
        return std::uint64_t{recipe_.pipeline_fills} * simdit_fill_cycles(config_.pipeline_stages, config_.lanes);
    }
    static std::uint64_t bytes(std::uint64_t elements, unsigned bits) { return ceil_div(elements * bits, 8); }

    // What happens once a group of channels.
    SimditVectorStep channel_step() const {
        SimditVectorStep step;
        step.vectors = tile_.channels / config_.lanes;
        step.compute_cycles = step.vectors * recipe_.each_channel.cycles;
        step.loads[0] = {recipe_.channel_loads, bytes(tile_.channels, config_.accumulator_bits)};
        step.stores[0] = {recipe_.channel_stores, bytes(tile_.channels, result_bits_)};
        return step;
    }
    SimditVectorStep tile_step() const {
        SimditVectorStep step;
        step.vectors = vectors();
        step.compute_cycles = element_cycles() + fill_cycles();
        const unsigned there = work_.operand_stays && recipe_.loads > 0 ? 1 : 0;
        step.loads[0] = {recipe_.loads - there, bytes(small_, config_.accumulator_bits)};
        step.stores[0] = {recipe_.stores, bytes(small_, result_bits_)};
        step.stores[2] = {recipe_.spills, bytes(small_, config_.accumulator_bits)};
        return step;
    }
    // A part of a pool's windows.
    SimditVectorStep piece_step() const {
        SimditVectorStep step;
        step.vectors = vectors();
        step.compute_cycles = vectors() * tile_.kernel_h * tile_.kernel_w * recipe_.each_tap.cycles + fill_cycles();
        step.loads[1] = {recipe_.window_loads, bytes(large_, config_.accumulator_bits)};
        step.stores[1] = {recipe_.window_stores, bytes(large_, result_bits_)};
        return step;
    }

    const SimditConfig& config_;
    const SimditVector& work_;
    const SimditVectorRecipe recipe_;
    const SimditVectorTiling tile_;
    const unsigned result_bits_;
    const std::uint64_t plane_;
    const std::uint64_t small_, large_; // elements of a tile on either side of a pool
    std::vector<SimditVectorStep> steps_;
};

} // namespace

SimditVectorStep SimditVectorStep::scaled(double fraction) const {
    SimditVectorStep step;
    step.compute_cycles = simdit_scaled(compute_cycles, fraction);
    step.vectors = simdit_scaled(vectors, fraction);
    for (std::size_t i = 0; i < loads.size(); ++i) {
        step.loads[i] = {loads[i].count, simdit_scaled(loads[i].bytes, fraction)};
    }
    for (std::size_t i = 0; i < stores.size(); ++i) {
        step.stores[i] = {stores[i].count, simdit_scaled(stores[i].bytes, fraction)};
    }
    return step;
}

std::vector<SimditVectorStep> simdit_schedule(const SimditConfig& config, const SimditVector& work) {
    return Schedule(config, work).build();
}

} // namespace systolica
