// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// The nest of a gradient of weights: for each pair of channels and each position of the kernel a sum over all images
// and positions of the result.

#include <deque>
#include <map>
#include <set>

#include <gtest/gtest.h>

#include "mapping/nest.h"
#include "random_gradients.h"

namespace systolica {
namespace {

constexpr std::uint64_t kSeeds = 3000;

// What lies in a scratchpad: loads append, frees take the oldest away.
class Ring {
public:
    void load(std::uint64_t item) {
        order_.push_back(item);
        ++held_[item];
    }
    bool free(std::uint64_t count) {
        for (; count > 0; --count) {
            if (order_.empty()) {
                return false;
            }
            --held_[order_.front()];
            order_.pop_front();
        }
        return true;
    }
    bool holds(std::uint64_t item) const {
        const auto at = held_.find(item);
        return at != held_.end() && at->second > 0;
    }
    std::uint64_t size() const { return order_.size(); }

private:
    std::deque<std::uint64_t> order_;
    std::map<std::uint64_t, unsigned> held_;
};

std::vector<std::uint64_t> positions_of(const Span& span) {
    std::vector<std::uint64_t> positions;
    for (std::uint64_t i = 0; i < span.count(); ++i) {
        const std::uint64_t uncut = i + span.cut_front;
        positions.push_back(span.start + uncut / span.length * span.stride + uncut % span.length);
    }
    return positions;
}

// Runs a share step by step.
class Walk {
public:
    Walk(const LayerCase& one, const Share& share)
        : layer_(one.layer), share_(share), nest_(layer_, one.tiling, share), tiling_(one.tiling) {}

    void run() {
        for (std::uint64_t index = 0; index < nest_.steps(); ++index) {
            const Step step = nest_.step(index);
            load(step);
            bounds(step);
            multiply(step);
            EXPECT_TRUE(inputs_.free(step.freed_elements())) << "inputs that are not there are freed";
            EXPECT_TRUE(gradients_.free(step.free_filter ? step.filter_elements : 0));
            if (::testing::Test::HasFailure()) {
                ADD_FAILURE() << "at step " << index << " of " << nest_.steps();
                return;
            }
        }
        finish();
    }

private:
    std::uint64_t input(std::uint64_t image, std::uint64_t row, std::uint64_t column, std::uint64_t channel) const {
        return ((image * layer_.rows.in + row) * layer_.columns.in + column) * layer_.in_channels + channel;
    }
    std::uint64_t gradient(std::uint64_t image, std::uint64_t row, std::uint64_t column, std::uint64_t channel) const {
        return ((image * layer_.rows.out + row) * layer_.columns.out + column) * layer_.out_channels + channel;
    }

    void load(const Step& step) {
        const std::uint64_t before = inputs_.size(), gradients_before = gradients_.size();
        for (std::uint64_t image = step.images.begin; image < step.images.end; ++image) {
            for (const std::uint64_t row :
                 step.load_ifmap ? positions_of(step.new_rows) : std::vector<std::uint64_t>{}) {
                for (const std::uint64_t column : positions_of(step.in_columns)) {
                    for (std::uint64_t c = step.in_channels.begin; c < step.in_channels.end; ++c) {
                        inputs_.load(input(image, row, column, c));
                    }
                }
            }
            for (std::uint64_t row = step.rows.begin; step.load_filter && row < step.rows.end; ++row) {
                for (std::uint64_t column = step.columns.begin; column < step.columns.end; ++column) {
                    for (std::uint64_t n = step.channels.begin; n < step.channels.end; ++n) {
                        gradients_.load(gradient(image, row, column, n));
                        ++gradient_loads_[gradient(image, row, column, n)];
                    }
                }
            }
        }
        EXPECT_EQ(inputs_.size() - before, step.ifmap_elements());
        EXPECT_EQ(gradients_.size() - gradients_before, step.load_filter ? step.filter_elements : 0);
        inputs_loaded_ += step.ifmap_elements();
    }

