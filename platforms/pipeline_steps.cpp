// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "platforms/pipeline_steps.h"

namespace systolica {

std::vector<PipelineStepTime> pipeline_steps(const PipelineShape& shape, const PipelineTimes& times,
                                             const PipelineRun& run) {
    std::vector<PipelineStepTime> steps;
    for (std::uint64_t stage = 0; stage < shape.stages; ++stage) {
        const std::vector<PipelineStep> order = pipeline_order(shape, stage);
        for (std::size_t i = 0; i < order.size(); ++i) {
            const PipelineStep& step = order[i];
            const std::uint64_t start = run.stages[stage].starts[i];
            steps.push_back({stage, step.microbatch / shape.microbatches, step.microbatch, step.backward, start,
                             start + (step.backward ? times.backward : times.forward),
                             weight_version_of(shape, step.microbatch)});
        }
    }
    return steps;
}

} // namespace systolica
