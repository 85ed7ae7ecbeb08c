// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "machine/simdit/product_schedule.h"

#include "base/integer.h"
#include "machine/simdit/repeat.h"

#include <algorithm>

namespace systolica {

namespace {

class Schedule {
public:
    Schedule(const SimditConfig& config, const SimditProduct& product)
        : config_(config),
          product_(product),
          tile_(simdit_tiling(config, product)),
          outputs_(simdit_tiles(tile_.padded_out_channels, tile_.out_channels)),
          inputs_(simdit_tiles(tile_.padded_in_channels, tile_.in_channels)),
          sums_(inputs_ * simdit_tiles(product.kernel_h, tile_.kernel_h) *
                simdit_tiles(product.kernel_w, tile_.kernel_w)),
          places_(simdit_tiles(product.images, tile_.images) * simdit_tiles(product.out_h, tile_.out_h) *
                  simdit_tiles(product.out_w, tile_.out_w)) {
        const std::uint64_t positions = tile_.out_h * tile_.out_w * tile_.images;
        // A vector of inputs enters each cycle for each pass over the array, then the array fills and drains.
        step_.compute_cycles = positions * tile_.kernel_h * tile_.kernel_w * (tile_.in_channels / config.rows) *
                                   (tile_.out_channels / config.cols) +
                               (config.rows - 1) + (config.cols - 1);
        const std::uint64_t in_h = simdit_window(tile_.out_h, product.stride_h, tile_.kernel_h, product.dilation_h);
        const std::uint64_t in_w = simdit_window(tile_.out_w, product.stride_w, tile_.kernel_w, product.dilation_w);
        ifmap_ = ceil_div(in_h * in_w * tile_.in_channels * tile_.images * config.activation_bits, 8);
        weights_ =
            ceil_div(tile_.kernel_h * tile_.kernel_w * tile_.in_channels * tile_.out_channels * config.weight_bits, 8);
        bias_ = ceil_div(tile_.out_channels * config.bias_bits, 8);
        results_ = ceil_div(positions * tile_.out_channels * config.accumulator_bits, 8);
    }

    std::vector<SimditProductStep> build() {
        const bool stay = product_.fully_connected && product_.images * product_.out_h * product_.out_w == 1;
        SimditProductStep first = transfers(ifmap_, weights_, bias_, 0, 0);
        first.compute_cycles = 0;
        repeat(steps_, first, 1);
        if (!stay) {
            spilling();
        } else if (tile_.in_channels == tile_.padded_in_channels) {
            whole_sums();
        } else {
            staying_sums();
        }
        if (!product_.result_stays) {
            SimditProductStep last = transfers(0, 0, 0, 0, results_);
            last.compute_cycles = 0;
            repeat(steps_, last, 1);
        }
        return std::move(steps_);
    }

private:
    SimditProductStep transfers(std::uint64_t ifmap, std::uint64_t weights, std::uint64_t bias, std::uint64_t psum_load,
                                std::uint64_t store) const {
        SimditProductStep step = step_;
        step.ifmap_bytes = ifmap;
        step.weight_bytes = weights;
        step.bias_bytes = bias;
        step.psum_load_bytes = psum_load;
        step.store_bytes = store;
        return step;
    }

    // Steps between the first and the last. Where results stay, those steps that end with them store nothing, and the
    // SIMD array takes its turn.
    void add(SimditProductStep step, double times) {
        if (!product_.result_stays) {
            return repeat(steps_, step, times);
        }
        const double finished = config_.fused_tiles_wait ? 1 / sums_ : share_without_waiting();
        repeat(steps_, step, times * (1 - finished));
        step.store_bytes = 0;
        if (config_.fused_tiles_wait) {
            step.following_cycles =
                static_cast<std::uint64_t>(static_cast<double>(product_.following_cycles) / (outputs_ * places_));
        } else {
            step.ifmap_bytes = step.weight_bytes = step.bias_bytes = step.psum_load_bytes = 0;
        }
        repeat(steps_, step, times * finished);
    }

    // SimDIT: all results but two, of all tiles but two.
    double share_without_waiting() const {
        const double tiles = outputs_ * sums_ * places_;
        return tiles > 2 ? std::max(0.0, (outputs_ * places_ - 2) / (tiles - 2)) : 0;
    }

