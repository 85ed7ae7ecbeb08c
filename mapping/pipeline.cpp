// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "mapping/pipeline.h"

#include <utility>

#include "mapping/pipeline_stages.h"

namespace systolica {

Pipeline make_pipeline(Microbatches work, std::vector<std::vector<int>> groups, const std::vector<double>& cycles,
                       unsigned tiles) {
    std::vector<double> worked;
    for (const double each : cycles) {
        if (each > 0) {
            worked.push_back(each);
        }
    }
    const std::vector<std::size_t> stages = balanced_stages(worked, tiles);
    Pipeline pipeline;
    pipeline.work = std::move(work);
    pipeline.groups = std::move(groups);
    std::size_t next = 0;
    for (const double each : cycles) {
        pipeline.tile.push_back(next < stages.size() ? static_cast<unsigned>(stages[next]) : 0);
        next += each > 0 ? 1 : 0;
    }
    return pipeline;
}

bool SharedParameters::give(Group& group) {
    asked_ = {group.operation, next_[group.operation]++, group.tiling.n_block, group.tiling.k_block};
    const auto found = places_.find(asked_);
    if (found == places_.end()) {
        return false;
    }
    group.has_weights = true;
    group.weight_base = found->second.weight_base;
    group.constants = found->second.constants;
    return true;
}

void SharedParameters::keep(const Group& group) {
    places_[asked_] = {group.weight_base, group.constants};
}

} // namespace systolica
