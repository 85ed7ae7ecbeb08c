// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// Schedules small enough to be done by hand.

#include "machine/simdit/cost.h"
#include "machine/simdit/repeat.h"

#include <gtest/gtest.h>

namespace systolica {
namespace {

// 4 x 4 array, 8-bit operands, 32-bit sums; a byte, or a sum in four cycles, over each interface.
SimditConfig small_machine() {
    SimditConfig config;
    config.rows = config.cols = config.lanes = 4;
    config.weight_buffer_bytes = 2 * 4 * 4;    // one pass over the array
    config.ifmap_buffer_bytes = 2 * 4 * 8;     // 8 positions
    config.ofmap_buffer_bytes = 2 * 4 * 8 * 4; // 8 positions
    config.bias_buffer_bytes = 2 * 4 * 4;      // one pass
    config.vector1_buffer_bytes = 4 * 8 * 4;   // 8 positions
    config.vector2_buffer_bytes = 4 * 11 * 4;  // 8 positions and three values a channel
    config.weight_bits_per_cycle = config.ifmap_bits_per_cycle = 8;
    config.ofmap_bits_per_cycle = config.vector_bits_per_cycle = 8;
    return config;
}

SimditProduct pointwise(std::uint64_t in_channels, std::uint64_t out_channels, std::uint64_t images) {
    SimditProduct product;
    product.in_channels = in_channels;
    product.out_channels = out_channels;
    product.out_h = product.out_w = 2;
    product.images = images;
    return product;
}

std::uint64_t tiles(const std::vector<SimditProductStep>& schedule) {
    std::uint64_t count = 0;
    for (const SimditProductStep& step : schedule) {
        count += step.compute_cycles > 0 ? step.times : 0;
    }
    return count;
}

// 4 images of 2 x 2 positions: two tiles of 8. Each computes 8 + 3 + 3 = 14 cycles and moves 32 B in, 128 B out.
// First loads max(32, 16 + 16); the second's inputs take 32 - 14 more than the first's computation; while the second
// is computed the first's results go out, 128 - 14 more; then the last 128.
TEST(SimditSchedule, TwoTilesOfAPointwiseConvolution) {
    const SimditCost cost = simdit_cost(small_machine(), pointwise(4, 4, 4));
    EXPECT_EQ(cost.compute_cycles, 28u);
    EXPECT_EQ(cost.ifmap_stall_cycles, 32u + 18);
    EXPECT_EQ(cost.weight_stall_cycles, 0u);
    EXPECT_EQ(cost.ofmap_stall_cycles, 114u + 128);
    EXPECT_EQ(cost.ifmap_bytes, 64u);
    EXPECT_EQ(cost.weight_bytes, 16u + 16);
    EXPECT_EQ(cost.ofmap_store_bytes, 256u);
    EXPECT_EQ(cost.ofmap_load_bytes, 0u);
}

// Twice the input channels: weights of one pass only fit, so that each place is visited twice and its sums go out and
// come back. Of four tiles the third and fourth add up.
TEST(SimditSchedule, PartialSumsGoOutAndComeBack) {
    const SimditConfig config = small_machine();
    const SimditCost cost = simdit_cost(config, pointwise(8, 4, 4));
    EXPECT_EQ(tiles(simdit_schedule(config, pointwise(8, 4, 4))), 4u);
    EXPECT_EQ(cost.ofmap_store_bytes, 4u * 128);
    EXPECT_EQ(cost.ofmap_load_bytes, 2u * 128);
    EXPECT_EQ(cost.weight_bytes, 2u * 16 + 16);
    // Store and load share the interface: two middle steps of 256, the last but one of 128, the last store.
    EXPECT_EQ(cost.ofmap_stall_cycles, 2u * (256 - 14) + (128 - 14) + 128);
}

// 12 input channels where 8 fit: SimDIT has 1.5 tiles of 8.
TEST(SimditSchedule, AFractionOfATileTakesThatFractionOfItsTime) {
    SimditConfig config = small_machine();
    config.weight_buffer_bytes = 2 * 8 * 4;
    config.ifmap_buffer_bytes = 2 * 8 * 8;
    const auto schedule = simdit_schedule(config, pointwise(12, 4, 4));
    double compute = 0;
    for (const SimditProductStep& step : schedule) {
        compute += static_cast<double>(step.times * step.compute_cycles);
    }
    EXPECT_EQ(compute, 3 * (16 + 6)); // two places, 1.5 tiles each of 8 positions and two passes
}

TEST(SimditSchedule, MoreBandwidthNeverTakesMoreCycles) {
    const SimditProduct product = pointwise(24, 20, 8);
    std::uint64_t before = ~std::uint64_t{0};
    for (const unsigned bits : {8u, 16u, 32u, 64u, 128u, 1024u}) {
        SimditConfig config = small_machine();
        config.weight_bits_per_cycle = config.ifmap_bits_per_cycle = config.ofmap_bits_per_cycle = bits;
        const SimditCost cost = simdit_cost(config, product);
        EXPECT_LE(cost.cycles(), before);
        EXPECT_GE(cost.cycles(), cost.compute_cycles);
        EXPECT_GE(cost.cycles(), cost.ifmap_bytes * 8 / bits);
        EXPECT_GE(cost.cycles(), (cost.ofmap_load_bytes + cost.ofmap_store_bytes) * 8 / bits);
        before = cost.cycles();
    }
}

// One image's vector of 16 inputs by 12 outputs, 3 x 4 passes one at a time: inputs and weights pass by, sums stay.
TEST(SimditSchedule, AFullyConnectedLayerOfOneImageKeepsItsSums) {
    SimditProduct product;
    product.fully_connected = true;
    product.in_channels = 16;
    product.out_channels = 12;
    SimditConfig config = small_machine();
    config.ifmap_buffer_bytes = 2 * 4;
    const SimditCost cost = simdit_cost(config, product);
    EXPECT_EQ(cost.compute_cycles, 12u * 7);
    EXPECT_EQ(cost.ofmap_load_bytes, 0u);
    EXPECT_EQ(cost.ofmap_store_bytes, 12u * 4);
    EXPECT_EQ(cost.weight_bytes, 16u * 12 + 12 * 4);
    EXPECT_EQ(cost.ifmap_bytes, 3u * 16);
    // As a convolution the sums would go out three times and come back three times for each output.
    product.fully_connected = false;
    EXPECT_EQ(simdit_cost(config, product).ofmap_load_bytes, 3u * 12 * 4);
}

TEST(SimditSchedule, AFusedResultIsNotStored) {
    SimditConfig config = small_machine();
    SimditProduct product = pointwise(4, 4, 4);
    product.result_stays = true;
    product.following_cycles = 2 * 10; // ten for each of two tiles
    const SimditCost waiting = simdit_cost(config, product);
    EXPECT_EQ(waiting.ofmap_store_bytes, 0u);
    // First loads 32, then the second tile's inputs 32 while the arrays are busy 14 + 10.
    EXPECT_EQ(waiting.stall_cycles(), 32u + 8);
    EXPECT_EQ(waiting.compute_cycles, 28u);
    config.fused_tiles_wait = false; // SimDIT: first loads and the second tile's inputs, however many follow
    product.images = 40;
    EXPECT_EQ(simdit_cost(config, product).stall_cycles(), 32u + 18);
}

TEST(SimditSchedule, GroupsRunOneAfterTheOther) {
    SimditProduct product = pointwise(1, 1, 4);
    const std::uint64_t one = simdit_cost(small_machine(), product).cycles();
    product.groups = 5;
    EXPECT_EQ(simdit_cost(small_machine(), product).cycles(), 5 * one);
}

// The input gradient of a 3 x 3 kernel of stride 2 without its zeros: four phases of 4 x 4 outputs with kernels of
// 2 x 2, 2 x 1, 1 x 2 and 1 x 1, together the 9 positions of the kernel for every fourth output.
TEST(SimditParts, ADilatedInputIsAProductAPhase) {
    SimditProduct product;
    product.out_h = product.out_w = 8;
    product.kernel_h = product.kernel_w = 3;
    product.input_dilation_h = product.input_dilation_w = 2;
    const std::vector<SimditPart> parts = simdit_parts(product);
    ASSERT_EQ(parts.size(), 4u);
    std::uint64_t macs = 0;
    for (const SimditPart& part : parts) {
        EXPECT_EQ(part.product.out_h * part.product.out_w, 16u);
        macs += part.product.out_h * part.product.out_w * part.product.kernel_h * part.product.kernel_w;
    }
    EXPECT_EQ(macs, 16u * 9);
    product.kernel_h = product.kernel_w = 1; // three phases meet only zeros
    EXPECT_EQ(simdit_parts(product).size(), 1u);
}

SimditVector vector_work(SimditVectorKind kind) {
    SimditVector work;
    work.kind = kind;
    work.images = 2;
    work.channels = 4;
    work.h = 2;
    work.w = 4; // two tiles of 8 positions, a vector each
    return work;
}

// A tile: (positions) vectors, 5 + 3 to fill the pipeline; tensors of 128 B take 128 cycles each.
struct VectorCase {
    SimditVectorKind kind;
    std::uint64_t cycles_a_vector;
    std::uint64_t tensors;
    std::uint64_t cycles_a_channel;
    std::uint64_t values_a_channel;
};

class SimditVectorSchedule : public testing::TestWithParam<VectorCase> {};

// Cycles by operation from the table of SimDIT's operators: one each, two more where the operand was just written,
// division 9, 1 / square root 13.
TEST_P(SimditVectorSchedule, TilesFollowOneAnother) {
    const VectorCase& expected = GetParam();
    const SimditConfig config = small_machine();
    const SimditCost cost = simdit_cost(config, vector_work(expected.kind));
    EXPECT_EQ(cost.compute_cycles, 2 * (8 * expected.cycles_a_vector + 8) + expected.cycles_a_channel);
    EXPECT_EQ(cost.vector_stall_cycles, 2 * expected.tensors * 128 + expected.values_a_channel * 16);
    EXPECT_EQ(cost.vector_load_bytes + cost.vector_store_bytes, cost.vector_stall_cycles);
}

INSTANTIATE_TEST_SUITE_P(Kinds, SimditVectorSchedule,
                         testing::Values(VectorCase{SimditVectorKind::element_wise, 1, 2, 0, 0},
                                         VectorCase{SimditVectorKind::normalise, 1 + 3 + 3 + 3, 2, 0, 4},
                                         VectorCase{SimditVectorKind::norm_gradient_sums, 1 + 3 + 3 + 3 + 1, 3, 0, 4},
                                         VectorCase{SimditVectorKind::norm_gradient_input, 1 + 1 + 3 + 3 + 3, 3,
                                                    1 + 9 + 2, 1}));

// Statistics keep a vector beside the data, so that 8 positions do not fit: four tiles of 1 x 2 positions of both
// images.
TEST(SimditVector, StatisticsHaveTwoDivisionsAndARootForEachChannel) {
    const SimditCost cost = simdit_cost(small_machine(), vector_work(SimditVectorKind::norm_statistics));
    EXPECT_EQ(cost.compute_cycles, 4 * (4 * (1 + 1 + 3) + 8) + (9 + 3 + 9 + 3 + 3 + 13 + 2));
    EXPECT_EQ(cost.vector_load_bytes, 16u * 4 * 4);
    EXPECT_EQ(cost.vector_store_bytes, 2u * 16);
}

TEST(SimditVector, ResultsForTheArrayHaveItsBits) {
    SimditVector work = vector_work(SimditVectorKind::element_wise);
    work.feeds_array = true;
    EXPECT_EQ(simdit_cost(small_machine(), work).vector_store_bytes, 64u);
    work.operand_stays = true;
    EXPECT_EQ(simdit_cost(small_machine(), work).vector_load_bytes, 0u);
}

// A window of 4 x 4 values does not fit beside 8 vectors of buffer: it comes in four parts of 2 x 2.
TEST(SimditVector, AWindowThatDoesNotFitComesInParts) {
    SimditVector work;
    work.kind = SimditVectorKind::avg_pool;
    work.channels = 4;
    work.kernel_h = work.kernel_w = 4;
    const SimditCost cost = simdit_cost(small_machine(), work);
    EXPECT_EQ(cost.vector_load_bytes, 16u * 16);
    EXPECT_EQ(cost.vector_store_bytes, 16u);
    EXPECT_EQ(cost.compute_cycles, 4u * (4 + 8) + 9 + 8);
}

TEST(SimditConfig, ScratchpadsBelowTheLeastTileAreNamed) {
    SimditConfig config = small_machine();
    EXPECT_TRUE(simdit_shortages(config).empty());
    config.weight_buffer_bytes -= 1;
    config.vector2_buffer_bytes = 4 * 4 * 4 - 1;
    const std::vector<SimditShortage> shortages = simdit_shortages(config);
    ASSERT_EQ(shortages.size(), 2u);
    EXPECT_STREQ(shortages[0].buffer, "weight");
    EXPECT_EQ(shortages[0].least_bytes, 32u);
    EXPECT_STREQ(shortages[1].buffer, "vector2");
    EXPECT_EQ(shortages[1].least_bytes, 64u);
}

TEST(SimditConfig, WeightsGetNoMoreThanARowOfTheArrayTakes) {
    SimditConfig config = small_machine();
    config.weight_bits_per_cycle = 256;
    EXPECT_EQ(weight_interface_bits(config), 32u);
    config.weight_bits_per_cycle = 16;
    EXPECT_EQ(weight_interface_bits(config), 16u);
}

} // namespace
} // namespace systolica