    // The general case: partial sums of each place go to DRAM and come back. Kinds of steps by what the next tile is.
    // The second tile's inputs are loaded while nothing is to be stored, the last but one's results stored while
    // nothing is to be loaded.
    void spilling() {
        const double weight_tiles = outputs_ * sums_;
        const double begun = outputs_ * (places_ - 1) - 1; // same weights, new sums
        const bool free = product_.result_stays && !config_.fused_tiles_wait;
        if (free && weight_tiles * places_ < 2 + kSimditNoTile) {
            return two_tiles_without_waiting();
        }
        add(transfers(ifmap_, 0, 0, results_, results_), (places_ - 1) * (weight_tiles - outputs_));
        add(transfers(ifmap_, weights_, 0, results_, results_), weight_tiles - outputs_);
        add(transfers(ifmap_, weights_, bias_, 0, results_), outputs_ - 1);
        add(transfers(ifmap_, 0, 0, 0, results_), begun < 0 ? 1 + begun : begun);
        const SimditProductStep load = transfers(ifmap_, 0, 0, 0, 0);
        const SimditProductStep store = transfers(0, 0, 0, 0, results_);
        const bool few = begun < -kSimditNoTile;
        if (free) { // SimDIT has the second tile's inputs waited for in any case
            repeat(steps_, load, 1);
            repeat(steps_, step_, few ? 0 : 1);
        } else if (product_.result_stays) {
            add(few ? step_ : load, 1);
            add(step_, few ? 0 : 1);
        } else if (few) {
            // Where each weight is for one place, SimDIT's count of ordinary steps is negative, by one at most: that
            // takes away the longer of these two transfers.
            const bool load_is_shorter =
                cycles(ifmap_, config_.ifmap_bits_per_cycle) < cycles(results_, config_.ofmap_bits_per_cycle);
            repeat(steps_, load_is_shorter ? load : store, 1);
        } else {
            repeat(steps_, load, 1);
            repeat(steps_, store, 1);
        }
    }

    // SimDIT has no average to take away here and leaves the longer of two waits: for the second tile's inputs, which
    // it has even if there is none, or for its weights.
    void two_tiles_without_waiting() {
        const double busy = static_cast<double>(step_.compute_cycles);
        const double weights = cycles(weights_, weight_interface_bits(config_)) - busy;
        const double inputs = cycles(ifmap_, config_.ifmap_bits_per_cycle) - busy;
        const double second = outputs_ * places_ * sums_ - 1;
        const bool weights_last = (outputs_ - 1) * weights > std::max(0.0, inputs);
        repeat(steps_, weights_last ? step_ : transfers(ifmap_, 0, 0, 0, 0), 1);
        repeat(steps_, weights_last ? transfers(ifmap_, weights_, bias_, 0, 0) : step_, second);
    }

    static double cycles(std::uint64_t bytes, unsigned bits_per_cycle) {
        return std::ceil(static_cast<double>(bytes) * 8 / bits_per_cycle);
    }

    // One vector of inputs that stays as a whole while weights pass by.
    void whole_sums() {
        if (outputs_ < 2) {
            return repeat(steps_, step_, outputs_);
        }
        repeat(steps_, transfers(0, weights_, bias_, 0, 0), 1);
        repeat(steps_, transfers(0, weights_, bias_, 0, stored()), outputs_ - 2);
        repeat(steps_, transfers(0, 0, 0, 0, stored()), 1);
    }

    // Inputs and weights pass by, sums stay until they are complete.
    void staying_sums() {
        double begin = outputs_ - 1; // new outputs
        double end = outputs_ - 1;   // the ones before are stored
        double plain = outputs_ * (sums_ - 2) + 1;
        const double both = std::max(0.0, -plain);
        begin -= both;
        end -= both;
        repeat(steps_, transfers(ifmap_, weights_, 0, 0, 0), std::max(0.0, plain));
        repeat(steps_, transfers(ifmap_, weights_, bias_, 0, 0), begin);
        repeat(steps_, transfers(ifmap_, weights_, 0, 0, stored()), end);
        repeat(steps_, transfers(ifmap_, weights_, bias_, 0, stored()), both);
        repeat(steps_, step_, 1);
    }
    std::uint64_t stored() const { return product_.result_stays ? 0 : results_; }

    const SimditConfig& config_;
    const SimditProduct& product_;
    const SimditProductTiling tile_;
    const double outputs_; // tiles of output channels
    const double inputs_;  // of input channels
    const double sums_;    // that add up to one result: of input channels and kernel
    const double places_;  // that share weights: of images and positions
    SimditProductStep step_;
    std::uint64_t ifmap_ = 0, weights_ = 0, bias_ = 0, results_ = 0; // bytes of a tile
    std::vector<SimditProductStep> steps_;
};

} // namespace

SimditProductStep SimditProductStep::scaled(double fraction) const {
    SimditProductStep step;
    step.compute_cycles = simdit_scaled(compute_cycles, fraction);
    step.following_cycles = simdit_scaled(following_cycles, fraction);
    step.ifmap_bytes = simdit_scaled(ifmap_bytes, fraction);
    step.weight_bytes = simdit_scaled(weight_bytes, fraction);
    step.bias_bytes = simdit_scaled(bias_bytes, fraction);
    step.psum_load_bytes = simdit_scaled(psum_load_bytes, fraction);
    step.store_bytes = simdit_scaled(store_bytes, fraction);
    return step;
}

std::vector<SimditProductStep> simdit_schedule(const SimditConfig& config, const SimditProduct& product) {
    return Schedule(config, product).build();
}

} // namespace systolica
