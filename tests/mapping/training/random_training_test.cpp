// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// Whole iterations of random small networks on random small chips, byte by byte.

#include <gtest/gtest.h>

#include "../plan_checks.h"
#include "base/diagnostics.h"
#include "training_cases.h"
#include "training_checks.h"

namespace systolica {
namespace {

// Runs `check` on every case that can be mapped; most of them can.
template <typename Check>
void for_random_cases(Kinds kinds, std::uint64_t seeds, Check check) {
    std::uint64_t mapped = 0;
    for (std::uint64_t seed = 0; seed < seeds; ++seed) {
        const TrainingCase one = random_training_case(seed, kinds);
        SCOPED_TRACE("seed " + std::to_string(seed) + " " + one.text());
        try {
            const Plan plan = one.plan();
            ++mapped;
            check(one, plan, seed);
        } catch (const InputError&) {
        }
        if (::testing::Test::HasFailure()) {
            return;
        }
    }
    EXPECT_GT(mapped, seeds * 3 / 4);
}

void check(const TrainingCase& one, const Plan& plan, std::uint64_t seed) {
    check_training_plan(one.graph, plan, one.lowering, 1, seed);
}

TEST(RandomTraining, OfImagesFindsWhatItReadsAndStoresAllThatItMakes) {
    for_random_cases(Kinds::of_images, 500, check);
}

TEST(RandomTraining, OfAllOperatorsFindsWhatItReadsAndStoresAllThatItMakes) {
    for_random_cases(Kinds::all, 800, check);
}

void check_orders(const TrainingCase& one, const Plan& plan, std::uint64_t seed) {
    check_every_order(one.graph, plan, 1, seed);
}

TEST(RandomTraining, OfImagesSeesNoOtherTensorInAnyOrder) {
    for_random_cases(Kinds::of_images, 300, check_orders);
}

TEST(RandomTraining, OfAllOperatorsSeesNoOtherTensorInAnyOrder) {
    for_random_cases(Kinds::all, 500, check_orders);
}

void check_needs(const TrainingCase&, const Plan& plan, std::uint64_t seed) {
    check_exact_needs(plan, seed);
}

TEST(RandomTraining, OfImagesNeedsNoMoreThanItsTilingsSay) {
    for_random_cases(Kinds::of_images, 400, check_needs);
}

TEST(RandomTraining, OfAllOperatorsNeedsNoMoreThanItsTilingsSay) {
    for_random_cases(Kinds::all, 400, check_needs);
}

} // namespace
} // namespace systolica
