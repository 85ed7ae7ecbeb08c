// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "mapping/training/gradient_forms.h"

#include <utility>

#include "base/integer.h"
#include "mapping/group_forms.h"
#include "mapping/training/form_maker.h"
#include "workloads/operator_table.h"

namespace systolica {

namespace {

class GradientForms : private FormMaker {
public:
    using FormMaker::FormMaker;

    std::vector<Form> list() const {
        if (operator_row(op_.kind).backward == Backward::loss) {
            return {loss_gradient()};
        }
        switch (op_.kind) {
        case OpKind::softmax:
            return {along_axis(VectorKernel::softmax_gradient, 1)};
        case OpKind::layer_norm:
            return {along_axis(VectorKernel::layer_norm_gradient, 1)};
        case OpKind::lrn:
            return {along_axis(VectorKernel::lrn_gradient, op_.size)};
        case OpKind::max_pool:
            return {pool_gradient(VectorKernel::max_pool_gradient)};
        case OpKind::reduce_mean:
        case OpKind::reduce_sum:
            return {reduction_gradient()};
        case OpKind::resize_nearest:
        case OpKind::resize_bilinear:
            return {resize_gradient()};
        case OpKind::transpose:
            return {transpose_gradient()};
        case OpKind::slice:
            return slice_gradient();
        case OpKind::embedding:
            return {table_gradient()};
        default:
            return {pool_gradient(VectorKernel::avg_pool_gradient)};
        }
    }

private:
    Form loss_gradient() const {
        const Shape& shape = shape_of(operation_.inputs[0]);
        Form form = of_shape(VectorKernel::cross_entropy_gradient, shape);
        add_operand(form, operation_.inputs[1], lacking(shape_of(operation_.inputs[1]), shape));
        return form;
    }

    // Softmax, layer-norm, LRN: along an axis whole; what they read beside the gradient has its shape or is one row.
    Form along_axis(VectorKernel kernel, std::uint64_t taps) const {
        const AxisOrder order = op_.kind == OpKind::lrn ? kAxesInOrder : output_order(op_);
        const Shape shape = in_order(shape_of(operation_.inputs[0]), order);
        Form form = of_whole_channels(kernel, order, taps);
        for (std::size_t i = 1; i < operation_.inputs.size(); ++i) {
            const int tensor = operation_.inputs[i];
            if (role_of(tensor) == TensorRole::parameter) {
                form.group.constants.push_back({0, tensor, 2, 0, row_});
            } else {
                add_operand(form, tensor, lacking(in_order(shape_of(tensor), order), shape));
            }
        }
        Layer& layer = form.group.layer;
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
        Form form = of_shape(VectorKernel::avg_pool_gradient, to);
        nothing_under_window(form);
        add_operand(form, operation_.inputs[0], lacking(from, to));
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
        Form form = of_shape(VectorKernel::copy, shape_of(operation_.outputs[0]));
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
            Form form = of_shape(VectorKernel::copy, part);
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
        const AxisOrder order = output_order(op_);
        const Shape shape = in_order(shape_of(operation_.inputs[0]), order);
        const int indices = operation_.inputs[1];
        Form form = of_shape(VectorKernel::add, shape);
        form.group.input.axes = form.group.output.axes = order;
        add_operand(form, indices, lacking(in_order(shape_of(indices), order), shape));
        form.group.operands.push_back({operation_.outputs[0], row_, true});
        form.operand_shapes.push_back(learned_shape(graph_.forward, op_));
        form.group.layer.operands.emplace_back();
        form.group.output_gathered = true;
        return form;
    }

    static void nothing_under_window(Form& form) {
        Axis& rows = form.group.layer.rows;
        rows = {1, rows.out, 1, 1, 1, rows.out, Scale::none};
        form.group.may_load_nothing = true;
    }
};

} // namespace

std::vector<Form> gradient_forms(const TrainingGraph& graph, const TrainingOperation& operation, std::uint32_t row) {
    return GradientForms(graph, operation, row).list();
}

} // namespace systolica
