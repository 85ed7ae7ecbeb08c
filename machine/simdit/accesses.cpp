// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "machine/simdit/accesses.h"

#include "machine/simdit/product_tiling.h"
#include "machine/simdit/repeat.h"
#include "machine/simdit/vector_recipe.h"
#include "machine/simdit/vector_schedule.h"

#include <cmath>

namespace systolica {

namespace {

double bytes(double elements, unsigned bits) {
    return elements * bits / 8;
}

void add_part(const SimditConfig& config, const SimditProduct& product, double times, SimditAccesses& sum) {
    const SimditProductTiling tile = simdit_tiling(config, product);
    const auto as_double = [](std::uint64_t value) { return static_cast<double>(value); };
    const double images = simdit_tiles(product.images, tile.images);
    const double out_h = simdit_tiles(product.out_h, tile.out_h);
    const double out_w = simdit_tiles(product.out_w, tile.out_w);
    const double outputs = simdit_tiles(tile.padded_out_channels, tile.out_channels);
    const double inputs = simdit_tiles(tile.padded_in_channels, tile.in_channels);
    const double kernels =
        simdit_tiles(product.kernel_h, tile.kernel_h) * simdit_tiles(product.kernel_w, tile.kernel_w);
    const double begun_sums = std::ceil(inputs) * std::ceil(simdit_tiles(product.kernel_h, tile.kernel_h)) *
                              std::ceil(simdit_tiles(product.kernel_w, tile.kernel_w));
    const double results =
        as_double(product.images * product.out_h * product.out_w) * as_double(tile.padded_out_channels);
    const double weights =
        as_double(product.kernel_h * product.kernel_w * tile.padded_in_channels) * as_double(tile.padded_out_channels);
    const double window = as_double(simdit_window(tile.out_h, product.stride_h, tile.kernel_h, product.dilation_h) *
                                    simdit_window(tile.out_w, product.stride_w, tile.kernel_w, product.dilation_w) *
                                    tile.in_channels * tile.images);
    const double input_tiles = images * out_h * out_w * inputs * kernels;
    const bool sums_stay = product.fully_connected && product.images * product.out_h * product.out_w == 1;

    sum.dram_weight += times * bytes(weights, config.weight_bits);
    sum.dram_bias += times * bytes(as_double(tile.padded_out_channels), config.bias_bits);
    // SimDIT has one vector loaded for all output channels even where its time says that it stays.
    sum.dram_ifmap +=
        times * bytes(window * input_tiles * (sums_stay ? outputs : std::ceil(outputs)), config.activation_bits);
    sum.dram_psum += sums_stay ? 0 : times * bytes(results * (2 * begun_sums - 2), config.accumulator_bits);
    sum.dram_ofmap += product.result_stays ? 0 : times * bytes(results, config.accumulator_bits);

    // Nothing is kept in the array: each cycle takes a vector of inputs and a whole array of weights.
    const double passes = as_double(tile.in_channels / config.rows * tile.kernel_h * tile.kernel_w) * begun_sums;
    const double begun_positions =
        as_double(tile.out_h * tile.out_w * tile.images) * std::ceil(images) * std::ceil(out_h) * std::ceil(out_w);
    const double input_vectors = as_double(product.images * product.out_h * product.out_w * product.kernel_h *
                                           product.kernel_w * tile.padded_in_channels) *
                                 as_double(tile.out_channels / config.cols) * std::ceil(outputs);
    sum.macs += times * results * as_double(product.kernel_h * product.kernel_w * tile.padded_in_channels);
    sum.weight_buffer += times * bytes(weights * begun_positions, config.weight_bits);
    sum.ifmap_buffer += times * bytes(input_vectors, config.activation_bits);
    sum.ofmap_buffer += times * bytes(results * (2 * passes - 1), config.accumulator_bits);
    sum.bias_buffer += times * bytes(results, config.bias_bits);
}

SimditAccesses accesses_of(const SimditConfig& config, const SimditProduct& product) {
    SimditAccesses sum;
    for (const SimditPart& part : simdit_parts(product)) {
        add_part(config, part.product, static_cast<double>(part.times), sum);
    }
    return sum;
}

SimditAccesses accesses_of(const SimditConfig& config, const SimditVector& work) {
    const SimditVectorRecipe recipe = simdit_recipe(config, work);
    const double channels = static_cast<double>(simdit_tiling(config, work).padded_channels);
    const double elements = channels * static_cast<double>(work.images * work.h * work.w);
    const double taps = static_cast<double>(work.kernel_h * work.kernel_w);
    const unsigned result_bits = work.feeds_array ? config.activation_bits : config.accumulator_bits;
    const auto all = [&](auto SimditSteps::*what) {
        return elements * (static_cast<double>(recipe.each_tap.*what) * taps +
                           static_cast<double>(recipe.each_element.*what)) +
               channels * static_cast<double>(recipe.each_channel.*what);
    };
    SimditAccesses sum;
    for (const SimditVectorStep& step : simdit_schedule(config, work)) {
        const auto moved = [&](const SimditTransfers& transfers) {
            return static_cast<double>(step.times * transfers.count * transfers.bytes);
        };
        sum.dram_ifmap += moved(step.loads[0]) + moved(step.loads[1]) + moved(step.stores[2]);
        sum.dram_ofmap += moved(step.stores[0]) + moved(step.stores[1]);
    }
    sum.vector_buffers = bytes(all(&SimditSteps::words) - elements * recipe.results, config.accumulator_bits) +
                         bytes(elements * recipe.results, result_bits);
    // One constant serves all lanes; those of a channel are counted for each.
    sum.immediate_buffer = bytes(elements * static_cast<double>(recipe.each_element.immediates) / config.lanes +
                                     channels * static_cast<double>(recipe.each_channel.immediates),
                                 config.accumulator_bits);
    sum.instruction_buffer = bytes(all(&SimditSteps::instructions) / config.lanes, config.instruction_bits);
    return sum;
}

} // namespace

SimditAccesses simdit_accesses(const SimditConfig& config, const SimditWork& work) {
    return std::visit([&config](const auto& one) { return accesses_of(config, one); }, work);
}

} // namespace systolica
