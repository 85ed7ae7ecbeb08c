// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// Whole plans of random small networks on random small chips, byte by byte.

#include <gtest/gtest.h>

#include "base/diagnostics.h"
#include "example_graphs.h"
#include "plan_checks.h"
#include "random_numbers.h"

namespace systolica {
namespace {

constexpr std::uint64_t kSeeds = 400;

struct PlanCase {
    Graph graph;
    ChipConfig chip;
    MappingOptions options;
};

PlanCase random_plan(std::uint64_t seed, Overlap overlap, bool keep_on_chip) {
    RandomNumbers random(seed + 1000000);
    PlanCase one;
    one.graph = random_graph(seed, random.flip() ? 1 : 3);
    const auto tiles = static_cast<unsigned>(random.pick<std::uint64_t>({1, 2, 4, 16}));
    const auto array = static_cast<unsigned>(random.pick<std::uint64_t>({4, 8}));
    const Dataflow dataflow = random.pick<Dataflow>({Dataflow::os, Dataflow::ws, Dataflow::is});
    const auto bytes = [&] { return random.pick<std::uint64_t>({512, 1024, 2048, 65536}); };
    one.chip = example_chip(tiles, array, dataflow, {bytes(), bytes(), bytes(), 2 * bytes()});
    one.chip.precision.activation_bits = random.one_in(4) ? 16 : 8;
    one.chip.noc.virtual_channels = random.flip() ? 4 : 0; // a network that carries groups, or not
    one.options.overlap = overlap;
    one.options.keep_on_chip = keep_on_chip;
    one.options.fusion = !random.one_in(3);
    one.options.split =
        random.pick<Split>({Split::automatic, Split::automatic, Split::channels, Split::rows, Split::batch});
    return one;
}

// Runs `check` on every case that can be mapped; most of them can.
template <typename Check>
void for_random_plans(Overlap overlap, bool keep_on_chip, Check check) {
    std::uint64_t mapped = 0;
    for (std::uint64_t seed = 0; seed < kSeeds; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        const PlanCase one = random_plan(seed, overlap, keep_on_chip);
        try {
            const Plan plan = make_plan(one.graph, one.chip, one.options);
            ++mapped;
            check(one.graph, plan, seed);
        } catch (const InputError&) {
        }
        if (::testing::Test::HasFailure()) {
            return;
        }
    }
    EXPECT_GT(mapped, kSeeds * 3 / 4);
}

TEST(RandomPlans, HoldWithOverlapOfLayers) {
    for_random_plans(Overlap::layer, false, check_plan);
}

TEST(RandomPlans, HoldWithOverlapOfLayersAndResultsKeptOnChip) {
    for_random_plans(Overlap::layer, true, check_plan);
}

TEST(RandomPlans, HoldWithOverlapInsideLayers) {
    for_random_plans(Overlap::tile, false, check_plan);
}

TEST(RandomPlans, HoldWithOverlapInsideLayersAndResultsKeptOnChip) {
    for_random_plans(Overlap::tile, true, check_plan);
}

TEST(RandomPlans, HoldWithoutOverlap) {
    for_random_plans(Overlap::none, true, check_plan);
}

TEST(RandomPlans, StoreEveryByteOnceAndLoadNothingBeforeItIsThere) {
    for_random_plans(Overlap::layer, false,
                     [](const Graph&, const Plan& plan, std::uint64_t seed) { check_memory(plan, seed); });
}

TEST(RandomPlans, StoreEveryByteOnceAndLoadNothingBeforeItIsThereWithResultsKeptOnChip) {
    for_random_plans(Overlap::layer, true,
                     [](const Graph&, const Plan& plan, std::uint64_t seed) { check_memory(plan, seed); });
}

// Convolutions one behind the other: what one makes, the next finds on chip where it fits.
Graph random_chain(RandomNumbers& random) {
    Net net({1, 4 * random.between(1, 3), 8, 8}, random.one_in(3) ? 2 : 1);
    std::string last = "input";
    std::uint64_t channels = 0;
    for (std::uint64_t i = random.between(3, 6); i > 0; --i) {
        OperatorSpec spec;
        spec.name = "c" + std::to_string(i);
        spec.inputs = {last};
        spec.out_channels = 4 * random.between(1, 8);
        spec.window.kernel_h = spec.window.kernel_w = random.one_in(3) ? 3 : 1;
        spec.window.pad_top = spec.window.pad_left = spec.window.pad_bottom = spec.window.pad_right =
            spec.window.kernel_h / 2;
        spec.window.stride_h = spec.window.stride_w = random.one_in(3) ? 2 : 1;
        spec.depthwise = channels > 0 && random.one_in(4);
        channels = spec.out_channels = spec.depthwise ? channels : spec.out_channels;
        net.add(spec);
        net.op(OpKind::relu, "r" + std::to_string(i), {spec.name});
        last = "r" + std::to_string(i);
        if (random.one_in(4)) { // read a second time
            net.op(OpKind::relu6, "again" + std::to_string(i), {last});
        }
    }
    return net.finish();
}

TEST(RandomPlans, ChainsOfResultsKeptOnChipHold) {
    std::uint64_t kept = 0;
    for (std::uint64_t seed = 0; seed < kSeeds; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        RandomNumbers random(seed);
        const Graph graph = random_chain(random);
        const auto tiles = static_cast<unsigned>(random.pick<std::uint64_t>({1, 1, 2, 4}));
        const ChipConfig chip = example_chip(tiles, 8, Dataflow::ws, {64 * random.between(8, 64), 16384, 16384, 16384});
        MappingOptions options;
        options.overlap = random.one_in(4) ? Overlap::tile : Overlap::layer;
        const Plan plan = make_plan(graph, chip, options);
        for (const Group& group : plan.groups) {
            kept += group.input_kept ? 1 : 0;
        }
        check_plan(graph, plan, seed);
        check_memory(plan, seed);
        if (HasFailure()) {
            return;
        }
    }
    EXPECT_GT(kept, kSeeds / 2);
}

TEST(RandomPlans, NeedNoMoreThanTheirTilingsSay) {
    for_random_plans(Overlap::layer, false,
                     [](const Graph&, const Plan& plan, std::uint64_t seed) { check_exact_needs(plan, seed); });
}

} // namespace
} // namespace systolica