    void bounds(const Step& step) const {
        EXPECT_LE(step.ifmap_elements(), nest_.window_elements());
        EXPECT_LE(step.filter_elements, nest_.block_weights());
        EXPECT_LE(step.outputs(), nest_.block_outputs());
        EXPECT_LE(step.sums(), nest_.block_sums());
        EXPECT_EQ(step.outputs(), layer_.kernel_positions() * step.k.size() * step.channels.size());
        EXPECT_EQ(step.m, layer_.formed() * step.k.size());
        if (!tiling_.hold_ifmap) {
            EXPECT_LE(inputs_.size(), nest_.window_elements());
        }
    }

    // Sums of a block of channels run over all positions before the next block begins.
    void multiply(const Step& step) {
        const std::set<std::uint64_t> block{step.channels.begin, step.k.begin};
        if (step.first_k) {
            EXPECT_TRUE(open_.empty()) << "sums of two blocks at once";
        } else {
            EXPECT_EQ(open_, block);
        }
        open_ = step.last_k ? std::set<std::uint64_t>{} : block;
        terms_ += step.depth * step.m * step.channels.size();
        for (std::uint64_t n = step.channels.begin; n < step.channels.end; ++n) {
            const std::uint64_t group = n / layer_.out_group();
            for (std::uint64_t k = step.k.begin; k < step.k.end; ++k) {
                for (std::uint64_t image = step.images.begin; image < step.images.end; ++image) {
                    for (std::uint64_t row = step.rows.begin; row < step.rows.end; ++row) {
                        ++times_[{n * layer_.in_group() + k, image * layer_.rows.out + row}];
                        needs_row(image, row, n, group * layer_.in_group() + k);
                    }
                }
            }
        }
    }

    void needs_row(std::uint64_t image, std::uint64_t out_row, std::uint64_t n, std::uint64_t channel) const {
        for (std::uint64_t out_column = 0; out_column < layer_.columns.out; ++out_column) {
            EXPECT_TRUE(gradients_.holds(gradient(image, out_row, out_column, n))) << "gradient not there";
            for (std::uint64_t kernel = 0; kernel < layer_.kernel_positions(); ++kernel) {
                std::uint64_t row = 0, column = 0;
                if (input_position(layer_.rows, out_row, kernel / layer_.columns.kernel, row) &&
                    input_position(layer_.columns, out_column, kernel % layer_.columns.kernel, column)) {
                    EXPECT_TRUE(inputs_.holds(input(image, row, column, channel))) << "input not there";
                }
            }
        }
    }

    void finish() const {
        EXPECT_EQ(inputs_.size() + gradients_.size(), 0u) << "left in the pads";
        EXPECT_EQ(nest_.ifmap_elements(), inputs_loaded_);
        EXPECT_EQ(gradient_loads_.size(), nest_.weights());
        for (const auto& [element, loads] : gradient_loads_) {
            EXPECT_EQ(loads, nest_.filter_loads_per_weight()) << element;
        }
        std::uint64_t pairs = 0;
        for (std::uint64_t n = share_.channels.begin; n < share_.channels.end; ++n) {
            for (std::uint64_t k = 0; k < layer_.in_group(); ++k) {
                for (std::uint64_t image = share_.images.begin; image < share_.images.end; ++image) {
                    for (std::uint64_t row = share_.rows.begin; row < share_.rows.end; ++row) {
                        const auto at = times_.find({n * layer_.in_group() + k, image * layer_.rows.out + row});
                        EXPECT_TRUE(at != times_.end() && at->second == 1);
                        ++pairs;
                    }
                }
            }
        }
        EXPECT_EQ(pairs, times_.size()) << "something outside the share";
        EXPECT_EQ(nest_.outputs(), share_.channels.size() * layer_.in_group() * layer_.kernel_positions());
        EXPECT_EQ(terms_, share_.images.size() * rows_of_terms() * columns_of_terms() * layer_.formed() *
                              layer_.in_group() * share_.channels.size());
    }

