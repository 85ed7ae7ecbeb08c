// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "mapping/nest.h"

#include <deque>
#include <map>

#include <gtest/gtest.h>

#include "random_layers.h"

namespace systolica {
namespace {

constexpr std::uint64_t kSeeds = 3000;

// What lies in a scratchpad: loads append, frees take the oldest away.
class Ring {
public:
    explicit Ring(std::size_t kinds) : held_(kinds, 0) {}

    void load(std::uint64_t item) {
        order_.push_back(item);
        ++held_.at(item);
    }
    bool free(std::uint64_t count) {
        for (; count > 0; --count) {
            if (order_.empty()) {
                return false;
            }
            --held_.at(order_.front());
            order_.pop_front();
        }
        return true;
    }
    bool holds(std::uint64_t item) const { return held_.at(item) > 0; }
    std::uint64_t size() const { return order_.size(); }

private:
    std::deque<std::uint64_t> order_;
    std::vector<unsigned> held_;
};

std::vector<std::uint64_t> positions_of(const Span& span) {
    std::vector<std::uint64_t> positions;
    for (std::uint64_t i = 0; i < span.count(); ++i) {
        const std::uint64_t uncut = i + span.cut_front;
        positions.push_back(span.start + uncut / span.length * span.stride + uncut % span.length);
    }
    return positions;
}

// Runs a share of a random case step by step.
class Walk {
public:
    Walk(const LayerCase& one, const Share& share)
        : layer_(one.layer),
          tiling_(one.tiling),
          share_(share),
          nest_(layer_, tiling_, share),
          ifmap_(layer_.images * layer_.rows.in * layer_.columns.in * layer_.in_channels),
          filter_(layer_.out_channels * layer_.in_group()),
          constants_(layer_.out_channels),
          sums_(layer_.out_elements(), 0) {}

    // `check` is called with each step when its loads are there.
    template <typename Check>
    void run(Check check) {
        for (std::uint64_t index = 0; index < nest_.steps(); ++index) {
            const Step step = nest_.step(index);
            EXPECT_EQ(step.first, index == 0);
            EXPECT_EQ(step.last, index + 1 == nest_.steps());
            load(step);
            check(*this, step);
            compute(step);
            free(step);
            if (::testing::Test::HasFailure()) {
                ADD_FAILURE() << "at step " << index << " of " << nest_.steps();
                return;
            }
        }
        finish();
    }

    void bounds(const Step& step) const {
        EXPECT_LE(step.outputs(), nest_.block_outputs());
        EXPECT_LE(step.channels.size() * step.k.size() * layer_.kernel_positions(),
                  layer_.matrix ? nest_.block_weights() : ~std::uint64_t{0});
        EXPECT_LE(step.ifmap_elements(), nest_.window_elements());
        const bool continues_ring = step.load_ifmap && nest_.rings() && step.rows.begin != share_.rows.begin;
        EXPECT_LE(continues_ring ? step.ifmap_elements() : 0, nest_.largest_new_elements());
        if (!tiling_.hold_ifmap) { // loaded just in time, a block's window is all that is there
            EXPECT_LE(ifmap_.size(), nest_.window_elements());
        }
    }

private:
    std::uint64_t input(std::uint64_t image, std::uint64_t row, std::uint64_t column, std::uint64_t channel) const {
        return ((image * layer_.rows.in + row) * layer_.columns.in + column) * layer_.in_channels + channel;
    }

