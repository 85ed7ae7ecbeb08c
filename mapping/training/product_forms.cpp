// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "mapping/training/product_forms.h"

#include "mapping/group_forms.h"

#include <string>
#include <utility>

namespace systolica {

namespace {

Axis window_axis(std::uint64_t in, std::uint64_t out, std::uint64_t kernel, std::uint64_t stride,
                 std::uint64_t dilation, std::uint64_t pad, Scale scale = Scale::none) {
    return {in, out, kernel, stride, dilation, pad, scale};
}

class ProductForms {
public:
    ProductForms(const TrainingGraph& graph, const TrainingOperation& operation, std::uint32_t row,
                 BackwardLowering lowering)
        : graph_(graph),
          operation_(operation),
          op_(graph.forward.operators[static_cast<std::size_t>(operation.layer)]),
          window_(op_.window),
          row_(row),
          dilated_(lowering == BackwardLowering::dilated) {}

    std::vector<Form> list() const {
        if (op_.kind == OpKind::matmul) {
            return {operand_gradient()};
        }
        if (operation_.pass == Pass::backward_weight) {
            return {weight_gradient()};
        }
        std::vector<Form> forms = input_gradient();
        for (Form& form : forms) {
            form.group.operation = form.group.last_operation = row_;
            form.group.input.tensor = operation_.inputs[0];
            form.group.output.tensor = operation_.outputs[0];
            form.weights = operation_.inputs[1];
            if (!form.group.layer.matrix) { // nothing reaches these: zeros
                form.group.layer.stages.push_back({VectorKernel::copy, 1, row_});
            }
        }
        share_weights(forms);
        return forms;
    }

private:
    const Shape& shape_of(int tensor) const { return graph_.tensors[static_cast<std::size_t>(tensor)].shape; }

    std::vector<Form> input_gradient() const {
        const Shape& from = shape_of(operation_.inputs[0]);
        const Shape& to = shape_of(operation_.outputs[0]);
        if (op_.kind == OpKind::fully_connected) {
            const AxisOrder order = input_order(op_);
            Form form;
            form.group.layer = plain(in_order(from, order), in_order(to, order), order != kAxesInOrder);
            form.group.input.axes = form.group.output.axes = order;
            return {form};
        }
        if (op_.kind == OpKind::conv_transpose) { // a plain convolution
            Form form;
            Layer& layer = form.group.layer = plain(from, to, true);
            layer.groups = op_.groups;
            layer.rows =
                window_axis(from.h, to.h, window_.kernel_h, window_.stride_h, window_.dilation_h, window_.pad_top);
            layer.columns =
                window_axis(from.w, to.w, window_.kernel_w, window_.stride_w, window_.dilation_w, window_.pad_left);
            return {form};
        }
        if (dilated_ && window_.stride_h * window_.stride_w > 1) {
            Form form;
            Layer& layer = form.group.layer = plain(from, to, true);
            layer.groups = op_.groups;
            layer.rows = window_axis(from.h, to.h, window_.kernel_h, window_.stride_h, window_.dilation_h,
                                     window_.pad_top, Scale::spread);
            layer.columns = window_axis(from.w, to.w, window_.kernel_w, window_.stride_w, window_.dilation_w,
                                        window_.pad_left, Scale::spread);
            form.group.may_load_nothing = true;
            return {form};
        }
        std::vector<Form> forms;
        for (Group& group : adjoint_groups(from, to, window_, op_.groups, false)) {
            Form form;
            form.group = std::move(group);
            if (window_.stride_h * window_.stride_w == 1) {
                form.group.layer.images_apart = false;
                stack_images(form.group.layer);
            }
            forms.push_back(std::move(form));
        }
        return forms;
    }

    static Layer plain(const Shape& from, const Shape& to, bool images_apart) {
        Layer layer;
        layer.matrix = true;
        layer.images = to.n;
        layer.in_channels = from.c;
        layer.out_channels = to.c;
        layer.rows = window_axis(from.h, to.h, 1, 1, 1, 0);
        layer.columns = window_axis(from.w, to.w, 1, 1, 1, 0);
        layer.images_apart = images_apart;
        stack_images(layer);
        return layer;
    }