    // Positions that the sums take, zeros between the elements included: none after the last of an image.
    std::uint64_t rows_of_terms() const {
        std::uint64_t rows = 0;
        for (std::uint64_t row = share_.rows.begin; row < share_.rows.end; ++row) {
            rows += row + 1 == layer_.rows.out ? 1 : layer_.spread[0];
        }
        return rows;
    }
    std::uint64_t columns_of_terms() const {
        std::uint64_t columns = 0;
        for (std::uint64_t column = 0; column < layer_.columns.out; ++column) {
            columns += column + 1 == layer_.columns.out ? 1 : layer_.spread[1];
        }
        return columns;
    }

    const Layer& layer_;
    const Share share_;
    const Nest nest_;
    const Tiling& tiling_;
    Ring inputs_, gradients_;
    std::set<std::uint64_t> open_;                                      // block of channels whose sums are not complete
    std::map<std::pair<std::uint64_t, std::uint64_t>, unsigned> times_; // pair of channels, row of an image
    std::map<std::uint64_t, std::uint64_t> gradient_loads_;
    std::uint64_t inputs_loaded_ = 0, terms_ = 0;
};

std::vector<Share> shares_of(const LayerCase& one) {
    ChipConfig chip;
    chip.tiles = one.tiles;
    return CostModel(chip, true).shares(one.layer, one.tiling);
}

TEST(GradientNest, EveryPairOfChannelsMeetsEveryPositionOnceWithItsInputsOnChip) {
    for (std::uint64_t seed = 0; seed < kSeeds; ++seed) {
        const LayerCase one = random_gradient_case(seed);
        SCOPED_TRACE("seed " + std::to_string(seed) + ": " + gradient_text(one));
        for (const Share& share : shares_of(one)) {
            if (!share.empty()) {
                Walk(one, share).run();
            }
        }
        if (HasFailure()) {
            return;
        }
    }
}

TEST(GradientNest, SharesTogetherMultiplyAsOftenAsTheLayerSays) {
    for (std::uint64_t seed = 0; seed < kSeeds; ++seed) {
        const LayerCase one = random_gradient_case(seed);
        std::uint64_t macs = 0;
        for (const Share& share : shares_of(one)) {
            const Nest nest(one.layer, one.tiling, share);
            for (std::uint64_t i = 0; !share.empty() && i < nest.steps(); ++i) {
                const Step step = nest.step(i);
                macs += step.m * step.depth * step.channels.size();
            }
        }
        ASSERT_EQ(macs, one.layer.macs()) << "seed " << seed << ": " << gradient_text(one);
    }
}

TEST(GradientNest, RowsThatTheNextPositionsNeedTooAreNotLoadedAgain) {
    // 3x3, stride 1, padding 1 on 8 rows of 4 pixels and 5 channels, sums two rows a step.
    Layer layer;
    layer.matrix = layer.weight_gradient = true;
    layer.rows = {8, 8, 3, 1, 1, 1, Scale::none};
    layer.columns = {4, 4, 3, 1, 1, 1, Scale::none};
    layer.in_channels = 5;
    layer.out_channels = 2;
    Tiling tiling;
    tiling.step_rows = 2;
    tiling.step_columns = 4;
    tiling.n_block = 2;
    tiling.k_block = 5;
    const Nest nest(layer, tiling, {{0, 1}, {0, 8}, {0, 2}});
    EXPECT_EQ(nest.steps(), 4u);
    EXPECT_EQ(nest.ifmap_elements(), 8u * 4 * 5);
    EXPECT_EQ(nest.step(0).new_rows.count(), 3u); // rows 0 to 2
    EXPECT_EQ(nest.step(1).new_rows.count(), 2u); // rows 3 and 4
    EXPECT_EQ(nest.step(3).new_rows.count(), 1u); // row 7
    EXPECT_EQ(nest.step(0).depth, 8u);            // of each sum 32 terms, 8 a step
    EXPECT_EQ(nest.step(0).m, 9u * 5);
    EXPECT_TRUE(nest.step(0).first_k && nest.step(3).last_k && !nest.step(2).last_k);
}

} // namespace
} // namespace systolica