    void load(const Step& step) {
        const std::uint64_t before = ifmap_.size();
        for (std::uint64_t image = step.images.begin; step.load_ifmap && image < step.images.end; ++image) {
            for (const std::uint64_t row : positions_of(step.new_rows)) {
                for (const std::uint64_t column : positions_of(step.in_columns)) {
                    for (std::uint64_t c = step.in_channels.begin; c < step.in_channels.end; ++c) {
                        ifmap_.load(input(image, row, column, c));
                    }
                }
            }
        }
        EXPECT_EQ(ifmap_.size() - before, step.ifmap_elements());
        ifmap_loaded_ += step.ifmap_elements();
        for (std::uint64_t n = step.channels.begin; n < step.channels.end; ++n) {
            for (std::uint64_t k = step.k.begin; step.load_filter && k < step.k.end; ++k) {
                filter_.load(n * layer_.in_group() + k);
                ++weight_loads_[n * layer_.in_group() + k];
            }
            if (step.load_constants) {
                constants_.load(n);
                ++constant_loads_[n];
            }
        }
    }

    void compute(const Step& step) {
        for (std::uint64_t n = step.channels.begin; n < step.channels.end; ++n) {
            for (std::uint64_t k = step.k.begin; layer_.matrix && k < step.k.end; ++k) {
                EXPECT_TRUE(filter_.holds(n * layer_.in_group() + k)) << "weight not there";
            }
            EXPECT_TRUE(!step.last_k || layer_.constant_bytes == 0 || constants_.holds(n)) << "constants not there";
            const std::uint64_t group = n / layer_.out_group();
            for (std::uint64_t k = step.k.begin; k < step.k.end; ++k) {
                needs_channel(step, group * layer_.in_group() + k);
            }
            for_outputs(step, n, [&](std::uint64_t output) {
                EXPECT_EQ(sums_[output], step.k.begin) << "chunks out of order";
                EXPECT_EQ(step.first_k, sums_[output] == 0);
                sums_[output] = step.k.end;
                EXPECT_EQ(step.last_k, sums_[output] == layer_.in_group());
            });
        }
    }

    void needs_channel(const Step& step, std::uint64_t channel) const {
        for (std::uint64_t image = step.images.begin; image < step.images.end; ++image) {
            for (std::uint64_t r = step.rows.begin; r < step.rows.end; ++r) {
                for (std::uint64_t kh = 0; kh < layer_.rows.kernel; ++kh) {
                    std::uint64_t row = 0;
                    if (input_position(layer_.rows, r, kh, row)) {
                        needs_row(step, image, row, channel);
                    }
                }
            }
        }
    }

    void needs_row(const Step& step, std::uint64_t image, std::uint64_t row, std::uint64_t channel) const {
        for (std::uint64_t c = step.columns.begin; c < step.columns.end; ++c) {
            for (std::uint64_t kw = 0; kw < layer_.columns.kernel; ++kw) {
                std::uint64_t column = 0;
                if (input_position(layer_.columns, c, kw, column) &&
                    !ifmap_.holds(input(image, row, column, channel))) {
                    ADD_FAILURE() << "input not there: image " << image << " row " << row << " column " << column
                                  << " channel " << channel;
                }
            }
        }
    }

    template <typename Visit>
    void for_outputs(const Step& step, std::uint64_t n, Visit visit) const {
        for (std::uint64_t image = step.images.begin; image < step.images.end; ++image) {
            for (std::uint64_t r = step.rows.begin; r < step.rows.end; ++r) {
                for (std::uint64_t c = step.columns.begin; c < step.columns.end; ++c) {
                    visit(((image * layer_.rows.out + r) * layer_.columns.out + c) * layer_.out_channels + n);
                }
            }
        }
    }

    void free(const Step& step) {
        EXPECT_TRUE(ifmap_.free(step.freed_elements())) << "freed more than there is";
        EXPECT_TRUE(filter_.free(step.free_filter ? step.channels.size() * step.k.size() : 0));
        EXPECT_TRUE(constants_.free(step.free_constants ? step.channels.size() : 0));
    }

