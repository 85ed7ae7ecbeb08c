// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "machine/pe_array/array_pipeline.h"

#include <algorithm>

#include "machine/pe_array/fold_timing.h"

namespace systolica {

std::uint64_t ArrayPipeline::earliest_start(std::uint64_t arrival, const MatrixArguments& work) const {
    if (!used_) {
        return arrival;
    }
    if (!array_.fold_overlap || work.begins_operation) {
        return std::max(arrival, last_end_);
    }
    const std::uint64_t lead = fold_timing(array_, work.m, work.n, work.k, work.groups).lead;
    return std::max(arrival, last_stream_ + std::max(last_depth_, lead) - lead);
}

ArraySlot ArrayPipeline::schedule(std::uint64_t arrival, const MatrixArguments& work, std::uint64_t stretch_cycles) {
    const FoldTiming timing = fold_timing(array_, work.m, work.n, work.k, work.groups);
    ArraySlot slot;
    slot.start = earliest_start(arrival, work);
    const std::uint64_t stream = slot.start + timing.lead;
    slot.entry_end = stream + timing.stream_cycles() + stretch_cycles;
    slot.end = std::max(stream + timing.end_offset + stretch_cycles, last_end_);

    const bool alone = !used_ || !array_.fold_overlap || work.begins_operation;
    // A stream shorter than the load of the next stationary operand waits for it: part of the formula.
    const std::uint64_t reload = std::max(last_depth_, timing.lead) - last_depth_;
    slot.working_from = alone ? slot.start : std::max(last_working_to_, stream - reload);
    slot.working_to = !array_.fold_overlap || work.ends_operation ? slot.end : slot.entry_end;
    last_working_to_ = slot.working_to;
    used_ = true;
    last_stream_ = stream + timing.last_offset + stretch_cycles;
    last_depth_ = timing.depth;
    last_end_ = slot.end;
    return slot;
}

} // namespace systolica
