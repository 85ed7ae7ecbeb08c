// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// Gradients of weights as programs: what their tilings say they need of the scratchpads is enough in every order of the
// queues, and each tile stores a kernel for every pair of its channels once.

#include <set>

#include <gtest/gtest.h>

#include "../example_graphs.h"
#include "../interpreter.h"
#include "random_gradients.h"

namespace systolica {
namespace {

constexpr std::uint64_t kSeeds = 1500;
constexpr std::uint64_t kApart = 1 << 24; // bytes between tensors

PlannedTensor tensor(std::uint64_t base, const Shape& shape, std::uint64_t element_bytes) {
    PlannedTensor planned;
    planned.shape = shape;
    planned.layout = {base, shape.n * shape.h, shape.w, element_bytes, {0, shape.c}};
    return planned;
}

// One group made by hand: input, gradient of the output, kernels (a row of them a tile where each sums up a part).
Plan plan_of(const LayerCase& one, std::uint64_t seed) {
    Plan plan;
    plan.chip = example_chip(one.tiles, 4, Dataflow::ws, {1 << 20, 1 << 20, 1 << 20, 1 << 20});
    plan.operations.resize(1);
    Group group;
    Layer& layer = group.layer = one.layer;
    layer.bytes = {seed % 3 == 0 ? 2u : 1u, seed % 5 == 0 ? 4u : 2u, 4};
    group.tiling = one.tiling;
    group.shares = CostModel(plan.chip, true).shares(layer, one.tiling);
    group.output_per_tile = one.tiling.split != Split::channels;
    const std::uint64_t kernels = layer.kernel_positions() * layer.in_group() * layer.out_channels;
    plan.tensors = {
        tensor(0, {layer.images, layer.in_channels, layer.rows.in, layer.columns.in}, layer.bytes.input),
        tensor(kApart, {layer.images, layer.out_channels, layer.rows.out, layer.columns.out}, layer.bytes.filter),
        tensor(2 * kApart, {1, kernels, group.output_per_tile ? one.tiles : 1, 1}, layer.bytes.output)};
    group.input.tensor = 0;
    group.factor.tensor = 1;
    group.output.tensor = 2;
    plan.groups.push_back(group);
    return plan;
}

TEST(GradientPads, ThatATilingNeedsAreEnoughToMakeProgress) {
    for (std::uint64_t seed = 0; seed < kSeeds; ++seed) {
        const LayerCase one = random_gradient_case(seed);
        SCOPED_TRACE("seed " + std::to_string(seed) + ": " + gradient_text(one));
        const Plan plan = plan_of(one, seed);
        const Group& group = plan.groups[0];
        const CostModel model(plan.chip, true);
        const Spread spread = spread_of(group.shares);
        Interpreter interpreter(plan, seed);
        for (unsigned t = 0; t < one.tiles; ++t) {
            if (!group.shares[t].empty()) {
                const Share& share = seed % 2 == 0 ? group.shares[t] : spread.largest;
                interpreter.set_initial(t, exact_initial(group.layer, model.pad_needs(group.layer, one.tiling, share)));
            }
        }
        if (!interpreter.run()) {
            return;
        }
        EXPECT_EQ(interpreter.totals[0].macs, group.layer.macs());
    }
}

TEST(GradientPads, EveryTileStoresEveryKernelOfItsChannelsOnce) {
    for (std::uint64_t seed = 0; seed < kSeeds; ++seed) {
        const LayerCase one = random_gradient_case(seed);
        SCOPED_TRACE("seed " + std::to_string(seed) + ": " + gradient_text(one));
        const Plan plan = plan_of(one, seed);
        const Group& group = plan.groups[0];
        const TensorLayout& out = plan.tensors[2].layout;
        std::set<std::uint64_t> stored;
        std::uint64_t with_work = 0;
        for (unsigned t = 0; t < one.tiles; ++t) {
            const std::size_t before = stored.size();
            const std::uint64_t row = out.channels() * out.element_bytes;
            TileProgram program(plan, t);
            for (Command command; program.next(Queue::store, command);) {
                EXPECT_EQ(command.dma.count[0] * command.dma.count[1] * command.dma.count[2], 1u);
                for (std::uint64_t b = 0; b < command.dma.run_bytes; ++b) {
                    const std::uint64_t address = command.dma.memory_address + b;
                    EXPECT_TRUE(stored.insert(address).second) << address << " is stored twice";
                    EXPECT_EQ((address - out.base) / row, group.output_per_tile ? with_work : 0) << "row of parts";
                }
            }
            const Share& share = group.shares[t];
            const std::uint64_t kernels = one.layer.kernel_positions() * one.layer.in_group();
            EXPECT_EQ(stored.size() - before, share.empty() ? 0 : share.channels.size() * kernels * out.element_bytes);
            with_work += share.empty() ? 0 : 1;
        }
        ASSERT_FALSE(HasFailure());
    }
}

} // namespace
} // namespace systolica
