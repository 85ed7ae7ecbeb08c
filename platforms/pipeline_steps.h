// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// A pipeline's run step by step, for reports.
#pragma once

#include <cstdint>
#include <vector>

#include "machine/pipeline/pipeline_timing.h"

namespace systolica {

struct PipelineStepTime {
    std::uint64_t stage = 0, batch = 0, microbatch = 0; // from 0; microbatches over all batches
    bool backward = false;
    std::uint64_t start = 0, end = 0;
    std::uint64_t weight_version = 0;
};

// Stage by stage, each in the order in which it works.
std::vector<PipelineStepTime> pipeline_steps(const PipelineShape& shape, const PipelineTimes& times,
                                             const PipelineRun& run);

} // namespace systolica
