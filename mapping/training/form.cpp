// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "mapping/training/form.h"

#include "base/integer.h"

#include <algorithm>
#include <string>

#include "mapping/group_forms.h"
#include "mapping/group_parts.h"
#include "mapping/training/product_forms.h"
#include "workloads/operator_table.h"

namespace systolica {

namespace {

Stretch lacking(const Shape& part, const Shape& whole) {
    return {part.n != whole.n, part.h != whole.h, part.w != whole.w, part.c != whole.c};
}

bool has_rows_apart(const TrainingStage& stage) {
    const auto apart = [](const Stretch& lacks) {
        return (lacks.images || lacks.rows) && !(lacks.images && lacks.rows && lacks.columns);
    };
    return std::any_of(stage.operands.begin(), stage.operands.end(),
                       [&](const TrainingStage::Operand& o) { return apart(lacking(o.shape, stage.shape)); }) ||
           std::any_of(stage.sums.begin(), stage.sums.end(),
                       [&](const TrainingStage::Sums& sums) { return apart(sums.lacks); });
}

// Rows of all images are one tall image no longer.
void keep_images_apart(Layer& layer, std::uint64_t images) {
    if (layer.images < images) {
        layer.images = images;
        layer.rows.in = layer.rows.out = layer.row_unit;
        layer.row_unit = 1;
    }
    layer.images_apart = true;
}

void add_result(Form& form, int tensor, const Shape& shape, const Stretch& lacks, std::uint64_t values,
                std::uint32_t row) {
    form.group.results.push_back({tensor, row, false});
    form.group.layer.results.push_back({lacks, values, 1});
    form.result_shapes.push_back(shape);
}

class Forms {
public:
    Forms(const TrainingGraph& graph, const TrainingOperation& operation, std::uint32_t row)
        : graph_(graph),
          operation_(operation),
          op_(graph.forward.operators[static_cast<std::size_t>(std::max(0, operation.layer))]),
          row_(row) {}

    Form led_by(const TrainingStage& stage) const {
        Form form = empty();
        form.group.layer = element_layer(stage.shape, has_rows_apart(stage));
        form.group.input.tensor = stage.stream;
        form.group.output.tensor = stage.stream;
        form.group.layer.output = false; // until a stage makes one
        systolica::add_stage(form, stage, row_);
        return form;
    }

    // As in inference, with what is kept for the way back.
    std::vector<Form> forward() const {
        const std::vector<OperatorRef> refs{{&op_, static_cast<int>(row_)}};
        std::vector<Group> groups = op_.kind == OpKind::conv_transpose
                                        ? transposed_groups(graph_.forward, refs)
                                        : std::vector<Group>{make_group(graph_.forward, refs)};
        std::vector<Form> forms;
        for (Group& group : groups) {
            Form form;
            form.group = std::move(group);
            rename(form);
            add_stash(form);
            forms.push_back(std::move(form));
        }
        share_weights(forms);
        return forms;
    }

    Form loss() const {
        Form form = empty();
        const AxisOrder order = output_order(op_);
        const Shape logits = in_order(shape_of(operation_.inputs[0]), order);
        Layer& layer = form.group.layer = element_layer(logits, true);
        layer.whole_channels = true;
        push_kernel(layer, VectorKernel::cross_entropy);
        form.group.input.axes = form.group.output.axes = order;
        form.group.input.tensor = operation_.inputs[0];
        form.group.output.tensor = operation_.outputs[1]; // probabilities
        const Shape& label = shape_of(operation_.inputs[1]);
        form.group.operands.push_back({operation_.inputs[1], row_});
        form.operand_shapes.push_back(label);
        layer.operands.push_back({lacking(in_order(label, order), logits), 1});
        const Shape& loss = shape_of(operation_.outputs[0]);
        add_result(form, operation_.outputs[0], loss, lacking(in_order(loss, order), logits), 1, row_);
        return form;
    }

    Form loss_gradient() const {
        Form form = of_input(VectorKernel::cross_entropy_gradient, operation_.outputs[0]);
        add_operand(form, operation_.inputs[1], shape_of(operation_.inputs[0]));
        return form;
    }

