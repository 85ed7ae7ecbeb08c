// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "mapping/placement.h"

#include <algorithm>

namespace systolica {

PlannedTensor planned_tensor(const std::string& name, const Shape& shape, const Precision& precision) {
    PlannedTensor tensor;
    tensor.name = name;
    tensor.shape = shape;
    tensor.layout.rows = shape.n * shape.h;
    tensor.layout.width = shape.w;
    tensor.layout.element_bytes = precision.activation_bytes();
    tensor.layout.boundaries = {0, shape.c};
    return tensor;
}

// What becomes channels whole keeps its order in memory: the weights that follow are laid out for it.
PlannedTensor planned_view(const Graph& graph, const Plan& plan, const Operator& op) {
    PlannedTensor view = plan.tensors[static_cast<std::size_t>(op.inputs[0])];
    const std::uint64_t height = view.shape.h;
    view.name = graph.output_of(op).name;
    view.shape = graph.output_of(op).shape;
    if (view.shape.h == 1 && view.shape.w == 1 && view.view_of < 0) {
        view.layout = view.layout.flattened(height);
    } else {
        view.view_of = op.inputs[0];
    }
    return view;
}

std::vector<std::uint64_t> concat_blocks(const Graph& graph, const Operator& concat) {
    if (axis_of(concat) != Dim::channels) {
        return {0, graph.output_of(concat).shape.c};
    }
    std::vector<std::uint64_t> boundaries{0};
    for (std::size_t i = 0; i < concat.inputs.size(); ++i) {
        boundaries.push_back(boundaries.back() + graph.input_of(concat, i).shape.c);
    }
    return boundaries;
}

std::vector<std::uint64_t> result_blocks(const Plan& plan, const Group& group) {
    const PlannedTensor& out = plan.tensors[static_cast<std::size_t>(group.output.tensor)];
    std::vector<std::uint64_t> boundaries;
    if (group.layer.product) {
        for (std::uint64_t c = 0; c <= out.shape.c; ++c) {
            boundaries.push_back(c);
        }
        return boundaries;
    }
    if (group.output.axes != kAxesInOrder) {
        const PlannedTensor& in = plan.tensors[static_cast<std::size_t>(group.input.tensor)];
        const bool alike = in.shape == out.shape && in.view_of < 0;
        return alike ? in.layout.boundaries : std::vector<std::uint64_t>{0, out.shape.c};
    }
    for (const Share& share : group.shares) {
        for (std::uint64_t c = share.channels.begin; !share.empty() && c < share.channels.end;
             c += group.tiling.n_block) {
            boundaries.push_back(c);
        }
    }
    boundaries.push_back(group.layer.out_channels);
    std::sort(boundaries.begin(), boundaries.end());
    boundaries.erase(std::unique(boundaries.begin(), boundaries.end()), boundaries.end());
    return boundaries;
}

} // namespace systolica
