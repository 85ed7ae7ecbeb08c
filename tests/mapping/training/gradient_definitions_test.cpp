// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// The vector unit's costs in training against the operations that each gradient and each optimiser is by definition,
// written down here. dy is the gradient of the result y, dx that of the input x; what is done once a channel or a row
// (statistics into scale, shift and deviation) is no part of an element.

#include <set>

#include <gtest/gtest.h>

#include "vector_work.h"
#include "workloads/operator_table.h"

namespace systolica {
namespace {

struct Steps {
    unsigned simple = 0; // sums, products, selections, accumulations
    unsigned divisions = 0;
    unsigned exponentials = 0; // and logarithms
    unsigned roots = 0;

    // Fixed-point latencies of the SimDIT hardware template; all else a cycle.
    double cycles() const { return simple + 9 * divisions + 3 * exponentials + 11 * roots; }
};

struct Definition {
    OpKind kind;
    Steps steps; // for each element of the result
};

OperatorSpec example(OpKind kind) {
    OperatorSpec spec = spec_of(kind);
    spec.window.stride_h = spec.window.stride_w = 2; // windows side by side
    switch (kind) {
    case OpKind::reduce_mean:
    case OpKind::reduce_sum:
        spec.axes = {Dim::height, Dim::width};
        break;
    case OpKind::resize_nearest:
    case OpKind::resize_bilinear:
        spec.target = {1, 0, 12, 18};
        break;
    case OpKind::transpose:
        spec.axes = {Dim::width, Dim::channels, Dim::height};
        break;
    case OpKind::slice:
        spec.axes = {Dim::channels};
        spec.start = 2;
        spec.length = 3;
        break;
    default:
        break;
    }
    return spec;
}

const std::vector<Definition>& definitions() {
    static const std::vector<Definition> list{
        // y > 0 ? dy : 0
        {OpKind::relu, {1}},
        // y > 0 ? (y < 6 ? dy : 0) : 0
        {OpKind::relu6, {2}},
        // y > 0 ? dy : slope dy
        {OpKind::leaky_relu, {2}},
        // dy (y (1 - y))
        {OpKind::sigmoid, {3}},
        // dy (1 - y y)
        {OpKind::tanh, {3}},
        // s = 1 / (1 + exp(-x)): 2, division, exponential; dy (s (1 + x (1 - s))): 5
        {OpKind::silu, {2 + 5, 1, 1}},
        // q = x x, u = k (x + c q x): 5; e = exp(2 u), t = (e - 1) / (e + 1): 3, division, exponential;
        // dy (0.5 (1 + t) + 0.5 x (1 - t t) (k + 3 k c q)): halves and sum in brackets 2, 1 - t t 2, last bracket 2,
        // 0.5 x and its two products 3, sum and dy 2
        {OpKind::gelu, {5 + 3 + 2 + 2 + 2 + 3 + 2, 1, 1}},
        // y > 0 ? (y < 1 ? slope dy : 0) : 0
        {OpKind::hard_sigmoid, {3}},
        // x > -3 ? (x < 3 ? dy (x / 3 + 1 / 2) : dy) : 0, with 1 / 3 a constant
        {OpKind::hard_swish, {5}},
        // y (dy - sum of dy y)
        {OpKind::softmax, {4}},
        // h = (x - m) r: 2; sums of dy and of dy h (the gradients of shift and scale): 3; g = gamma dy: 1; sums of g
        // and
        // of g h: 3; r (g - a - h b): 4
        {OpKind::layer_norm, {2 + 3 + 1 + 3 + 4}},
        // dy s - x (sum over 3 channels of dy y / scale), the sum's factor in x: product and division, 3, product,
        // product, difference
        {OpKind::lrn, {1 + 3 + 3, 1}},
        // the mask
        {OpKind::dropout, {1}},
        // windows side by side: an element is under one, a quarter of it or the place of its maximum
        {OpKind::max_pool, {1}},
        {OpKind::avg_pool, {1}},
        {OpKind::global_avg_pool, {1}},
        {OpKind::reduce_mean, {1}},
        {OpKind::reduce_sum, {1}},
        // 2 x 3 results read it
        {OpKind::resize_nearest, {6}},
        // four times as many (each looks at four), a weight and a sum for each
        {OpKind::resize_bilinear, {6 * 4 * 2}},
        {OpKind::transpose, {1}},
        {OpKind::slice, {1}},
    };
    return list;
}

TEST(GradientDefinitions, AreTheCostOfAnElementOfEveryOperatorOfOneInput) {
    std::set<OpKind> defined;
    for (const Definition& one : definitions()) {
        SCOPED_TRACE(op_kind_name(one.kind));
        defined.insert(one.kind);
        for (const Form& form : forms_named(alone(example(one.kind)), "x.bwd")) {
            EXPECT_EQ(cycles(form.group.layer), one.steps.cycles());
        }
    }
    for (const OperatorRow& row : operator_table()) {
        if (row.backward == Backward::element_wise || row.backward == Backward::layer_norm) {
            EXPECT_EQ(defined.count(row.kind), 1u) << row.word;
        }
    }
}

struct OfOperands {
    OpKind kind;
    Steps first, second; // nothing: dy itself
};

// Of two operands a and b, both of the result's size, or stretched to it from one row: then each element adds to a sum.
TEST(GradientDefinitions, AreTheCostOfAnElementOfEveryOperand) {
    const std::vector<OfOperands> list{
        {OpKind::add, {}, {}},
        {OpKind::sub, {}, {1}},           // - dy
        {OpKind::mul, {1}, {1}},          // dy b; dy a
        {OpKind::div, {0, 1}, {2, 1}},    // dy / b; - (dy y / b)
        {OpKind::pow, {2, 1}, {2, 0, 1}}, // dy b y / a; dy y log a
    };
    std::set<OpKind> defined;
    for (const OfOperands& one : list) {
        SCOPED_TRACE(op_kind_name(one.kind));
        defined.insert(one.kind);
        Net net({1, 8, 6, 6}, 2);
        net.op(OpKind::silu, "a", {"input"});
        net.op(OpKind::gelu, "b", {"input"});
        net.op(one.kind, "x", {"a", "b"});
        net.op(OpKind::global_avg_pool, "row", {"b"});
        net.op(one.kind, "z", {"x", "row"});
        const TrainingGraph graph = training_graph(net.finish(), without_loss());
        const auto cost = [&](const std::string& name) { return cycles(forms_named(graph, name)[0].group.layer); };
        if (one.first.cycles() > 0) {
            EXPECT_EQ(cost("x.d0"), one.first.cycles());
        }
        if (one.second.cycles() > 0) {
            EXPECT_EQ(cost("x.d1"), one.second.cycles());
        }
        EXPECT_EQ(cost("z.d1"), one.second.cycles() + 1);
    }
    for (const OperatorRow& row : operator_table()) {
        EXPECT_EQ(defined.count(row.kind), row.backward == Backward::operands ? 1u : 0u) << row.word;
    }
}

TEST(GradientDefinitions, AreTheCostOfAnElementInBatchNormBiasForkAndLoss) {
    struct Named {
        const char* name;
        Steps steps;
    };
    const std::vector<Named> list{
        {"n.stats", {3}},          // sums of x and of x x
        {"n", {4}},                // gamma ((x - m) r) + beta
        {"n.bwd_red", {5}},        // sums of dy and of dy (x - m) r
        {"n.bwd_dx", {5}},         // g (dy - b - (x - m) c)
        {"drop", {2}},             // drawn below the rate ? 0 : scale x
        {"conv.db", {1}},          // a sum
        {"conv.grad_acc0", {1}},   // of two
        {"softmax_ce", {3, 1, 1}}, // largest; e = exp(x - largest); sum; e / sum
        {"softmax_ce.bwd", {2}},   // (p - label) / batch, a constant
    };
    const TrainingGraph graph = with_batch_norm(Optimizer::sgd);
    for (const Named& one : list) {
        EXPECT_EQ(cycles(forms_named(graph, one.name)[0].group.layer), one.steps.cycles()) << one.name;
    }
}

TEST(GradientDefinitions, OfATableAndOfMicroBatchesAreOneSumAnElement) {
    Net net({1, 1, 10, 1}, 2);
    OperatorSpec table = spec_of(OpKind::embedding);
    table.out_channels = 8;
    table.size = 50;
    net.add(table);
    TrainingOptions options = without_loss();
    options.micro_batch = 1;
    const TrainingGraph graph = training_graph(net.finish(), options);
    int scattered = 0, accumulated = 0;
    for (std::size_t i = 0; i < graph.operations.size(); ++i) {
        const TrainingOperation& operation = graph.operations[i];
        if (operation.pass != Pass::backward_weight) {
            continue;
        }
        const bool sum = operation.op == "grad_accumulate";
        const Form form = forms_of(graph, operation, static_cast<std::uint32_t>(i), BackwardLowering::direct)[0];
        EXPECT_EQ(cycles(form.group.layer), 1) << operation.name;
        EXPECT_EQ(form.group.layer.out_elements(), sum ? 50u * 8 : 10u * 8) << operation.name;
        ++(sum ? accumulated : scattered);
    }
    EXPECT_EQ(scattered, 2);
    EXPECT_EQ(accumulated, 1);
}

// p the parameter, g its gradient, v, m and s states.
TEST(GradientDefinitions, AreTheCostOfAParameterInEveryOptimizer) {
    struct Rule {
        Optimizer optimizer;
        Steps steps;
    };
    const std::vector<Rule> rules{
        {Optimizer::sgd, {2}},         // p -= rate g
        {Optimizer::momentum, {4}},    // v = mu v + g; p -= rate v
        {Optimizer::momentum_wd, {6}}, // g += decay p before
        // m = a m + (1 - a) g: 3; s = b s + (1 - b) g g: 4; p -= rate m / (sqrt(s) + epsilon): 3, division, root
        {Optimizer::adam, {3 + 4 + 3, 1, 0, 1}},
    };
    for (const Rule& rule : rules) {
        const TrainingGraph graph = with_batch_norm(rule.optimizer);
        for (const char* name : {"conv.upd", "n.upd"}) {
            for (const Form& form : forms_named(graph, name)) {
                EXPECT_EQ(cycles(form.group.layer), rule.steps.cycles())
                    << name << " " << static_cast<int>(rule.optimizer);
            }
        }
    }
}

} // namespace
} // namespace systolica
