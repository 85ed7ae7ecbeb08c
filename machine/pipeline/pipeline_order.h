// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// In which order a stage of a pipeline works on its microbatches. Sources: GPipe (Huang et al., NeurIPS 2019),
// PipeDream (Harlap et al., 2018), PipeDream-2BW and PipeDream-Flush (Narayanan et al., ICML 2021).
//   gpipe  all forward steps of a batch, then its backward steps, last microbatch first; then the pipeline is empty
//   1f1b   PipeDream-Flush: stage s of P (from 0) runs P - 1 - s forward steps ahead, then one forward and one backward
//          step in turn, then the backward steps that are left; the pipeline is empty between batches
//   2bw    the same over all batches without emptying the pipeline between them
#pragma once

#include <cstdint>
#include <vector>

namespace systolica {

enum class PipelineSchedule : std::uint8_t { gpipe, one_f_one_b, two_bw };

struct PipelineShape {
    std::uint64_t stages = 1;
    std::uint64_t microbatches = 1; // of a batch
    std::uint64_t batches = 1;
    PipelineSchedule schedule = PipelineSchedule::gpipe;

    std::uint64_t all_microbatches() const { return microbatches * batches; }
};

struct PipelineStep {
    std::uint64_t microbatch = 0; // counts from 0 over all batches
    bool backward = false;

    bool operator==(const PipelineStep& other) const {
        return microbatch == other.microbatch && backward == other.backward;
    }
};

// All steps of one stage.
std::vector<PipelineStep> pipeline_order(const PipelineShape& shape, std::uint64_t stage);

// Versions of the weights that a stage must keep. gpipe and 1f1b update between batches: one. 2bw: microbatch k (from
// 1) of batches of m uses version max(floor((k - 1) / m) - 1, 0), so that two are enough, as long as the batch whose
// gradients made that version has left the pipeline: m >= P - 1. Smaller batches stay in flight for
// d = ceil((P - 1) / m) batches and need d + 1 versions (m = 1: the P versions of PipeDream).
std::uint64_t weight_versions(const PipelineShape& shape);

// The version of the weights that a microbatch (from 0) uses, forward and backward; 0 is the one before any update.
std::uint64_t weight_version_of(const PipelineShape& shape, std::uint64_t microbatch);

} // namespace systolica
