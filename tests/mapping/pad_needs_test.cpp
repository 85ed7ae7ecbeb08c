// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// What a tiling says it needs of the scratchpads is enough, for every share and every order of the queues.

#include <gtest/gtest.h>

#include "example_graphs.h"
#include "interpreter.h"
#include "random_layers.h"

namespace systolica {
namespace {

constexpr std::uint64_t kSeeds = 3000;

TensorLayout layout_of(std::uint64_t base, std::uint64_t rows, std::uint64_t width, std::uint64_t element_bytes,
                       std::uint64_t channels) {
    TensorLayout layout{base, rows, width, element_bytes, {0}};
    if (channels > 2) { // blocks of unequal size: several descriptors a load
        layout.boundaries.push_back(channels / 3 + 1);
    }
    layout.boundaries.push_back(channels);
    return layout;
}

// One group made by hand; tensors and weights lie 16 MiB apart.
Plan plan_of(const LayerCase& one, const ChipConfig& chip) {
    constexpr std::uint64_t apart = 1 << 24;
    Layer layer = one.layer;
    layer.set_bytes(chip.precision);
    const std::uint64_t e = chip.precision.activation_bytes();
    Plan plan;
    plan.chip = chip;
    plan.operations.resize(1);
    plan.tensors.resize(2 + layer.operands.size());
    plan.tensors[0].shape.h = layer.rows.in;
    plan.tensors[0].layout = layout_of(0, layer.images * layer.rows.in, layer.columns.in, e, layer.in_channels);
    Group group;
    group.layer = layer;
    group.tiling = one.tiling;
    group.shares = CostModel(chip, true).shares(layer, one.tiling);
    group.input.tensor = 0;
    group.output.tensor = 1;
    group.weight_base = 2 * apart;
    if (layer.constant_bytes > 0) {
        group.constants.push_back({3 * apart, -1, 1, layer.constant_bytes, 0});
    }
    for (std::size_t t = 1; t < plan.tensors.size(); ++t) {
        plan.tensors[t].shape.h = layer.rows.out;
        plan.tensors[t].layout =
            layout_of((3 + t) * apart, layer.images * layer.rows.out, layer.columns.out, e, layer.out_channels);
        if (t > 1) {
            group.operands.push_back({static_cast<int>(t), 0});
            group.layer.operands[t - 2].bytes = e;
        }
    }
    plan.groups.push_back(group);
    return plan;
}

ChipConfig chip_of(const LayerCase& one, std::uint64_t seed) {
    ChipConfig chip = example_chip(one.tiles, 4, Dataflow::ws, {1 << 20, 1 << 20, 1 << 20, 1 << 20});
    chip.precision.activation_bits = seed % 3 == 0 ? 16 : 8;
    chip.precision.weight_bits = seed % 5 == 0 ? 16 : 8;
    return chip;
}

bool partly_padded_gaps(const Axis& axis) {
    return axis.has_gaps() &&
           (axis.pad_before > 0 || (axis.out - 1) * axis.stride + axis.extent() > axis.in + axis.pad_before);
}

bool gaps_meet_padding(const Layer& layer) {
    return partly_padded_gaps(layer.rows) || partly_padded_gaps(layer.columns);
}

// Runs the cases that `wanted` picks with scratchpads of exactly the needed bytes of each tile's share, or of the
// largest one.
template <typename Wanted>
void run_with_exact_needs(Wanted wanted, bool of_largest = false) {
    for (std::uint64_t seed = 0; seed < kSeeds; ++seed) {
        const LayerCase one = random_case(seed);
        if (!wanted(one.layer)) {
            continue;
        }
        SCOPED_TRACE("seed " + std::to_string(seed) + ": " + one.text());
        const Plan plan = plan_of(one, chip_of(one, seed));
        const CostModel model(plan.chip, true);
        Interpreter interpreter(plan, seed);
        const Spread spread = spread_of(plan.groups[0].shares);
        for (unsigned t = 0; t < one.tiles; ++t) {
            const Share& share = of_largest ? spread.largest : plan.groups[0].shares[t];
            if (!share.empty()) {
                interpreter.set_initial(
                    t, exact_initial(one.layer, model.pad_needs(plan.groups[0].layer, one.tiling, share)));
            }
        }
        if (!interpreter.run()) {
            return;
        }
    }
}

bool constants_of_vector_work(const Layer& layer) {
    return !layer.matrix && layer.constant_bytes > 0;
}

TEST(PadNeeds, AreEnoughToMakeProgress) {
    run_with_exact_needs(
        [](const Layer& layer) { return !gaps_meet_padding(layer) && !constants_of_vector_work(layer); });
}

TEST(PadNeeds, AreEnoughWhereGapsMeetPadding) {
    run_with_exact_needs(
        [](const Layer& layer) { return gaps_meet_padding(layer) && !constants_of_vector_work(layer); });
}

TEST(PadNeeds, AreEnoughForBatchNormOnVectorWork) {
    run_with_exact_needs(
        [](const Layer& layer) { return !gaps_meet_padding(layer) && constants_of_vector_work(layer); });
}

TEST(PadNeeds, OfTheLargestShareAreEnoughForEveryTile) { // which is all that an estimate looks at
    run_with_exact_needs([](const Layer& layer) { return !gaps_meet_padding(layer); }, true);
}

// The needs by hand for one layer: 3x3 on 8x8 pixels of 16 channels, 2 rows and 8 of 24 channels a step.
TEST(PadNeeds, CountHaloPartialSumsBiasAndDoubleBuffers) {
    LayerCase one;
    one.layer.matrix = one.layer.bias = true;
    one.layer.rows = one.layer.columns = {8, 8, 3, 1, 1, 1};
    one.layer.in_channels = 16;
    one.layer.out_channels = 24;
    one.layer.stages = {{VectorKernel::relu, 1, 0}};
    one.tiling.step_rows = 2;
    one.tiling.step_columns = 8;
    one.tiling.n_block = 8;
    one.tiling.k_block = 16;
    one.tiling.hold_filter = true;
    const ChipConfig chip = chip_of(one, 1);
    const PadNeeds needs = CostModel(chip, true).pad_needs(one.layer, one.tiling, {{0, 1}, {0, 8}, {0, 24}});
    ASSERT_EQ(needs.size(), 4u);
    EXPECT_EQ(needs[0].needed_bytes, 4u * 8 * 16);        // two rows and one on each side
    EXPECT_EQ(needs[0].overlap_bytes, (4u + 2) * 8 * 16); // and the two rows that the next step adds
    EXPECT_EQ(needs[1].needed_bytes, 8u * (16 * 9 + 4));  // weights and biases of a block
    EXPECT_EQ(needs[1].overlap_bytes, 2 * 8u * (16 * 9 + 4));
    EXPECT_EQ(needs[2].needed_bytes, 2u * 8 * 8 * 4); // sums
    EXPECT_EQ(needs[3].needed_bytes, 2u * 8 * 8);     // results
}

} // namespace
} // namespace systolica