    // Softmax, layer-norm, LRN: along an axis whole; what they read beside the gradient has its shape or is one row.
    Form along_axis(VectorKernel kernel, std::uint64_t taps) const {
        const AxisOrder order = op_.kind == OpKind::lrn ? kAxesInOrder : output_order(op_);
        const Shape shape = in_order(shape_of(operation_.inputs[0]), order);
        Form form = empty();
        Layer& layer = form.group.layer = element_layer(shape, true);
        layer.whole_channels = true;
        push_kernel(layer, kernel, taps);
        form.group.input.axes = form.group.output.axes = order;
        form.group.input.tensor = operation_.inputs[0];
        for (std::size_t i = 1; i < operation_.inputs.size(); ++i) {
            const int tensor = operation_.inputs[i];
            if (role_of(tensor) == TensorRole::parameter) {
                form.group.constants.push_back({0, tensor, 2, 0, row_});
            } else {
                form.group.operands.push_back({tensor, row_});
                form.operand_shapes.push_back(shape_of(tensor));
                layer.operands.push_back({lacking(in_order(shape_of(tensor), order), shape), 1});
            }
        }
        layer.output = false;
        for (const int result : operation_.outputs) {
            if (role_of(result) == TensorRole::parameter_gradient) {
                form.sums.push_back({result, {true, true, true, false}, 2, -1});
                form.sum_rows.push_back(row_);
            } else {
                layer.output = true;
                form.group.output.tensor = result;
            }
        }
        return form;
    }

    // A pool's window, seen from its input.
    Form pool_gradient(VectorKernel kernel) const {
        const Shape& from = shape_of(operation_.inputs[0]);
        const Shape& to = shape_of(operation_.outputs[0]);
        const Window& w = op_.window;
        const bool whole = op_.kind != OpKind::max_pool && op_.kind != OpKind::avg_pool;
        Form form =
            of_shape(kernel, to, whole ? 1 : ceil_div(w.kernel_h, w.stride_h) * ceil_div(w.kernel_w, w.stride_w));
        Layer& layer = form.group.layer;
        if (whole) {
            layer.rows = {from.h, to.h, 1, 1, 1, 0, from.h == to.h ? Scale::none : Scale::nearest};
            layer.columns = {from.w, to.w, 1, 1, 1, 0, from.w == to.w ? Scale::none : Scale::nearest};
        } else {
            layer.rows = {from.h, to.h, w.kernel_h, w.stride_h, w.dilation_h, w.pad_top, Scale::spread};
            layer.columns = {from.w, to.w, w.kernel_w, w.stride_w, w.dilation_w, w.pad_left, Scale::spread};
        }
        if (operation_.inputs.size() > 1) {
            form.group.input_beside = operation_.inputs[1]; // the index of each maximum
        }
        form.group.may_load_nothing = !whole;
        return form;
    }

    // A reduction over channels, too: the gradient is read again along all axes that it lacks.
    Form reduction_gradient() const {
        const Shape& from = shape_of(operation_.inputs[0]);
        const Shape& to = shape_of(operation_.outputs[0]);
        if (from.c == to.c) {
            return pool_gradient(VectorKernel::avg_pool_gradient);
        }
        Form form = of_shape(VectorKernel::avg_pool_gradient, to, 1);
        nothing_under_window(form);
        add_operand(form, operation_.inputs[0], to);
        return form;
    }

    Form resize_gradient() const {
        const Shape& from = shape_of(operation_.inputs[0]);
        const Shape& to = shape_of(operation_.outputs[0]);
        const bool linear = op_.kind == OpKind::resize_bilinear;
        const std::uint64_t outputs = ceil_div(from.h, to.h) * ceil_div(from.w, to.w);
        Form form = of_shape(VectorKernel::resize_gradient, to, linear ? 8 * outputs : outputs);
        const auto axis = [&](std::uint64_t in, std::uint64_t out) {
            if (in == out) {
                return Axis{in, out, 1, 1, 1, 0, Scale::none};
            }
            const std::uint64_t ratio = in / out;
            if (in % out != 0) { // positions between are read once, at a seam perhaps one less than they are
                return Axis{in, out, 1, 1, 1, 0, Scale::linear};
            }
            return linear ? Axis{in, out, 2 * ratio, ratio, 1, ratio / 2, Scale::none}
                          : Axis{in, out, ratio, ratio, 1, 0, Scale::none};
        };
        form.group.layer.rows = axis(from.h, to.h);
        form.group.layer.columns = axis(from.w, to.w);
        return form;
    }

    Form transpose_gradient() const {
        Form form = of_shape(VectorKernel::copy, shape_of(operation_.outputs[0]), 1);
        form.group.layer.images_apart = true;
        for (std::size_t i = 0; i < 3; ++i) {
            form.group.input.axes[static_cast<std::size_t>(op_.axes[i])] = static_cast<Dim>(i);
        }
        return form;
    }

