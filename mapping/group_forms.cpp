// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "mapping/group_forms.h"

#include <algorithm>
#include <utility>

#include "mapping/group_parts.h"
#include "mapping/transposed_phase.h"
#include "workloads/operator_table.h"

namespace systolica {

namespace {

const Shape& shape_of(const Graph& graph, int tensor) {
    return graph.tensors[static_cast<std::size_t>(tensor)].shape;
}

// Which axes of the nest an operand lacks that lies as `output` does.
Stretch stretch_of(const Shape& operand, const Shape& result, const AxisOrder& axes) {
    const auto lacks = [&](std::size_t i) { return operand.of(axes[i]) != result.of(axes[i]); };
    return {operand.n != result.n, lacks(1), lacks(2), lacks(0)};
}

void add_operand(Group& group, const Operand& operand, const Stretch& stretch) {
    group.operands.push_back(operand);
    group.layer.operands.push_back({stretch, 1}); // bytes: as the tensor's, when the group is mapped
}

// The operands of an operator but for the one that is there already.
void add_operands(const Graph& graph, Group& group, const OperatorRef& ref, std::size_t there) {
    const Operator& op = *ref.op;
    const Shape& result = graph.output_of(op).shape;
    const auto row = static_cast<std::uint32_t>(ref.index);
    for (std::size_t i = 0; i < op.inputs.size(); ++i) {
        if (i != there) {
            const Shape& shape = shape_of(graph, op.inputs[i]);
            add_operand(group, {op.inputs[i], row}, stretch_of(shape, result, group.output.axes));
        }
    }
    if (op.kind == OpKind::embedding) {
        add_operand(group, {kLearned, row, true}, {});
    } else if (has_learned_operand(op)) {
        const Shape shape = learned_shape(graph, op);
        add_operand(group, {kLearned, row}, stretch_of(shape, result, group.output.axes));
    }
}

// Rows of several images are one tall image only where every tensor has all of them.
bool images_stay_apart(const Graph& graph, const std::vector<OperatorRef>& ops) {
    for (const OperatorRef& ref : ops) {
        const Shape& result = graph.output_of(*ref.op).shape;
        const auto lacks = [&](const Shape& shape) { return shape.n != result.n || shape.h != result.h; };
        if (result.n == 1) {
            return false;
        }
        if (has_learned_operand(*ref.op) && ref.op->kind != OpKind::embedding && lacks(learned_shape(graph, *ref.op))) {
            return true;
        }
        const OpKind kind = ref.op->kind;
        const bool operands = operator_row(kind).backward == Backward::operands;
        if ((operands || kind == OpKind::slice) &&
            std::any_of(ref.op->inputs.begin(), ref.op->inputs.end(),
                        [&](int input) { return lacks(shape_of(graph, input)); })) {
            return true;
        }
    }
    return false;
}

// The input under the window: of operands the first that has the size of the result.
std::size_t window_input(const Graph& graph, const Operator& op) {
    const Shape& result = graph.output_of(op).shape;
    for (std::size_t i = 0; operator_row(op.kind).backward == Backward::operands && i < op.inputs.size(); ++i) {
        if (shape_of(graph, op.inputs[i]) == result) {
            return i;
        }
    }
    return 0;
}

void lay_product(Group& group, const GemmShape& gemm, const Operator& op) {
    constexpr AxisOrder kUpright{Dim::width, Dim::height, Dim::channels};
    constexpr AxisOrder kTransposed{Dim::height, Dim::width, Dim::channels};
    group.input.axes = op.transpose_a ? kTransposed : kUpright; // terms of the sums, rows of the result
    group.input.per_group = gemm.k;
    group.factor.tensor = op.inputs[1];
    group.factor.axes = op.transpose_b ? kUpright : kTransposed; // terms of the sums, columns of the result
    group.factor.per_group = gemm.k;
    group.output.axes = kUpright;
    group.output.per_group = gemm.n;
}

void add_fused(const Graph& graph, Group& group, const std::vector<OperatorRef>& ops) {
    for (std::size_t i = 1; i < ops.size(); ++i) {
        const Operator& fused = *ops[i].op;
        add_stage(graph, group, fused, ops[i].index);
        const auto there = std::find(fused.inputs.begin(), fused.inputs.end(), ops[i - 1].op->output);
        add_operands(graph, group, ops[i], static_cast<std::size_t>(there - fused.inputs.begin()));
    }
}

void name_rows(Group& group, const std::vector<OperatorRef>& ops) {
    group.operation = static_cast<std::uint32_t>(ops.front().index);
    group.last_operation = static_cast<std::uint32_t>(ops.back().index);
    group.output.tensor = ops.back().op->output;
}

} // namespace

bool has_learned_operand(const Operator& op) {
    return op.learned || op.kind == OpKind::embedding;
}

Shape learned_shape(const Graph& graph, const Operator& op) {
    if (op.kind == OpKind::embedding) {
        return {1, graph.output_of(op).shape.of(axis_of(op)), op.size, 1};
    }
    Shape shape = op.operand;
    shape.n = 1;
    return shape;
}

Group make_group(const Graph& graph, const std::vector<OperatorRef>& ops) {
    Operator first = *ops.front().op;
    std::swap(first.inputs[0], first.inputs[window_input(graph, first)]);
    Group group;
    name_rows(group, ops);
    group.layer = make_layer(graph, first, images_stay_apart(graph, ops));
    group.input.tensor = first.inputs[0];
    group.input.axes = input_order(first);
    group.output.axes = output_order(first);
    group.may_load_nothing = first.kind == OpKind::pad;
    if (first.kind == OpKind::slice) {
        group.input.start[static_cast<std::size_t>(axis_of(first))] = first.start;
    }
    if (first.kind == OpKind::matmul) {
        lay_product(group, gemm_shape(graph, first), first);
    } else if (!group.layer.matrix) {
        add_stage(graph, group, first, ops.front().index);
        add_operands(graph, group, {&first, ops.front().index}, 0);
    }
    add_fused(graph, group, ops);
    return group;
}

std::vector<Group> concat_groups(const Graph& graph, const OperatorRef& ref) {
    const Operator& op = *ref.op;
    const Dim axis = axis_of(op);
    std::vector<Group> groups;
    std::uint64_t start = 0;
    for (const int input : op.inputs) {
        const Shape& shape = shape_of(graph, input);
        Group group;
        name_rows(group, {ref});
        group.layer = element_layer(shape, axis == Dim::height);
        group.input.tensor = input;
        group.output.start[static_cast<std::size_t>(axis)] = start;
        add_stage(graph, group, op, ref.index);
        start += shape.of(axis);
        groups.push_back(std::move(group));
    }
    return groups;
}

std::vector<Group> adjoint_groups(const Shape& in, const Shape& out, const Window& w, std::uint64_t channel_groups,
                                  bool bias) {
    std::vector<Group> groups;
    for (std::uint64_t y = 0; y < w.stride_h; ++y) {
        const Phase rows = transposed_phase({in.h, out.h, w.kernel_h, w.stride_h, w.dilation_h, w.pad_top}, y);
        for (std::uint64_t x = 0; x < w.stride_w; ++x) {
            const Phase columns = transposed_phase({in.w, out.w, w.kernel_w, w.stride_w, w.dilation_w, w.pad_left}, x);
            if (rows.outputs == 0 || columns.outputs == 0) {
                continue;
            }
            Group group;
            Layer& layer = group.layer;
            layer.images = out.n;
            layer.images_apart = true;
            layer.matrix = rows.reached && columns.reached;
            layer.rows = rows.axis;
            layer.columns = columns.axis;
            layer.out_channels = out.c;
            layer.in_channels = layer.matrix ? in.c : out.c;
            layer.groups = layer.matrix ? channel_groups : out.c;
            layer.bias = layer.matrix && bias;
            group.input.start = {0, rows.in_start, columns.in_start};
            group.output.start = {0, rows.first, columns.first};
            group.output.step = {1, w.stride_h, w.stride_w};
            if (!layer.matrix) { // no input reaches these: zeros or the bias are written
                layer.rows = {1, rows.outputs, 1, 1, 1, rows.outputs, Scale::none};
                group.may_load_nothing = true;
            }
            groups.push_back(std::move(group));
        }
    }
    for (Group& group : groups) {
        group.begins_operation = &group == &groups.front();
        group.ends_operation = &group == &groups.back();
    }
    return groups;
}

std::vector<Group> transposed_groups(const Graph& graph, const std::vector<OperatorRef>& ops) {
    const Operator& op = *ops.front().op;
    std::vector<Group> groups =
        adjoint_groups(shape_of(graph, op.inputs[0]), graph.output_of(op).shape, op.window, op.groups, op.bias);
    for (Group& group : groups) {
        name_rows(group, ops);
        group.input.tensor = op.inputs[0];
        if (!group.layer.matrix) {
            add_stage(graph, group, op, ops.front().index);
        }
        add_fused(graph, group, ops);
    }
    return groups;
}

} // namespace systolica