    void finish() const {
        EXPECT_EQ(ifmap_.size(), 0u) << "left in the ifmap pad";
        EXPECT_EQ(filter_.size(), 0u) << "left in the filter pad";
        EXPECT_EQ(constants_.size(), 0u);
        EXPECT_EQ(nest_.ifmap_elements(), ifmap_loaded_);
        for (const auto& [weight, loads] : weight_loads_) {
            EXPECT_EQ(loads, nest_.filter_loads_per_weight()) << weight;
        }
        EXPECT_EQ(weight_loads_.size() * layer_.kernel_positions(), nest_.weights());
        for (const auto& [channel, loads] : constant_loads_) {
            EXPECT_EQ(loads, nest_.passes_over_channels()) << channel;
        }
        std::uint64_t outputs = 0;
        for (std::uint64_t n = share_.channels.begin; n < share_.channels.end; ++n) {
            Step whole;
            whole.images = share_.images;
            whole.rows = share_.rows;
            whole.columns = {0, layer_.columns.out};
            for_outputs(whole, n, [&](std::uint64_t output) {
                EXPECT_EQ(sums_[output], layer_.in_group()) << "output without all its sums";
                ++outputs;
            });
        }
        EXPECT_EQ(nest_.outputs(), outputs);
        for (const std::uint64_t sum : sums_) { // and nothing outside the share
            outputs -= sum > 0 ? 1 : 0;
        }
        EXPECT_EQ(outputs, 0u);
    }