    // The side of the convolution with a position for every step is read under windows, the other one, a position a
    // stride, beside it.
    Form weight_gradient() const {
        const bool transposed = op_.kind == OpKind::conv_transpose;
        const int gradient = operation_.inputs[0];
        const int input = operation_.inputs[1];
        const int fine = transposed ? gradient : input;
        const int coarse = transposed ? input : gradient;
        Form form;
        Group& group = form.group;
        group.operation = group.last_operation = row_;
        group.input.tensor = fine;
        group.factor.tensor = coarse;
        group.output.tensor = operation_.outputs[0];
        Shape from = shape_of(fine);
        Shape to = shape_of(coarse);
        if (op_.kind == OpKind::fully_connected) {
            const AxisOrder order = input_order(op_);
            group.input.axes = group.factor.axes = order;
            from = in_order(from, order);
            to = in_order(to, order);
        }
        Layer& layer = group.layer;
        layer.matrix = layer.weight_gradient = true;
        layer.images = from.n;
        layer.images_apart = true;
        layer.in_channels = from.c;
        layer.out_channels = to.c;
        layer.groups = op_.groups;
        if (op_.kind == OpKind::fully_connected) {
            layer.rows = window_axis(from.h, to.h, 1, 1, 1, 0);
            layer.columns = window_axis(from.w, to.w, 1, 1, 1, 0);
            return form;
        }
        layer.rows = window_axis(from.h, to.h, window_.kernel_h, window_.stride_h, window_.dilation_h, window_.pad_top);
        layer.columns =
            window_axis(from.w, to.w, window_.kernel_w, window_.stride_w, window_.dilation_w, window_.pad_left);
        if (dilated_) {
            layer.spread = {window_.stride_h, window_.stride_w};
            layer.formed_positions = operation_.matrix.out_h * operation_.matrix.out_w;
            layer.stages.push_back({VectorKernel::copy, 1, row_}); // picks those that the kernel has
        }
        return form;
    }

    // C = A B, each perhaps stored transposed: dA = dC B^T, dB = A^T dC.
    Form operand_gradient() const {
        constexpr AxisOrder kUpright{Dim::width, Dim::height, Dim::channels};
        constexpr AxisOrder kTransposed{Dim::height, Dim::width, Dim::channels};
        const bool first = operation_.name.compare(operation_.layer_name.size(), 3, ".d0") == 0;
        const GemmShape& gemm = operation_.matrix.gemm;
        Form form;
        Group& group = form.group;
        group.operation = group.last_operation = row_;
        Layer& layer = group.layer;
        layer.matrix = layer.product = layer.images_apart = true;
        layer.groups = gemm.groups;
        layer.in_channels = gemm.groups * gemm.k;
        layer.out_channels = gemm.groups * gemm.n;
        layer.rows = window_axis(gemm.m, gemm.m, 1, 1, 1, 0);
        const int gradient = operation_.inputs[0];
        const int other = operation_.inputs[1];
        group.input.tensor = first ? gradient : other;
        group.factor.tensor = first ? other : gradient;
        group.output.tensor = operation_.outputs[0];
        if (first) {
            group.input.axes = kUpright;
            group.factor.axes = op_.transpose_b ? kTransposed : kUpright;
            group.output.axes = op_.transpose_a ? kTransposed : kUpright;
        } else {
            group.input.axes = op_.transpose_a ? kUpright : kTransposed;
            group.factor.axes = kTransposed;
            group.output.axes = op_.transpose_b ? kTransposed : kUpright;
        }
        group.input.per_group = group.factor.per_group = gemm.k;
        group.output.per_group = gemm.n;
        return form;
    }

    const TrainingGraph& graph_;
    const TrainingOperation& operation_;
    const Operator& op_;
    const Window& window_;
    const std::uint32_t row_;
    const bool dilated_;
};

} // namespace

void share_weights(std::vector<Form>& forms) {
    std::uint64_t before = 0;
    for (Form& form : forms) {
        const Layer& layer = form.group.layer;
        form.weights_before = before;
        before += layer.matrix ? layer.out_channels * layer.in_group() * layer.kernel_positions() : 0;
    }
}

std::vector<Form> product_forms(const TrainingGraph& graph, const TrainingOperation& operation, std::uint32_t row,
                                BackwardLowering lowering) {
    return ProductForms(graph, operation, row, lowering).list();
}

} // namespace systolica
