// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// When the steps of a pipeline run. Every stage takes the same time for a step; a result reaches the next stage (of the
// backward pass: the one before) `link_delay` after its step, while its sender already works on. A stage works strictly
// in the order of its schedule and waits only for the input of its next step. Not modelled: the time of a weight update
// and of an all-reduce between replicas, links too slow for the results of a step.
#pragma once

#include <cstdint>
#include <vector>

#include "machine/pipeline/pipeline_order.h"

namespace systolica {

struct PipelineTimes { // in any one unit
    std::uint64_t forward = 1;
    std::uint64_t backward = 2;
    std::uint64_t link_delay = 0;
};

struct PipelineStageUse {
    std::vector<std::uint64_t> starts; // of its steps, in the order of pipeline_order()
    std::uint64_t end = 0;             // of the last one
    std::uint64_t busy = 0;
    std::uint64_t peak_stashed = 0; // microbatches whose activations wait for their backward step, the running one too
};

struct PipelineRun {
    std::uint64_t makespan = 0;
    std::vector<PipelineStageUse> stages;

    std::uint64_t peak_stashed() const; // of the stage that holds most
    double bubble_fraction() const;     // idle share of all stages' time
};

// The sum of all steps and delays must fit 64 bits.
PipelineRun run_pipeline(const PipelineShape& shape, const PipelineTimes& times);

} // namespace systolica
