// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "mapping/group_parts.h"

#include <algorithm>
#include <map>

#include "mapping/nest.h"
#include "workloads/operator_table.h"

namespace systolica {

VectorKernel vector_kernel(OpKind kind) {
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
    case OpKind::leaky_relu:
        return VectorKernel::leaky_relu;
    case OpKind::sigmoid:
        return VectorKernel::sigmoid;
    case OpKind::tanh:
        return VectorKernel::tanh;
    case OpKind::silu:
        return VectorKernel::silu;
    case OpKind::gelu:
        return VectorKernel::gelu;
    case OpKind::hard_sigmoid:
        return VectorKernel::hard_sigmoid;
    case OpKind::hard_swish:
        return VectorKernel::hard_swish;
    case OpKind::sub:
        return VectorKernel::sub;
    case OpKind::mul:
        return VectorKernel::mul;
    case OpKind::div:
        return VectorKernel::div;
    case OpKind::pow:
        return VectorKernel::pow;
    case OpKind::reduce_mean:
        return VectorKernel::reduce_mean;
    case OpKind::reduce_sum:
        return VectorKernel::reduce_sum;
    case OpKind::resize_bilinear:
        return VectorKernel::resize_bilinear;
    case OpKind::layer_norm:
        return VectorKernel::layer_norm;
    case OpKind::lrn:
        return VectorKernel::lrn;
    default:
        return VectorKernel::copy;
    }
}

void add_stage(const Graph& graph, Group& group, const Operator& o, int index) {
    if (o.kind == OpKind::batch_norm || o.kind == OpKind::layer_norm) {
        ChannelConstants constants; // scale and shift; of a batch-norm from mean, variance, gamma and beta
        constants.values = 2;
        constants.operation = static_cast<std::uint32_t>(index);
        group.constants.push_back(constants);
    }
    const std::uint64_t taps = tap_count(graph, o);
    group.layer.stages.push_back(
        {vector_kernel(o.kind), static_cast<std::uint32_t>(taps), static_cast<std::uint32_t>(index)});
}

namespace {

// Bytes that the tiles load: of those that share a load one tile's count, that of the tile that loads most.
class LoadedBytes {
public:
    LoadedBytes(PlannedOperation& row, const SharedLoads& shared) : row_(row), shared_(shared.any()) {}
    ~LoadedBytes() {
        for (const auto& [terms, most] : most_) {
            bytes_ += most;
            row_.shares_loads = row_.shares_loads || most > 0;
        }
        row_.dram_read_bytes += bytes_;
    }
    LoadedBytes(const LoadedBytes&) = delete;
    LoadedBytes& operator=(const LoadedBytes&) = delete;

    void add(const Share& share, std::uint64_t bytes) {
        if (shared_) {
            std::uint64_t& most = most_[share.terms.begin];
            most = std::max(most, bytes);
        } else {
            bytes_ += bytes;
        }
    }

private:
    PlannedOperation& row_;
    const bool shared_;
    std::uint64_t bytes_ = 0;
    std::map<std::uint64_t, std::uint64_t> most_; // by the first of the terms: tiles with others load other bytes
};

} // namespace

void count_bytes(const Group& group, Plan& plan) {
    const Precision& p = plan.chip.precision;
    const auto of_tiles = [&](auto&& count) {
        for (const Share& share : group.shares) {
            if (!share.empty()) {
                count(share, Nest(group.layer, group.tiling, share));
            }
        }
    };
    {
        PlannedOperation& row = plan.operations[group.operation];
        LoadedBytes input(row, group.sharing.input);
        LoadedBytes filter(row, group.sharing.filter);
        of_tiles([&](const Share& share, const Nest& nest) {
            input.add(share, group.input_kept ? 0 : nest.ifmap_elements() * group.layer.bytes.input);
            if (group.layer.matrix) {
                const std::uint64_t bias =
                    group.layer.bias && share.owner() ? share.channels.size() * p.accumulator_bytes() : 0;
                filter.add(share, nest.filter_loads_per_weight() * (nest.weights() * group.layer.bytes.filter + bias));
            }
            row.exchanged_bytes += share.owner() ? 0 : nest.outputs() * p.accumulator_bytes();
        });
    }
    for (const ChannelConstants& constants : group.constants) {
        LoadedBytes loaded(plan.operations[constants.operation], group.sharing.constants);
        of_tiles([&](const Share& share, const Nest& nest) {
            loaded.add(share,
                       share.owner() ? share.channels.size() * constants.bytes * nest.passes_over_channels() : 0);
        });
    }
    if (group.exchange.made_event != 0) {
        for (unsigned t = 0; t < plan.chip.tiles; ++t) {
            plan.operations[group.operation].exchanged_bytes += group.exchange.elements(t) * p.activation_bytes();
        }
        plan.operations[group.operation].shares_loads = true;
    }
    if (group.tiling.ways > 1) {
        plan.operations[group.operation].shares_loads = true;
    }
    of_tiles([&](const Share& share, const Nest& nest) {
        if (!share.owner()) {
            return;
        }
        for (std::size_t i = 0; i < group.operands.size(); ++i) {
            const OperandForm& form = group.layer.operands[i];
            plan.operations[group.operands[i].operation].dram_read_bytes += nest.outputs(form.stretch) * form.bytes;
        }
        for (std::size_t i = 0; i < group.results.size(); ++i) {
            const ResultForm& form = group.layer.results[i];
            plan.operations[group.results[i].operation].dram_write_bytes += nest.results(form) * form.bytes;
        }
        plan.operations[group.last_operation].dram_write_bytes +=
            group.layer.output ? nest.outputs() * group.layer.bytes.output : 0;
    });
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