    const Layer& layer_;
    const Tiling& tiling_;
    const Share share_;
    const Nest nest_;
    Ring ifmap_, filter_, constants_;
    std::vector<std::uint64_t> sums_; // input channels that each output has summed
    std::uint64_t ifmap_loaded_ = 0;
    std::map<std::uint64_t, std::uint64_t> weight_loads_, constant_loads_;
};

std::vector<Share> shares_of(const LayerCase& one) {
    ChipConfig chip;
    chip.tiles = one.tiles;
    return CostModel(chip, true).shares(one.layer, one.tiling);
}

TEST(Nest, SharesOfTheTilesPartitionTheOutput) {
    for (std::uint64_t seed = 0; seed < kSeeds; ++seed) {
        const LayerCase one = random_case(seed);
        const Layer& layer = one.layer;
        std::vector<unsigned> owners(layer.images * layer.rows.out * layer.out_channels, 0);
        for (const Share& share : shares_of(one)) {
            for (std::uint64_t i = share.images.begin; !share.empty() && i < share.images.end; ++i) {
                for (std::uint64_t r = share.rows.begin; r < share.rows.end; ++r) {
                    for (std::uint64_t c = share.channels.begin; c < share.channels.end; ++c) {
                        ++owners[(i * layer.rows.out + r) * layer.out_channels + c];
                    }
                }
            }
        }
        ASSERT_EQ(owners, std::vector<unsigned>(owners.size(), 1)) << one.text();
    }
}

TEST(Nest, StepsFindTheirInputsOnChipMakeEveryOutputOnceAndLeaveNothing) {
    for (std::uint64_t seed = 0; seed < kSeeds; ++seed) {
        const LayerCase one = random_case(seed);
        SCOPED_TRACE("seed " + std::to_string(seed) + ": " + one.text());
        for (const Share& share : shares_of(one)) {
            if (!share.empty()) {
                Walk(one, share).run([](const Walk&, const Step&) {});
            }
        }
        if (HasFailure()) {
            return;
        }
    }
}

// A window that is farther from the next than it is long, and reaches into the padding.
bool partly_padded_gaps(const Axis& axis) {
    return axis.has_gaps() &&
           (axis.pad_before > 0 || (axis.out - 1) * axis.stride + axis.extent() > axis.in + axis.pad_before);
}

void check_bounds(bool of_partly_padded_gaps) {
    for (std::uint64_t seed = 0; seed < kSeeds; ++seed) {
        const LayerCase one = random_case(seed);
        if ((partly_padded_gaps(one.layer.rows) || partly_padded_gaps(one.layer.columns)) != of_partly_padded_gaps) {
            continue;
        }
        SCOPED_TRACE("seed " + std::to_string(seed) + ": " + one.text());
        for (const Share& share : shares_of(one)) {
            if (!share.empty()) {
                Walk(one, share).run([](const Walk& walk, const Step& step) { walk.bounds(step); });
            }
        }
        if (::testing::Test::HasFailure()) {
            return;
        }
    }
}

TEST(Nest, NoStepIsLargerThanTheLargestSizes) {
    check_bounds(false);
}

TEST(Nest, NoStepIsLargerThanTheLargestSizesWhereGapsMeetPadding) {
    check_bounds(true);
}

// Stretched, shrunk, or the adjoint of a window: the closed form against the steps.
TEST(Nest, RowsOfAScaledImageAreCountedAsTheyAreLoaded) {
    RandomNumbers random(1);
    for (int i = 0; i < 3000; ++i) {
        Layer layer;
        layer.images = random.between(1, 3);
        layer.in_channels = layer.out_channels = layer.groups = random.between(1, 4);
        layer.stages.push_back({VectorKernel::copy, 1, 0});
        for (Axis* axis : {&layer.rows, &layer.columns}) {
            *axis = random_axis(random);
            axis->scale = random.pick<Scale>({Scale::nearest, Scale::linear, Scale::spread});
            if (axis->scale == Scale::spread) {
                std::swap(axis->in, axis->out);
            } else {
                axis->out = random.between(1, 14);
            }
        }
        const LayerCase one{layer, random_tiling(layer, 2, random), 2};
        SCOPED_TRACE(one.text() + " scale " + std::to_string(static_cast<int>(layer.rows.scale)));
        for (const Share& share : shares_of(one)) {
            if (share.empty()) {
                continue;
            }
            const Nest nest(one.layer, one.tiling, share);
            std::uint64_t loaded = 0, there = 0;
            for (std::uint64_t index = 0; index < nest.steps(); ++index) {
                const Step step = nest.step(index);
                loaded += step.ifmap_elements();
                there += step.ifmap_elements();
                EXPECT_LE(there, one.tiling.hold_ifmap ? nest.held_elements() : nest.window_elements());
                EXPECT_GE(there, step.freed_elements());
                there -= step.freed_elements();
            }
            EXPECT_EQ(there, 0u);
            EXPECT_EQ(loaded, nest.ifmap_elements());
        }
        ASSERT_FALSE(HasFailure());
    }
}

TEST(Nest, RowsThatTheNextBlockNeedsAreNotLoadedAgain) {
    // 3x3, stride 1, padding 1 on 8 rows of 4 pixels, two rows a step: each input row is loaded once.
    Layer layer;
    layer.matrix = true;
    layer.rows = {8, 8, 3, 1, 1, 1};
    layer.columns = {4, 4, 3, 1, 1, 1};
    layer.in_channels = 5;
    layer.out_channels = 2;
    Tiling tiling;
    tiling.step_rows = 2;
    tiling.step_columns = 4;
    tiling.n_block = 2;
    tiling.k_block = 5;
    tiling.hold_filter = true;
    const Nest nest(layer, tiling, {{0, 1}, {0, 8}, {0, 2}});
    EXPECT_EQ(nest.ifmap_elements(), 8u * 4 * 5);
    EXPECT_EQ(nest.step(0).new_rows.count(), 3u); // rows 0 to 2
    EXPECT_EQ(nest.step(1).new_rows.count(), 2u); // rows 3 and 4
    EXPECT_EQ(nest.step(0).freed_rows, 1u);       // row 0
    EXPECT_EQ(nest.step(1).freed_rows, 2u);       // rows 1 and 2
    tiling.k_block = 3;                           // in chunks of channels nothing stays
    EXPECT_EQ(Nest(layer, tiling, {{0, 1}, {0, 8}, {0, 2}}).ifmap_elements(), (3u + 4 + 4 + 3) * 4 * 5);
}

} // namespace
} // namespace systolica