    // The part that was sliced out, and zeros before and behind it.
    std::vector<Form> slice_gradient() const {
        const Dim axis = axis_of(op_);
        const Shape& from = shape_of(operation_.inputs[0]);
        const Shape& to = shape_of(operation_.outputs[0]);
        std::vector<Form> forms;
        const auto add = [&](std::uint64_t start, std::uint64_t length, bool zeros) {
            if (length == 0) {
                return;
            }
            Shape part = to;
            part.of(axis) = length;
            Form form = empty();
            form.group.layer = element_layer(part, true);
            push_kernel(form.group.layer, VectorKernel::copy);
            form.group.input.tensor = operation_.inputs[0];
            form.group.output.tensor = operation_.outputs[0];
            form.group.output.start[static_cast<std::size_t>(axis)] = start;
            if (zeros) {
                nothing_under_window(form);
            }
            forms.push_back(std::move(form));
        };
        add(0, op_.start, true);
        add(op_.start, from.of(axis), false);
        add(op_.start + from.of(axis), to.of(axis) - op_.start - from.of(axis), true);
        return forms;
    }

    // Rows of the table's gradient are read, added to and written again.
    Form table_gradient() const {
        Form form = of_shape(VectorKernel::add, shape_of(operation_.inputs[0]), 1);
        const Shape table = learned_shape(graph_.forward, op_);
        form.group.input.axes = form.group.output.axes = output_order(op_);
        form.group.layer = element_layer(in_order(shape_of(operation_.inputs[0]), form.group.output.axes), true);
        push_kernel(form.group.layer, VectorKernel::add);
        const Shape& indices = shape_of(operation_.inputs[1]);
        form.group.operands.push_back({operation_.inputs[1], row_});
        form.operand_shapes.push_back(indices);
        form.group.layer.operands.push_back({lacking(in_order(indices, form.group.output.axes),
                                                     in_order(shape_of(operation_.inputs[0]), form.group.output.axes)),
                                             1});
        form.group.operands.push_back({operation_.outputs[0], row_, true});
        form.operand_shapes.push_back(table);
        form.group.layer.operands.emplace_back();
        form.group.output_gathered = true;
        return form;
    }

private:
    const Shape& shape_of(int tensor) const { return graph_.tensors[static_cast<std::size_t>(tensor)].shape; }
    TensorRole role_of(int tensor) const { return graph_.tensors[static_cast<std::size_t>(tensor)].role; }

    Form empty() const {
        Form form;
        form.group.operation = form.group.last_operation = row_;
        return form;
    }

    void push_kernel(Layer& layer, VectorKernel kernel, std::uint64_t taps = 1) const {
        layer.stages.push_back({kernel, static_cast<std::uint32_t>(taps), row_});
    }

    Form of_shape(VectorKernel kernel, const Shape& shape, std::uint64_t taps) const {
        Form form = empty();
        form.group.layer = element_layer(shape, true);
        push_kernel(form.group.layer, kernel, taps);
        form.group.input.tensor = operation_.inputs[0];
        form.group.output.tensor = operation_.outputs[0];
        return form;
    }

    Form of_input(VectorKernel kernel, int output) const {
        Form form = of_shape(kernel, shape_of(operation_.inputs[0]), 1);
        form.group.output.tensor = output;
        return form;
    }

    static void nothing_under_window(Form& form) {
        Axis& rows = form.group.layer.rows;
        rows = {1, rows.out, 1, 1, 1, rows.out, Scale::none};
        form.group.may_load_nothing = true;
    }

    void add_operand(Form& form, int tensor, const Shape& beside) const {
        form.group.operands.push_back({tensor, row_});
        form.operand_shapes.push_back(shape_of(tensor));
        form.group.layer.operands.push_back({lacking(shape_of(tensor), beside), 1});
    }

    // From tensors of the forward graph to those of this pass through it.
    void rename(Form& form) const {
        Group& group = form.group;
        const auto now = [&](int tensor) {
            const auto found = std::find(op_.inputs.begin(), op_.inputs.end(), tensor);
            return operation_.inputs[static_cast<std::size_t>(found - op_.inputs.begin())];
        };
        const int parameters = op_.inputs.size() < operation_.inputs.size() ? operation_.inputs[op_.inputs.size()] : -1;
        group.input.tensor = now(group.input.tensor);
        if (group.factor.tensor >= 0) {
            group.factor.tensor = now(group.factor.tensor);
        }
        for (Operand& operand : group.operands) {
            const bool learned = operand.tensor == kLearned;
            operand.tensor = learned ? parameters : now(operand.tensor);
            form.operand_shapes.push_back(learned ? learned_shape(graph_.forward, op_) : shape_of(operand.tensor));
        }
        for (ChannelConstants& constants : group.constants) {
            constants.tensor = parameters;
        }
        group.output.tensor = operation_.outputs[0];
        form.weights = group.layer.matrix && !group.layer.product ? parameters : -1;
    }

