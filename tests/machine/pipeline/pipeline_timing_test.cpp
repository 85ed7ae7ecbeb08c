// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// Pipelines against closed forms, and against a clock that is counted tick by tick.
#include "machine/pipeline/pipeline_timing.h"

#include <gtest/gtest.h>

#include <map>
#include <set>

namespace systolica {
namespace {

using Shape = PipelineShape;
constexpr auto kGpipe = PipelineSchedule::gpipe;
constexpr auto k1f1b = PipelineSchedule::one_f_one_b;
constexpr auto k2bw = PipelineSchedule::two_bw;

// PipeDream-Flush as its authors draw it: what stage s may do next depends on how many forward and backward steps it
// has begun, not on a list made beforehand.
bool wants_backward(const Shape& shape, std::uint64_t stage, std::uint64_t forwards, std::uint64_t backwards) {
    const std::uint64_t span = shape.schedule == k2bw ? shape.all_microbatches() : shape.microbatches;
    const std::uint64_t of_batch = forwards - backwards / span * span; // begun in the batch that is being worked on
    const std::uint64_t open = forwards - backwards;
    if (of_batch == span) {
        return true;
    }
    return shape.schedule != kGpipe && open == shape.stages - stage;
}

// Every tick, every idle stage begins its next step if the input is there.
std::uint64_t ticked_makespan(const Shape& shape, const PipelineTimes& times) {
    const std::uint64_t stages = shape.stages, all = shape.all_microbatches();
    std::vector<std::uint64_t> forwards(stages), backwards(stages), busy_until(stages);
    std::map<std::pair<std::uint64_t, std::uint64_t>, std::uint64_t> forward_at, backward_at; // (stage, which): arrival
    std::uint64_t done = 0, last = 0;
    for (std::uint64_t now = 0; done < 2 * stages * all; ++now) {
        for (std::uint64_t s = 0; s < stages; ++s) {
            if (busy_until[s] > now || backwards[s] == all) {
                continue;
            }
            const bool backward = wants_backward(shape, s, forwards[s], backwards[s]);
            std::uint64_t which = backward ? backwards[s] : forwards[s];
            if (backward && shape.schedule == kGpipe) { // last microbatch of the batch first
                which = which / shape.microbatches * shape.microbatches + shape.microbatches - 1 -
                        which % shape.microbatches;
            }
            auto& arrivals = backward ? backward_at : forward_at;
            const bool from_outside = s == (backward ? stages - 1 : 0);
            const auto found = arrivals.find({s, which});
            if (!from_outside && (found == arrivals.end() || found->second > now)) {
                continue;
            }
            busy_until[s] = now + (backward ? times.backward : times.forward);
            ++(backward ? backwards[s] : forwards[s]);
            ++done;
            last = std::max(last, busy_until[s]);
            if (backward && s > 0) {
                backward_at[{s - 1, which}] = busy_until[s] + times.link_delay;
            } else if (!backward && s + 1 < stages) {
                forward_at[{s + 1, which}] = busy_until[s] + times.link_delay;
            }
        }
    }
    return last;
}

TEST(PipelineTiming, EveryShapeTakesAsLongAsCountedTickByTick) {
    const std::vector<PipelineTimes> all_times{{1, 2, 0}, {2, 4, 1}, {3, 2, 5}, {1, 1, 0}, {2, 7, 3}};
    for (const PipelineTimes& times : all_times) {
        for (const PipelineSchedule schedule : {kGpipe, k1f1b, k2bw}) {
            for (std::uint64_t stages = 1; stages <= 6; ++stages) {
                for (const std::uint64_t microbatches : {1U, 2U, 3U, 5U, 8U}) {
                    for (const std::uint64_t batches : {1U, 3U}) {
                        const Shape shape{stages, microbatches, batches, schedule};
                        EXPECT_EQ(run_pipeline(shape, times).makespan, ticked_makespan(shape, times))
                            << stages << " stages, " << microbatches << " x " << batches << ", schedule "
                            << static_cast<int>(schedule);
                    }
                }
            }
        }
    }
}

TEST(PipelineTiming, WithoutCommunicationAFlushCostsAllStagesButOneOnceABatch) {
    for (const PipelineSchedule schedule : {kGpipe, k1f1b}) {
        for (const std::uint64_t p : {1U, 2U, 7U, 16U, 64U}) {
            for (const std::uint64_t m : {1U, 4U, 33U, 128U}) {
                const PipelineRun run = run_pipeline({p, m, 5, schedule}, {1, 2, 0});
                EXPECT_EQ(run.makespan, 5 * 3 * (m + p - 1));
                EXPECT_NEAR(run.bubble_fraction(), static_cast<double>(p - 1) / static_cast<double>(m + p - 1), 1e-12);
            }
        }
    }
}

TEST(PipelineTiming, TwoBufferedWeightsPayForOneFlushOnly) {
    for (const std::uint64_t p : {1U, 2U, 7U, 16U, 64U}) {
        for (const std::uint64_t m : {64U, 128U}) {
            for (const std::uint64_t n : {1U, 2U, 9U}) {
                EXPECT_EQ(run_pipeline({p, m, n, k2bw}, {1, 2, 0}).makespan, 3 * (n * m + p - 1));
            }
        }
    }
}

// Issue 6: a link delay of half a forward step, 4 stages, 8 microbatches; here in half steps.
TEST(PipelineTiming, ALinkDelayOfHalfAForwardStep) {
    EXPECT_EQ(run_pipeline({4, 8, 1, kGpipe}, {2, 4, 1}).makespan, 2u * 36);
    EXPECT_EQ(run_pipeline({4, 8, 1, k1f1b}, {2, 4, 1}).makespan, 2u * 41);
}

TEST(PipelineTiming, GpipeStashesABatchAndOneForwardOneBackwardAtMostAPipeline) {
    for (const std::uint64_t m : {1U, 3U, 4U, 20U}) {
        EXPECT_EQ(run_pipeline({4, m, 2, kGpipe}, {1, 2, 0}).peak_stashed(), m);
        EXPECT_EQ(run_pipeline({4, m, 2, k1f1b}, {1, 2, 0}).peak_stashed(), std::min<std::uint64_t>(m, 4));
        EXPECT_EQ(run_pipeline({4, m, 2, k2bw}, {1, 2, 0}).peak_stashed(), std::min<std::uint64_t>(2 * m, 4));
    }
    const PipelineRun run = run_pipeline({4, 20, 1, k1f1b}, {1, 2, 0});
    for (std::uint64_t stage = 0; stage < 4; ++stage) {
        EXPECT_EQ(run.stages[stage].peak_stashed, 4 - stage);
    }
}

TEST(PipelineOrder, EveryStageWorksOnEveryMicrobatchForwardAndThenBackward) {
    for (const PipelineSchedule schedule : {kGpipe, k1f1b, k2bw}) {
        for (std::uint64_t stage = 0; stage < 5; ++stage) {
            std::set<std::uint64_t> forward, backward;
            for (const PipelineStep& step : pipeline_order({5, 3, 4, schedule}, stage)) {
                if (step.backward) {
                    EXPECT_EQ(forward.count(step.microbatch), 1u);
                    EXPECT_TRUE(backward.insert(step.microbatch).second);
                } else {
                    EXPECT_TRUE(forward.insert(step.microbatch).second);
                }
            }
            EXPECT_EQ(forward.size(), 12u);
            EXPECT_EQ(backward.size(), 12u);
        }
    }
}

// PipeDream-2BW, section 3.1: microbatch k (from 1) uses version max(floor((k - 1) / m) - 1, 0).
TEST(PipelineOrder, TwoBufferedWeightsAreOneBatchBehind) {
    const Shape shape{4, 8, 5, k2bw};
    for (std::uint64_t k = 1; k <= 40; ++k) {
        const std::int64_t rule = (static_cast<std::int64_t>(k) - 1) / 8 - 1;
        EXPECT_EQ(weight_version_of(shape, k - 1), static_cast<std::uint64_t>(std::max<std::int64_t>(rule, 0)));
    }
    EXPECT_EQ(weight_version_of({4, 8, 5, k1f1b}, 39), 4u); // a flush: always the newest
}

// At each step the version it uses must have been made, by the backward steps of all batches before it, and no more
// versions may be alive than the rule says: from that which the oldest open microbatch uses to the newest.
TEST(PipelineOrder, AVersionIsThereWhenItIsUsedAndNoMoreAreKept) {
    for (const PipelineSchedule schedule : {kGpipe, k1f1b, k2bw}) {
        for (std::uint64_t stages = 1; stages <= 9; ++stages) {
            for (std::uint64_t m = 1; m <= 9; ++m) {
                const Shape shape{stages, m, 12, schedule};
                std::uint64_t most = 0;
                for (std::uint64_t stage = 0; stage < stages; ++stage) {
                    std::set<std::uint64_t> open;
                    std::uint64_t backwards = 0;
                    for (const PipelineStep& step : pipeline_order(shape, stage)) {
                        const std::uint64_t newest = backwards / m;
                        EXPECT_LE(weight_version_of(shape, step.microbatch), newest);
                        if (!step.backward) {
                            open.insert(step.microbatch);
                        }
                        most = std::max(most, newest - weight_version_of(shape, *open.begin()) + 1);
                        if (step.backward) {
                            open.erase(step.microbatch);
                            ++backwards;
                        }
                    }
                }
                EXPECT_EQ(most, weight_versions(shape)) << stages << " stages, " << m << " microbatches";
            }
        }
    }
}

} // namespace
} // namespace systolica
