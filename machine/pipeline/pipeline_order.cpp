// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "machine/pipeline/pipeline_order.h"

#include <algorithm>

#include "base/integer.h"

namespace systolica {

namespace {

void add_gpipe(std::uint64_t first, std::uint64_t count, std::vector<PipelineStep>& order) {
    for (std::uint64_t i = 0; i < count; ++i) {
        order.push_back({first + i, false});
    }
    for (std::uint64_t i = count; i > 0; --i) {
        order.push_back({first + i - 1, true});
    }
}

void add_one_f_one_b(std::uint64_t first, std::uint64_t count, std::uint64_t ahead, std::vector<PipelineStep>& order) {
    const std::uint64_t lead = std::min(ahead, count);
    for (std::uint64_t i = 0; i < lead; ++i) {
        order.push_back({first + i, false});
    }
    for (std::uint64_t i = 0; i < count; ++i) {
        if (lead + i < count) {
            order.push_back({first + lead + i, false});
        }
        order.push_back({first + i, true});
    }
}

// Batches for which a microbatch stays in flight (2bw).
std::uint64_t batches_in_flight(const PipelineShape& shape) {
    return std::max<std::uint64_t>(1, ceil_div(shape.stages - 1, shape.microbatches));
}

} // namespace

std::vector<PipelineStep> pipeline_order(const PipelineShape& shape, std::uint64_t stage) {
    std::vector<PipelineStep> order;
    order.reserve(2 * shape.all_microbatches());
    const std::uint64_t ahead = shape.stages - 1 - stage;
    if (shape.schedule == PipelineSchedule::two_bw) {
        add_one_f_one_b(0, shape.all_microbatches(), ahead, order);
        return order;
    }
    for (std::uint64_t batch = 0; batch < shape.batches; ++batch) {
        const std::uint64_t first = batch * shape.microbatches;
        if (shape.schedule == PipelineSchedule::gpipe) {
            add_gpipe(first, shape.microbatches, order);
        } else {
            add_one_f_one_b(first, shape.microbatches, ahead, order);
        }
    }
    return order;
}

std::uint64_t weight_versions(const PipelineShape& shape) {
    return shape.schedule == PipelineSchedule::two_bw ? batches_in_flight(shape) + 1 : 1;
}

std::uint64_t weight_version_of(const PipelineShape& shape, std::uint64_t microbatch) {
    const std::uint64_t batch = microbatch / shape.microbatches;
    const std::uint64_t late = shape.schedule == PipelineSchedule::two_bw ? batches_in_flight(shape) : 0;
    return batch > late ? batch - late : 0;
}

} // namespace systolica
