// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "random_operators.h"

#include <gtest/gtest.h>

#include "random_numbers.h"
#include "workloads/graph_builder.h"

namespace systolica {

namespace {

class RandomOperators {
public:
    RandomOperators(std::uint64_t seed, std::uint64_t batch) : random_(seed), builder_("operators", batch) {
        const Shape input{batch, random_.between(1, 8), random_.between(1, 9), random_.between(1, 9)};
        builder_.add_input("input", input, Places());
        tensors_.push_back({"input", input});
    }

    Graph build() {
        for (std::uint64_t i = random_.between(3, 9); i > 0; --i) {
            while (!try_add(random_operator())) {
            }
        }
        return builder_.finish();
    }

private:
    struct Known {
        std::string name;
        Shape shape;
    };

    const Known& any() { return tensors_[static_cast<std::size_t>(random_.below(tensors_.size()))]; }
    const Known& recent() { return random_.one_in(4) ? any() : tensors_.back(); }
    Dim any_axis() { return random_.pick<Dim>({Dim::channels, Dim::height, Dim::width}); }

    OperatorSpec random_operator() {
        OperatorSpec spec;
        const Known& input = recent();
        const Shape& in = input.shape;
        spec.inputs = {input.name};
        spec.axes = {any_axis()};
        spec.bias = random_.flip();
        switch (random_.below(14)) {
        case 0:
            spec.kind = OpKind::conv;
            spec.out_channels = random_.between(1, 12);
            spec.window.kernel_h = spec.window.kernel_w = random_.flip() ? 1 : 3;
            spec.window.pad_top = spec.window.pad_left = spec.window.pad_bottom = spec.window.pad_right = 1;
            break;
        case 1:
        case 2:
            spec.kind = random_.pick<OpKind>({OpKind::silu, OpKind::gelu, OpKind::hard_swish, OpKind::sigmoid,
                                              OpKind::tanh, OpKind::leaky_relu, OpKind::hard_sigmoid});
            break;
        case 3:
        case 4:
        case 5:
            element_wise(spec, in);
            break;
        case 6:
            spec.kind = random_.pick<OpKind>({OpKind::softmax, OpKind::layer_norm, OpKind::lrn, OpKind::batch_norm});
            spec.size = 3;
            break;
        case 7:
            spec.kind = random_.flip() ? OpKind::reduce_mean : OpKind::reduce_sum;
            spec.axes = random_.pick<std::vector<Dim>>({{Dim::channels},
                                                        {Dim::height},
                                                        {Dim::width},
                                                        {Dim::height, Dim::width},
                                                        {Dim::channels, Dim::height, Dim::width}});
            break;
        case 8:
            product(spec);
            break;
        case 9:
            spec.kind = OpKind::fully_connected;
            spec.out_channels = random_.between(1, 12);
            break;
        case 10:
            reshape(spec, in);
            break;
        case 11:
            parts(spec, in);
            break;
        case 12:
            transposed_convolution(spec, in);
            break;
        default:
            spec.kind = random_.flip() ? OpKind::resize_nearest : OpKind::resize_bilinear;
            spec.target = {1, 0, random_.between(1, 2 * in.h), random_.between(1, 2 * in.w)};
            break;
        }
        return spec;
    }

    void element_wise(OperatorSpec& spec, const Shape& in) {
        spec.kind = random_.pick<OpKind>({OpKind::add, OpKind::sub, OpKind::mul, OpKind::div, OpKind::pow});
        switch (random_.below(4)) {
        case 0:
            spec.constant = true;
            break;
        case 1:
            spec.learned = true;
            spec.operand = {1, random_.flip() ? 1 : in.c, random_.flip() ? 1 : in.h, random_.flip() ? 1 : in.w};
            break;
        default:
            spec.inputs.push_back(any().name);
            break;
        }
    }

    void product(OperatorSpec& spec) {
        spec.kind = OpKind::matmul;
        spec.transpose_a = random_.flip();
        spec.transpose_b = random_.flip();
        spec.inputs.push_back(random_.flip() ? spec.inputs[0] : any().name);
    }

