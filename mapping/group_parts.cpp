// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "mapping/group_parts.h"

#include "mapping/nest.h"

namespace systolica {

namespace {

VectorKernel kernel_of(OpKind kind) {
    switch (kind) {
    case OpKind::relu:
        return VectorKernel::relu;
    case OpKind::relu6:
        return VectorKernel::relu6;
    case OpKind::add:
        return VectorKernel::add;
    case OpKind::batch_norm:
        return VectorKernel::batch_norm;
    case OpKind::max_pool:
        return VectorKernel::max_pool;
    case OpKind::avg_pool:
        return VectorKernel::avg_pool;
    case OpKind::global_avg_pool:
        return VectorKernel::global_avg_pool;
    case OpKind::softmax:
        return VectorKernel::softmax;
    default:
        return VectorKernel::copy;
    }
}

} // namespace

void add_stage(const Graph& graph, Group& group, const Operator& o, int index) {
    if (o.kind == OpKind::batch_norm) {
        group.layer.channel_constants += 2; // scale and shift, from mean, variance, gamma and beta
        group.constants_operation = static_cast<std::uint32_t>(index);
    }
    std::uint64_t taps = 1;
    if (o.kind == OpKind::max_pool || o.kind == OpKind::avg_pool) {
        taps = o.window.kernel_h * o.window.kernel_w;
    } else if (o.kind == OpKind::global_avg_pool) {
        taps = graph.input_of(o).shape.h * graph.input_of(o).shape.w;
    }
    group.layer.stages.push_back(
        {kernel_of(o.kind), static_cast<std::uint32_t>(taps), static_cast<std::uint32_t>(index)});
}

void count_bytes(const Group& group, Plan& plan) {
    const Precision& p = plan.chip.precision;
    PlannedOperation& row = plan.operations[group.operation];
    for (const Share& share : group.shares) {
        if (share.empty()) {
            continue;
        }
        const Nest nest(group.layer, group.tiling, share);
        const std::uint64_t outputs = nest.outputs();
        row.dram_read_bytes += group.input_kept ? 0 : nest.ifmap_elements() * p.activation_bytes();
        if (group.layer.matrix) {
            const std::uint64_t bias = group.layer.bias ? share.channels.size() * p.accumulator_bytes() : 0;
            row.dram_read_bytes += nest.filter_loads_per_weight() * (nest.weights() * p.weight_bytes() + bias);
        }
        if (group.layer.channel_constants > 0) {
            plan.operations[group.constants_operation].dram_read_bytes +=
                share.channels.size() * group.layer.channel_constants * p.accumulator_bytes() *
                nest.passes_over_channels();
        }
        for (const std::uint32_t operation : group.extra_operations) {
            plan.operations[operation].dram_read_bytes += outputs * p.activation_bytes();
        }
        plan.operations[group.last_operation].dram_write_bytes += outputs * p.activation_bytes();
    }
}

std::uint64_t Plan::dram_read_bytes() const {
    std::uint64_t bytes = 0;
    for (const PlannedOperation& operation : operations) {
        bytes += operation.dram_read_bytes;
    }
    return bytes;
}

std::uint64_t Plan::dram_write_bytes() const {
    std::uint64_t bytes = 0;
    for (const PlannedOperation& operation : operations) {
        bytes += operation.dram_write_bytes;
    }
    return bytes;
}

} // namespace systolica