    void add_stash(Form& form) const {
        if (operation_.outputs.size() < 2) {
            return;
        }
        const int stash = operation_.outputs[1];
        const Shape out = in_order(shape_of(operation_.outputs[0]), form.group.output.axes);
        const Shape shape = in_order(shape_of(stash), form.group.output.axes);
        const Stretch lacks = lacking(shape, out);
        add_result(form, stash, shape_of(stash), lacks, lacks.channels ? shape.c : 1, row_);
    }

    const TrainingGraph& graph_;
    const TrainingOperation& operation_;
    const Operator& op_;
    const std::uint32_t row_;
};

} // namespace

void add_stage(Form& form, const TrainingStage& stage, std::uint32_t row) {
    Group& group = form.group;
    Layer& layer = group.layer;
    if (has_rows_apart(stage)) {
        keep_images_apart(layer, stage.shape.n);
    }
    for (const VectorKernel kernel : stage.kernels) {
        layer.stages.push_back({kernel, 1, row});
    }
    for (const TrainingStage::Operand& operand : stage.operands) {
        group.operands.push_back({operand.tensor, row, operand.gathered, operand.first_channel});
        form.operand_shapes.push_back(operand.shape);
        layer.operands.push_back({lacking(operand.shape, stage.shape), 1});
    }
    for (const TrainingStage::Constants& constants : stage.constants) {
        group.constants.push_back({0, constants.tensor, constants.values, 0, row});
    }
    for (const TrainingStage::Operand& result : stage.results) {
        add_result(form, result.tensor, result.shape, {}, 1, row);
        group.results.back().first_channel = result.first_channel;
    }
    for (const TrainingStage::Sums& sums : stage.sums) {
        form.sums.push_back(sums);
        form.sum_rows.push_back(row);
        layer.whole_rows = layer.whole_rows || ((sums.lacks.rows || sums.lacks.columns) && !sums.lacks.images);
        layer.whole_channels = layer.whole_channels || sums.lacks.channels;
        layer.row_unit = layer.whole_rows && layer.images == 1 ? layer.rows.out : layer.row_unit;
    }
    if (stage.output >= 0) {
        layer.output = true;
        group.output.tensor = stage.output;
        group.last_operation = row;
    }
}

std::vector<Form> forms_of(const TrainingGraph& graph, const TrainingOperation& operation, std::uint32_t row,
                           BackwardLowering lowering) {
    const Forms forms(graph, operation, row);
    const std::vector<TrainingStage> stages = stages_of(graph, operation);
    if (!stages.empty()) {
        std::vector<Form> list;
        for (const TrainingStage& stage : stages) {
            list.push_back(forms.led_by(stage));
        }
        return list;
    }
    const Operator& op = graph.forward.operators[static_cast<std::size_t>(operation.layer)];
    const bool is_loss = operator_row(op.kind).backward == Backward::loss;
    if (operation.pass == Pass::forward) {
        return is_loss ? std::vector<Form>{forms.loss()} : forms.forward();
    }
    if (operation.matrix.groups > 0) {
        return product_forms(graph, operation, row, lowering);
    }
    if (is_loss) {
        return {forms.loss_gradient()};
    }
    switch (op.kind) {
    case OpKind::softmax:
        return {forms.along_axis(VectorKernel::softmax_gradient, 1)};
    case OpKind::layer_norm:
        return {forms.along_axis(VectorKernel::layer_norm_gradient, 1)};
    case OpKind::lrn:
        return {forms.along_axis(VectorKernel::lrn_gradient, op.size)};
    case OpKind::max_pool:
        return {forms.pool_gradient(VectorKernel::max_pool_gradient)};
    case OpKind::reduce_mean:
    case OpKind::reduce_sum:
        return {forms.reduction_gradient()};
    case OpKind::resize_nearest:
    case OpKind::resize_bilinear:
        return {forms.resize_gradient()};
    case OpKind::transpose:
        return {forms.transpose_gradient()};
    case OpKind::slice:
        return forms.slice_gradient();
    case OpKind::embedding:
        return {forms.table_gradient()};
    default:
        return {forms.pool_gradient(VectorKernel::avg_pool_gradient)};
    }
}

} // namespace systolica