    void reshape(OperatorSpec& spec, const Shape& in) {
        const std::uint64_t all = in.per_image();
        if (random_.one_in(4)) {
            spec.kind = OpKind::flatten;
            return;
        }
        spec.kind = OpKind::reshape;
        std::vector<std::uint64_t> divisors;
        for (std::uint64_t d = 1; d <= all; ++d) {
            if (all % d == 0) {
                divisors.push_back(d);
            }
        }
        const std::uint64_t c = random_.pick(divisors);
        std::uint64_t h = random_.pick(divisors);
        while (all / c % h != 0) {
            h = random_.pick(divisors);
        }
        spec.target = {1, c, h, all / c / h};
    }

    void parts(OperatorSpec& spec, const Shape& in) {
        switch (random_.below(4)) {
        case 0:
            spec.kind = OpKind::slice;
            spec.start = random_.below(in.of(spec.axes[0]));
            spec.length = random_.between(1, in.of(spec.axes[0]) - spec.start);
            break;
        case 1:
            spec.kind = OpKind::concat;
            spec.inputs.push_back(any().name);
            break;
        case 2:
            spec.kind = OpKind::pad;
            spec.window.pad_top = random_.below(4);
            spec.window.pad_left = random_.below(3);
            spec.window.pad_bottom = random_.below(3);
            spec.window.pad_right = random_.below(4);
            break;
        default:
            spec.kind = OpKind::transpose;
            spec.axes = random_.pick<std::vector<Dim>>({{Dim::width, Dim::channels, Dim::height},
                                                        {Dim::height, Dim::channels, Dim::width},
                                                        {Dim::channels, Dim::width, Dim::height},
                                                        {Dim::height, Dim::width, Dim::channels}});
            break;
        }
    }

    void transposed_convolution(OperatorSpec& spec, const Shape& in) {
        if (random_.one_in(3) && in.of(spec.axes[0]) == 1) {
            spec.kind = OpKind::embedding;
            spec.size = random_.between(1, 50);
            spec.out_channels = random_.between(1, 12);
            return;
        }
        spec.kind = OpKind::conv_transpose;
        spec.groups = in.c % 2 == 0 && random_.flip() ? 2 : 1;
        spec.out_channels = 2 * random_.between(1, 4);
        Window& w = spec.window;
        w.kernel_h = random_.between(1, 4);
        w.kernel_w = random_.between(1, 4);
        w.stride_h = random_.between(1, 3);
        w.stride_w = random_.between(1, 3);
        w.dilation_h = w.dilation_w = random_.between(1, 3);
        w.pad_top = random_.below(w.kernel_h);
        w.pad_left = random_.below(w.kernel_w);
        w.pad_bottom = random_.below(w.kernel_h);
        w.pad_right = random_.below(w.kernel_w);
        spec.output_pad_h = random_.below(std::max(w.stride_h, w.dilation_h));
    }

    bool try_add(OperatorSpec spec) {
        spec.name = "op" + std::to_string(tensors_.size());
        if (spec.kind == OpKind::conv || spec.kind == OpKind::conv_transpose || spec.kind == OpKind::batch_norm) {
            spec.axes.clear(); // these work along channels
        }
        std::vector<Shape> shapes;
        for (const std::string& name : spec.inputs) {
            for (const Known& known : tensors_) {
                if (known.name == name) {
                    shapes.push_back(known.shape);
                }
            }
        }
        OperatorSpec probe = spec;
        const ShapeResult result = apply_shape_rule(probe, shapes);
        if (!result.ok() || result.shape.per_image() > 1200) {
            return false;
        }
        EXPECT_TRUE(builder_.add(spec, Places()));
        tensors_.push_back({spec.name, result.shape});
        return true;
    }

    RandomNumbers random_;
    GraphBuilder builder_;
    std::vector<Known> tensors_;
};

} // namespace

Graph random_operators(std::uint64_t seed, std::uint64_t batch) {
    return RandomOperators(seed, batch).build();
}

} // namespace systolica
