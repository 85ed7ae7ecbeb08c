// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// Whole plans of random networks of all operators, byte by byte.

#include <map>

#include <gtest/gtest.h>

#include "base/diagnostics.h"
#include "example_graphs.h"
#include "operator_reads.h"
#include "plan_checks.h"
#include "random_numbers.h"
#include "random_operators.h"

namespace systolica {
namespace {

constexpr std::uint64_t kSeeds = 600;

// Runs `check` on every case that can be mapped; most of them can.
template <typename Check>
void for_random_operators(Overlap overlap, Check check) {
    std::uint64_t mapped = 0;
    std::map<OpKind, int> kinds;
    for (std::uint64_t seed = 0; seed < kSeeds; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        RandomNumbers random(seed + 5000000);
        const Graph graph = random_operators(seed, random.one_in(3) ? 3 : 1);
        const auto tiles = static_cast<unsigned>(random.pick<std::uint64_t>({1, 2, 4}));
        const auto bytes = [&] { return random.pick<std::uint64_t>({2048, 4096, 65536}); };
        ChipConfig chip =
            example_chip(tiles, random.flip() ? 4 : 8, Dataflow::ws, {bytes(), bytes(), bytes(), 2 * bytes()});
        chip.precision.activation_bits = random.one_in(3) ? 16 : 8;
        chip.precision.weight_bits = random.one_in(3) ? 16 : 8;
        MappingOptions options;
        options.overlap = overlap;
        options.fusion = !random.one_in(3);
        options.split =
            random.pick<Split>({Split::automatic, Split::automatic, Split::channels, Split::rows, Split::batch});
        try {
            const Plan plan = make_plan(graph, chip, options);
            ++mapped;
            for (const Operator& op : graph.operators) {
                ++kinds[op.kind];
            }
            check(graph, plan, seed);
        } catch (const InputError&) {
        }
        if (::testing::Test::HasFailure()) {
            return;
        }
    }
    EXPECT_GT(mapped, kSeeds * 3 / 4);
    EXPECT_GT(kinds.size(), 30u);
}

TEST(RandomOperators, HoldWithOverlapOfLayers) {
    for_random_operators(Overlap::layer, check_plan);
}

TEST(RandomOperators, HoldWithOverlapInsideLayers) {
    for_random_operators(Overlap::tile, check_plan);
}

TEST(RandomOperators, HoldWithoutOverlap) {
    for_random_operators(Overlap::none, check_plan);
}

TEST(RandomOperators, StoreEveryByteOnceAndLoadNothingBeforeItIsThere) {
    for_random_operators(Overlap::layer,
                         [](const Graph&, const Plan& plan, std::uint64_t seed) { check_memory(plan, seed); });
}

TEST(RandomOperators, ReadWhatTheirMeaningNeedsAndNothingElse) {
    for_random_operators(Overlap::layer,
                         [](const Graph& graph, const Plan& plan, std::uint64_t) { check_reads(graph, plan); });
}

TEST(RandomOperators, NeedNoMoreThanTheirTilingsSay) {
    for_random_operators(Overlap::layer,
                         [](const Graph&, const Plan& plan, std::uint64_t seed) { check_exact_needs(plan, seed); });
}

} // namespace
} // namespace systolica
