// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "random_networks.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "workloads/graph_builder.h"
#include "workloads/operator_table.h"

namespace systolica {

namespace {

class RandomNetwork {
public:
    RandomNetwork(std::uint64_t seed, std::uint64_t batch) : random_(seed), builder_("random", batch) {
        const Shape input{batch, between(1, 6), between(4, 9), between(4, 9)};
        builder_.add_input("input", input, Places());
        known_.push_back({"input", input});
    }

    Graph build() {
        const std::uint64_t operators = between(4, 14);
        while (known_.size() <= operators) {
            try_add(random_operator());
        }
        if (between(0, 2) > 0) {
            OperatorSpec loss;
            loss.kind = OpKind::softmax_cross_entropy;
            loss.inputs = {known_.back().name};
            try_add(loss);
        }
        return builder_.finish();
    }

private:
    struct Known {
        std::string name;
        Shape shape;
    };

    std::uint64_t between(std::uint64_t least, std::uint64_t most) { return least + random_() % (most - least + 1); }
    Dim dim() { return static_cast<Dim>(between(0, 2)); }

    const Known& some() {
        return between(0, 2) > 0 ? known_.back() : known_[static_cast<std::size_t>(between(0, known_.size() - 1))];
    }

    OperatorSpec random_operator() {
        OperatorSpec spec;
        const std::vector<OperatorRow>& table = operator_table();
        // Half of what networks are made of, half of anything.
        static constexpr OpKind common[] = {OpKind::conv, OpKind::conv, OpKind::batch_norm,
                                            OpKind::relu, OpKind::add,  OpKind::concat};
        spec.kind = between(0, 1) == 0 ? common[between(0, 5)] : table[between(0, table.size() - 2)].kind;
        const OperatorRow& row = operator_row(spec.kind);
        const Known& input = some();
        spec.inputs = {input.name};
        for (std::uint64_t i = 1; i < row.least_inputs + (row.most_inputs == 0 ? between(0, 1) : 0); ++i) {
            spec.inputs.push_back(some().name);
        }
        if (row.parameters == Parameters::operand && between(0, 3) == 0) {
            spec.inputs.resize(1);
            spec.learned = between(0, 1) == 0;
            spec.constant = !spec.learned;
            spec.operand = {1, between(0, 1) == 0 ? input.shape.c : 1, 1, input.shape.w};
        }
        Window& w = spec.window;
        w.kernel_h = between(1, 3);
        w.kernel_w = between(1, 3);
        w.stride_h = w.stride_w = between(1, 2);
        w.pad_top = w.pad_left = w.pad_bottom = w.pad_right = between(0, 1);
        spec.out_channels = between(1, 8);
        spec.depthwise = spec.kind == OpKind::conv && between(0, 4) == 0;
        if (spec.depthwise) {
            spec.out_channels = 0;
        }
        spec.bias = between(0, 1) == 0;
        spec.size = between(1, 6);
        spec.axes = {dim()};
        spec.start = between(0, 1);
        spec.length = between(1, 3);
        spec.target = {1, input.shape.h * input.shape.c, input.shape.w, 1};
        spec.transpose_a = between(0, 1) == 0;
        spec.transpose_b = between(0, 1) == 0;
        if (spec.kind == OpKind::transpose) {
            spec.axes = {Dim::width, Dim::channels, Dim::height};
        } else if (spec.kind == OpKind::resize_nearest || spec.kind == OpKind::resize_bilinear) {
            spec.target = {1, 1, 0, 7};
            spec.scale_h = 2;
        }
        return spec;
    }

    bool try_add(OperatorSpec spec) {
        spec.name = "op" + std::to_string(known_.size());
        std::vector<Shape> shapes;
        for (const std::string& name : spec.inputs) {
            for (const Known& known : known_) {
                if (known.name == name) {
                    shapes.push_back(known.shape);
                }
            }
        }
        OperatorSpec probe = spec;
        const ShapeResult result = apply_shape_rule(probe, shapes);
        if (!result.ok() || result.shape.per_image() > 4000) {
            return false;
        }
        EXPECT_TRUE(builder_.add(spec, Places()));
        known_.push_back({spec.name, result.shape});
        return true;
    }

    std::mt19937_64 random_;
    GraphBuilder builder_;
    std::vector<Known> known_;
};

const Operator& op(const Graph& graph, int layer) {
    return graph.operators[static_cast<std::size_t>(layer)];
}

bool any_loss(const Graph& graph) {
    return std::any_of(graph.operators.begin(), graph.operators.end(),
                       [](const Operator& o) { return o.kind == OpKind::softmax_cross_entropy; });
}

// Something at the tensor or before it is trained. Nothing trains indices.
bool trains(const Graph& graph, int tensor, bool of_image) {
    const Tensor& t = graph.tensors[static_cast<std::size_t>(tensor)];
    if (t.producer < 0) {
        return of_image && std::none_of(t.consumers.begin(), t.consumers.end(),
                                        [&](int consumer) { return op(graph, consumer).kind == OpKind::embedding; });
    }
    const Operator& producer = op(graph, t.producer);
    return parameter_count(graph, producer) > 0 ||
           std::any_of(producer.inputs.begin(), producer.inputs.end(),
                       [&](int input) { return trains(graph, input, of_image); });
}

// A loss, or a result of a network without one, follows; not through an embedding, which hands nothing back.
bool receives(const Graph& graph, int tensor) {
    const Tensor& t = graph.tensors[static_cast<std::size_t>(tensor)];
    if (t.consumers.empty()) {
        return !any_loss(graph);
    }
    return std::any_of(t.consumers.begin(), t.consumers.end(), [&](int consumer) {
        const Operator& o = op(graph, consumer);
        return o.kind == OpKind::softmax_cross_entropy || (o.kind != OpKind::embedding && receives(graph, o.output));
    });
}

} // namespace

Graph random_network(std::uint64_t seed, std::uint64_t batch) {
    return RandomNetwork(seed, batch).build();
}

bool learns(const Graph& graph, int layer) {
    return parameter_count(graph, op(graph, layer)) > 0;
}

bool is_loss(const Graph& graph, int layer) {
    return op(graph, layer).kind == OpKind::softmax_cross_entropy;
}

bool has_gradient(const Graph& graph, int tensor, bool of_image) {
    return trains(graph, tensor, of_image) && receives(graph, tensor);
}

std::vector<const TrainingOperation*> operations_of(const TrainingGraph& graph, int layer) {
    std::vector<const TrainingOperation*> out;
    for (const TrainingOperation& operation : graph.operations) {
        if (operation.layer == layer && !operation.recomputation) {
            out.push_back(&operation);
        }
    }
    return out;
}

} // namespace systolica
