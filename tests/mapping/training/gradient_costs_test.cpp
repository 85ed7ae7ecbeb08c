// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// The vector unit's costs in training against what the training graph counts for an element: elementwise and reduce
// operations one cycle, a division 9, an exponential or logarithm 3, a root 11. What is done once a channel or a row
// (roots and divisions of statistics, the logarithm of a loss) is left out.

#include <algorithm>

#include <gtest/gtest.h>

#include "vector_work.h"
#include "workloads/operator_table.h"

namespace systolica {
namespace {

constexpr double kDivide = 9, kExponential = 3, kRoot = 11;

const TrainingOperation& operation(const TrainingGraph& graph, const std::string& name) {
    return *std::find_if(graph.operations.begin(), graph.operations.end(),
                         [&](const TrainingOperation& o) { return o.name == name; });
}

double special_cycles(unsigned count) {
    return count == 0 ? 0 : count == 1 ? kDivide : kDivide + kExponential;
}

TEST(GradientCosts, OfActivationsSoftmaxAndNormsAreTheOperationsOfAnElement) {
    int checked = 0;
    for (const OperatorRow& row : operator_table()) {
        const Gradient& gradient = row.gradient[0];
        const bool of_input = row.kind == OpKind::max_pool || row.kind == OpKind::avg_pool ||
                              row.kind == OpKind::global_avg_pool || row.kind == OpKind::reduce_mean ||
                              row.kind == OpKind::reduce_sum || row.kind == OpKind::resize_nearest ||
                              row.kind == OpKind::resize_bilinear; // count for each element of the input, see below
        if ((row.backward != Backward::element_wise && row.backward != Backward::layer_norm) || of_input ||
            gradient.cost.free()) {
            continue;
        }
        SCOPED_TRACE(row.word);
        ++checked;
        const TrainingGraph graph = alone(spec_of(row.kind));
        const Layer layer = forms_named(graph, "x.bwd")[0].group.layer;
        const OperatorCost& cost = gradient.cost;
        const unsigned taps = row.kind == OpKind::lrn ? 3 : 1;
        EXPECT_EQ(cycles(layer), cost.elementwise + cost.reduce + special_cycles(cost.special) +
                                     (cost.elementwise_per_tap + cost.reduce_per_tap) * taps);
        EXPECT_EQ(layer.out_elements(), 2u * 8 * 6 * 6);
    }
    EXPECT_EQ(checked, 13);
}

TEST(GradientCosts, OfOperandsAreTheOperationsOfAnElement) {
    const std::vector<OpKind> kinds{OpKind::sub, OpKind::mul, OpKind::div, OpKind::pow};
    for (const OpKind kind : kinds) {
        SCOPED_TRACE(op_kind_name(kind));
        Net net({1, 8, 6, 6}, 2);
        net.op(OpKind::silu, "a", {"input"});
        net.op(OpKind::gelu, "b", {"input"});
        net.op(kind, "x", {"a", "b"});
        const TrainingGraph graph = training_graph(net.finish(), without_loss());
        for (const int which : {0, 1}) {
            const OperatorCost& cost = operator_row(kind).gradient[which].cost;
            if (cost.free()) {
                continue; // the gradient is handed on
            }
            const bool logarithm = kind == OpKind::pow && which == 1;
            const double special = logarithm ? kExponential : special_cycles(cost.special);
            EXPECT_EQ(cycles(forms_named(graph, "x.d" + std::to_string(which))[0].group.layer),
                      cost.elementwise + cost.reduce + special);
        }
    }
}

TEST(GradientCosts, OfAStretchedOperandCountItsSumToo) {
    Net net({1, 8, 6, 6}, 2);
    OperatorSpec spec = spec_of(OpKind::mul);
    spec.learned = true;
    spec.operand = {1, 8, 1, 1};
    net.add(spec);
    const TrainingGraph graph = training_graph(net.finish(), without_loss());
    EXPECT_EQ(cycles(forms_named(graph, "x.dW")[0].group.layer), 1 + 1);
    EXPECT_EQ(cycles(forms_named(graph, "x.bwd")[0].group.layer), 1);
}

// For each element of the input, as often as windows cover it: as many accumulations as the output has taps where
// windows do not overlap.
TEST(GradientCosts, OfPoolsAreOneForEachElementOfTheInputAndWindowThatCoversIt) {
    for (const OpKind kind : {OpKind::max_pool, OpKind::avg_pool}) {
        for (const std::uint64_t stride : {1u, 2u, 3u}) {
            OperatorSpec spec = spec_of(kind);
            spec.window.kernel_h = spec.window.kernel_w = 3;
            spec.window.stride_h = spec.window.stride_w = stride;
            const TrainingGraph graph = alone(spec);
            const Layer layer = forms_named(graph, "x.bwd")[0].group.layer;
            const double windows = stride == 1 ? 3 : stride == 2 ? 2 : 1; // along an axis, of 3 positions, at most
            EXPECT_EQ(cycles(layer), windows * windows) << op_kind_name(kind) << " " << stride;
            EXPECT_EQ(layer.out_elements(), 2u * 8 * 6 * 6);
        }
    }
    for (const OpKind kind : {OpKind::global_avg_pool, OpKind::reduce_mean, OpKind::reduce_sum}) {
        OperatorSpec spec = spec_of(kind);
        spec.axes = {Dim::height, Dim::width};
        const Layer layer = forms_named(alone(spec), "x.bwd")[0].group.layer;
        EXPECT_EQ(cycles(layer), 1) << op_kind_name(kind);
        EXPECT_EQ(layer.out_elements(), 2u * 8 * 6 * 6);
    }
}

// For each element of the input, of each output that it went into: nearest one accumulation, bilinear four outputs for
// one (each looks at four elements) with a product and a sum.
TEST(GradientCosts, OfAResizeAreOnesForEachOutputThatAnElementWentInto) {
    for (const OpKind kind : {OpKind::resize_nearest, OpKind::resize_bilinear}) {
        OperatorSpec spec = spec_of(kind);
        spec.target = {1, 0, 12, 18};
        const Layer layer = forms_named(alone(spec), "x.bwd")[0].group.layer;
        const double outputs = 2 * 3;
        EXPECT_EQ(cycles(layer), kind == OpKind::resize_nearest ? outputs : outputs * 4 * 2) << op_kind_name(kind);
    }
}

// Elementwise and reduce counts of an image, an element of the stream.
double counted(const TrainingGraph& graph, const std::string& name, std::uint64_t elements) {
    const OperationCounts& counts = operation(graph, name).per_image;
    return static_cast<double>(counts.elementwise / elements + counts.reduce / elements);
}

TEST(GradientCosts, OfBatchNormDropoutSumsAndLossAreWhatTheTrainingGraphCounts) {
    const TrainingGraph graph = with_batch_norm(Optimizer::sgd);
    const std::uint64_t image = 8 * 6 * 6;
    for (const char* name :
         {"n.stats", "n", "n.bwd_red", "n.bwd_dx", "drop", "drop.bwd", "conv.db", "conv.grad_acc0"}) {
        const double expected = counted(graph, name, image);
        EXPECT_GT(expected, 0) << name;
        EXPECT_EQ(cycles(forms_named(graph, name)[0].group.layer), expected) << name;
    }
    const std::uint64_t classes = 8;
    EXPECT_EQ(cycles(forms_named(graph, "softmax_ce")[0].group.layer),
              counted(graph, "softmax_ce", classes) + kExponential + kDivide);
    EXPECT_EQ(cycles(forms_named(graph, "softmax_ce.bwd")[0].group.layer), counted(graph, "softmax_ce.bwd", classes));
}

TEST(GradientCosts, OfOptimizersAreWhatTheTrainingGraphCountsForAParameter) {
    for (const Optimizer optimizer : {Optimizer::sgd, Optimizer::momentum, Optimizer::momentum_wd, Optimizer::adam}) {
        const TrainingGraph graph = with_batch_norm(optimizer);
        for (const char* name : {"conv.upd", "n.upd"}) {
            const TrainingOperation& update = operation(graph, name);
            std::uint64_t parameters = 0, elements = 0;
            for (const int output : update.outputs) {
                const TrainingTensor& tensor = graph.tensors[static_cast<std::size_t>(output)];
                parameters += tensor.role == TensorRole::parameter ? tensor.shape.elements() : 0;
            }
            const std::uint64_t special = update.per_iteration.special / parameters; // Adam: a root and a division
            EXPECT_EQ(special, optimizer == Optimizer::adam ? 2u : 0u);
            for (const Form& form : forms_named(graph, name)) {
                EXPECT_EQ(cycles(form.group.layer), static_cast<double>(update.per_iteration.elementwise / parameters) +
                                                        (special > 0 ? kRoot + kDivide : 0))
                    << name;
                elements += form.group.layer.out_elements();
            }
            EXPECT_EQ(elements, parameters) << name;
        }
    }
}

} // namespace
} // namespace systolica
