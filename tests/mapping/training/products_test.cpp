// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// Gradients of products on one tile whose scratchpads hold everything: each operand is read once, each result written
// once, each product made once, whichever way the operands lie.

#include <gtest/gtest.h>

#include "../example_graphs.h"
#include "training_cases.h"
#include "training_checks.h"

namespace systolica {
namespace {

constexpr std::uint64_t kMib = 1024 * 1024;

ChipConfig large_tile() {
    ChipConfig chip = example_chip(1, 8, Dataflow::ws, {kMib, kMib, kMib, kMib});
    chip.precision.gradient_bits = 16;
    return chip;
}

struct Row {
    std::uint64_t macs = 0, reads = 0, writes = 0;
    bool operator==(const Row& other) const {
        return macs == other.macs && reads == other.reads && writes == other.writes;
    }
};

std::ostream& operator<<(std::ostream& out, const Row& row) {
    return out << row.macs << " macs, " << row.reads << " read, " << row.writes << " written";
}

class Iteration {
public:
    Iteration(Net& net, const TrainingOptions& options)
        : graph_(training_graph(net.finish(), options)),
          plan_(make_training_plan(graph_, options.backward_lowering, large_tile(), unfused())) {
        check_training_plan(graph_, plan_, options.backward_lowering, 1, 1);
    }

    Row row(const std::string& name) const {
        for (const PlannedOperation& planned : plan_.operations) {
            if (planned.name == name) {
                return {planned.macs, planned.dram_read_bytes, planned.dram_write_bytes};
            }
        }
        ADD_FAILURE() << "no operation " << name;
        return {};
    }

private:
    static MappingOptions unfused() {
        MappingOptions options;
        options.fusion = false;
        return options;
    }

    TrainingGraph graph_;
    Plan plan_;
};

TrainingOptions all_gradients() {
    TrainingOptions options;
    options.input_gradient_of_first_layer = true;
    options.loss = false;
    return options;
}

// C = A B for 2 images of 3 heads: A 5x7, B 7x4, both perhaps stored transposed. Activations one byte, gradients two.
TEST(TrainingProducts, OfActivationsInAllFourForms) {
    const std::uint64_t products = 2 * 3, a = products * 5 * 7, b = products * 7 * 4, c = products * 5 * 4;
    for (const bool transpose_a : {false, true}) {
        for (const bool transpose_b : {false, true}) {
            SCOPED_TRACE(::testing::Message() << "transposed: " << transpose_a << " " << transpose_b);
            Net net({1, 3, 1, 1}, 2);
            const auto factor = [&](const char* name, std::uint64_t rows, std::uint64_t columns) {
                OperatorSpec spec; // any operator that makes the shape
                spec.name = name;
                spec.kind = OpKind::resize_nearest;
                spec.inputs = {"input"};
                spec.target = {1, 0, rows, columns};
                net.add(spec);
            };
            factor("a", transpose_a ? 7 : 5, transpose_a ? 5 : 7);
            factor("b", transpose_b ? 4 : 7, transpose_b ? 7 : 4);
            OperatorSpec spec;
            spec.name = "c";
            spec.kind = OpKind::matmul;
            spec.inputs = {"a", "b"};
            spec.transpose_a = transpose_a;
            spec.transpose_b = transpose_b;
            net.add(spec);
            const Iteration iteration(net, all_gradients());
            const std::uint64_t macs = products * 5 * 7 * 4;
            EXPECT_EQ(iteration.row("c"), (Row{macs, a + b, c}));
            EXPECT_EQ(iteration.row("c.d0"), (Row{macs, 2 * c + b, 2 * a}));
            EXPECT_EQ(iteration.row("c.d1"), (Row{macs, 2 * c + a, 2 * b}));
        }
    }
}

// 2 images of 6 channels, 5 rows, 3 columns; 4 results along the axis. Weights one byte, their gradients and biases 4.
TEST(TrainingProducts, OfAFullyConnectedLayerAlongEachAxis) {
    const Shape in{2, 6, 5, 3};
    for (const Dim axis : {Dim::channels, Dim::height, Dim::width}) {
        SCOPED_TRACE(static_cast<int>(axis));
        Net net(in, 2);
        OperatorSpec spec;
        spec.name = "fc";
        spec.kind = OpKind::fully_connected;
        spec.inputs = {"input"};
        spec.axes = {axis};
        spec.out_channels = 4;
        spec.bias = true;
        net.add(spec);
        const Iteration iteration(net, all_gradients());
        const std::uint64_t terms = in.of(axis), positions = in.elements() / terms;
        const std::uint64_t weights = terms * 4, results = positions * 4, macs = positions * terms * 4;
        EXPECT_EQ(iteration.row("fc"), (Row{macs, in.elements() + weights + 4 * 4, results}));
        EXPECT_EQ(iteration.row("fc.dX"), (Row{macs, 2 * results + weights, 2 * in.elements()}));
        EXPECT_EQ(iteration.row("fc.dW"), (Row{macs, 2 * results + in.elements(), 4 * weights}));
        EXPECT_EQ(iteration.row("fc.db"), (Row{0, 2 * results, 4 * 4}));
        // Gradients, parameters, momentum; and the array's copy of both.
        EXPECT_EQ(iteration.row("fc.upd"), (Row{0, 3 * 4 * (weights + 4), 2 * 4 * (weights + 4) + weights + 4 * 4}));
    }
}

// 3x3, stride 2, padding 1: 2 images of 4 channels, 7x7 to 4x4 of 6. Weight gradient: 16 positions of each image.
TEST(TrainingProducts, OfAStridedConvolutionDirectAndDilated) {
    for (const BackwardLowering lowering : {BackwardLowering::direct, BackwardLowering::dilated}) {
        Net net({1, 4, 7, 7}, 2);
        OperatorSpec spec;
        spec.name = "conv";
        spec.inputs = {"input"};
        spec.out_channels = 6;
        Window& w = spec.window;
        w.kernel_h = w.kernel_w = 3;
        w.stride_h = w.stride_w = 2;
        w.pad_top = w.pad_left = w.pad_bottom = w.pad_right = 1;
        net.add(spec);
        TrainingOptions options = all_gradients();
        options.backward_lowering = lowering;
        const Iteration iteration(net, options);
        const std::uint64_t x = 2 * 4 * 49, y = 2 * 6 * 16, weights = 6 * 4 * 9;
        const bool direct = lowering == BackwardLowering::direct;
        // dilated: 7x7 results, 9 taps; sums over 7x7 positions of the gradient with its zeros, 3x3 of them.
        EXPECT_EQ(iteration.row("conv.dX").macs, direct ? 2 * 16 * weights : 2 * 49 * weights);
        EXPECT_EQ(iteration.row("conv.dW").macs, direct ? 2 * 16 * weights : 2 * 49 * weights);
        EXPECT_EQ(iteration.row("conv.dW").reads, 2 * y + x);
        EXPECT_EQ(iteration.row("conv.dW").writes, 4 * weights);
        EXPECT_EQ(iteration.row("conv.dX").writes, 2 * x);
        EXPECT_GE(iteration.row("conv.dX").reads, 2 * y + weights);
        EXPECT_EQ(iteration.row("conv.dX").reads - weights,
                  direct ? 2 * 2 * 6 * (4 * 4 + 4 * 4 + 4 * 4 + 4 * 4) : 2 * y);
    }
}

} // namespace
} // namespace systolica
