// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "machine/simdit/vector_recipe.h"

namespace systolica {

namespace {

// An operation reads two words and writes one.
constexpr unsigned kWords = 3;

} // namespace

// `after`: an operation of one cycle that waits for the result of the one before it.
SimditVectorRecipe simdit_recipe(const SimditConfig& config, const SimditVector& work) {
    const unsigned wait = config.read_after_write_cycles;
    const unsigned after = 1 + wait;
    SimditVectorRecipe recipe;
    switch (work.kind) {
    case SimditVectorKind::element_wise:
        recipe.each_element = {work.steps, work.steps, kWords * work.steps, 0};
        if (work.immediate) {
            --recipe.each_element.words;
            recipe.each_element.immediates = 1;
        }
        recipe.loads = work.reads;
        recipe.stores = work.writes;
        break;
    case SimditVectorKind::channel_sums: // one addition an image; operands and sums in words, the last sum the result
        recipe.each_element = {1, 1, kWords, 0};
        recipe.loads = 1;
        recipe.channel_stores = 1;
        recipe.results = 0;
        break;
    case SimditVectorKind::max_pool:
        recipe.each_tap = {1, 1, kWords, 0};
        recipe.window_loads = 1;
        recipe.stores = 1;
        break;
    case SimditVectorKind::avg_pool: // additions, a division
        recipe.each_tap = {1, 1, kWords, 0};
        recipe.each_element = {config.div_cycles, 1, kWords, 0};
        recipe.window_loads = 1;
        recipe.stores = 1;
        break;
    case SimditVectorKind::max_pool_gradient: // conditional move, addition
        recipe.each_tap = {config.cond_move_cycles + after, 2, 2 * kWords, 0};
        recipe.loads = 2; // gradient and index
        recipe.window_stores = 1;
        recipe.results = 0;
        break;
    case SimditVectorKind::avg_pool_gradient: // division, additions, the first of which waits
        recipe.each_tap = {1, 1, kWords, 0};
        recipe.each_element = {config.div_cycles + wait, 1, kWords, 0};
        recipe.loads = 1;
        recipe.window_stores = 1;
        recipe.results = 0;
        break;
    case SimditVectorKind::norm_statistics: // sum, square, sum of squares; then two divisions by the count
        recipe.each_element = {1 + 1 + after, 3, 3 * kWords, 0};
        recipe.each_channel = {2 * config.div_cycles + 3 * after + config.inv_sqrt_cycles + wait, 6,
                               4 * kWords + 2 * (kWords - 1), 2};
        recipe.loads = 1;
        recipe.channel_stores = 2;
        recipe.results = 0;
        break;
    case SimditVectorKind::normalise: // less mean, by deviation, by scale, plus shift
        recipe.each_element = {1 + 3 * after, 4, 4 * kWords, 0};
        recipe.loads = 1;
        recipe.stores = 1;
        recipe.channel_loads = 4;
        break;
    case SimditVectorKind::norm_gradient_sums: // normalised input, its product with the gradient, two sums
        recipe.each_element = {1 + 3 * after + 1, 5, 5 * kWords, 0};
        recipe.loads = 2;
        recipe.spills = 1;
        recipe.channel_loads = 2;
        recipe.channel_stores = 2;
        recipe.results = 0;
        break;
    case SimditVectorKind::norm_gradient_input: // a factor a channel; three products and two differences
        recipe.each_channel = {1 + config.div_cycles + wait, 2, 2 * kWords, 0};
        recipe.each_element = {1 + 1 + 3 * after, 5, 5 * kWords, 0};
        recipe.loads = 2;
        recipe.stores = 1;
        recipe.channel_loads = 1;
        break;
    case SimditVectorKind::softmax: // exponential, sum; then division
        recipe.each_element = {config.exp_cycles + 1 + config.div_cycles, 3, 3 * kWords, 0};
        recipe.loads = 2;
        recipe.stores = 1;
        recipe.spills = 1;
        recipe.pipeline_fills = 3;
        break;
    }
    return recipe;
}

} // namespace systolica
