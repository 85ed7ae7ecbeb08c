// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// Divisions into stages against all divisions there are, and the time through a pipeline against closed forms.

#include "mapping/pipeline_stages.h"

#include <algorithm>
#include <limits>
#include <numeric>

#include <gtest/gtest.h>

#include "random_numbers.h"

namespace systolica {
namespace {

// The slowest stage of the best of all divisions of items `from`.. into `stages`.
double best_of_all(const std::vector<double>& cycles, std::size_t from, std::size_t stages) {
    if (stages == 1) {
        return std::accumulate(cycles.begin() + static_cast<std::ptrdiff_t>(from), cycles.end(), 0.0);
    }
    double best = std::numeric_limits<double>::infinity(), first = 0;
    for (std::size_t end = from + 1; end + stages - 1 <= cycles.size(); ++end) {
        first += cycles[end - 1];
        best = std::min(best, std::max(first, best_of_all(cycles, end, stages - 1)));
    }
    return best;
}

TEST(PipelineStages, NoDivisionHasAFasterSlowestStage) {
    RandomNumbers random(1);
    for (int i = 0; i < 400; ++i) {
        std::vector<double> cycles(random.between(1, 10));
        for (double& each : cycles) {
            each = static_cast<double>(random.one_in(4) ? random.between(50, 100) : random.between(1, 20));
        }
        const std::size_t stages = random.between(1, 6);
        const std::vector<std::size_t> stage_of = balanced_stages(cycles, stages);
        ASSERT_EQ(stage_of.size(), cycles.size());
        const std::size_t used = std::min(stages, cycles.size());
        std::vector<double> sums(used, 0);
        EXPECT_EQ(stage_of.front(), 0u);
        EXPECT_EQ(stage_of.back(), used - 1);
        for (std::size_t item = 0; item < cycles.size(); ++item) {
            ASSERT_LT(stage_of[item], used);
            ASSERT_TRUE(item == 0 || stage_of[item] == stage_of[item - 1] || stage_of[item] == stage_of[item - 1] + 1);
            sums[stage_of[item]] += cycles[item];
        }
        EXPECT_EQ(*std::max_element(sums.begin(), sums.end()), best_of_all(cycles, 0, used));
    }
}

TEST(PipelineStages, NothingToDivideHasNoStages) {
    EXPECT_TRUE(balanced_stages({}, 3).empty());
}

TEST(PipelineStages, EqualPiecesTakeTheFirstPassAndTheSlowestStageForEachOther) {
    const std::vector<double> stages{3, 7, 2, 5};
    for (std::size_t pieces = 1; pieces < 6; ++pieces) {
        EXPECT_EQ(pipeline_cycles(std::vector<std::vector<double>>(pieces, stages)),
                  17.0 + 7.0 * static_cast<double>(pieces - 1));
    }
}

TEST(PipelineStages, AShortLastPieceWaitsForTheStagesToBeFree) {
    // The second piece enters stage 1 when the first leaves it, in cycle 9, and stage 2 in cycle 10.
    EXPECT_EQ(pipeline_cycles({{1, 8, 2}, {1, 1, 1}}), 12.0);
}

} // namespace
} // namespace systolica
