// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "workloads/inference.h"

#include "base/diagnostics.h"
#include "workloads/operator_table.h"

namespace systolica {

namespace {

class Expansion {
public:
    Expansion(const Graph& network, const InferenceOptions& options)
        : network_(network), options_(options), now_(network.tensors.size(), -1) {
        result_.name = network.name;
        result_.batch = network.batch;
    }

    Graph build() {
        count_uses();
        for (std::size_t i = 0; i < network_.tensors.size(); ++i) {
            if (network_.tensors[i].producer < 0) {
                now_[i] = add_tensor(static_cast<int>(i), network_.tensors[i].shape, -1);
            }
        }
        for (const Operator& op : network_.operators) {
            if (dropped(op)) {
                renamed(op.output) = renamed(op.inputs[0]);
            } else if (op.kind == OpKind::batch_norm && options_.fold_batch_norm && foldable(op)) {
                const int folded = renamed(op.inputs[0]);
                renamed(op.output) = folded;
                readers_[static_cast<std::size_t>(folded)] = uses_[static_cast<std::size_t>(op.output)];
                producer_of(folded).bias = true; // the shift that folding leaves
            } else {
                keep(op);
            }
        }
        if (result_.operators.empty()) {
            throw InputError({network_.name, 0, 0}, "", "expected an operator that inference executes, got none");
        }
        return std::move(result_);
    }

private:
    static bool dropped(const Operator& op) { return operator_row(op.kind).inference == Inference::dropped; }

    // How many operators read a tensor when those dropped are not there; a result that nobody reads leaves the network
    // and counts as read once. Backwards, so that the uses behind those are known.
    void count_uses() {
        uses_.assign(network_.tensors.size(), 0);
        for (auto op = network_.operators.rbegin(); op != network_.operators.rend(); ++op) {
            std::size_t& out = uses_[static_cast<std::size_t>(op->output)];
            if (network_.output_of(*op).consumers.empty()) {
                out = 1;
            }
            for (const int input : op->inputs) {
                uses_[static_cast<std::size_t>(input)] += op->kind == OpKind::dropout ? out : 1;
            }
        }
    }

    bool foldable(const Operator& batch_norm) {
        const int tensor = renamed(batch_norm.inputs[0]);
        if (result_.tensors[static_cast<std::size_t>(tensor)].producer < 0 ||
            readers_[static_cast<std::size_t>(tensor)] != 1) {
            return false;
        }
        const Operator& before = producer_of(tensor);
        return operator_row(before.kind).parameters == Parameters::matrix && axis_of(before) == Dim::channels;
    }

    void keep(const Operator& op) {
        const int index = static_cast<int>(result_.operators.size());
        Operator copy = op;
        Shape shape = network_.output_of(op).shape;
        for (int& input : copy.inputs) {
            input = renamed(input);
            std::vector<int>& consumers = result_.tensors[static_cast<std::size_t>(input)].consumers;
            if (consumers.empty() || consumers.back() != index) {
                consumers.push_back(index);
            }
        }
        if (op.kind == OpKind::softmax_cross_entropy) { // without labels: the probabilities
            copy.kind = OpKind::softmax;
            shape = network_.input_of(op).shape;
        }
        copy.output = add_tensor(op.output, shape, index);
        renamed(op.output) = copy.output;
        result_.operators.push_back(std::move(copy));
    }

    int add_tensor(int old, const Shape& shape, int producer) {
        const auto tensor = static_cast<std::size_t>(old);
        result_.tensors.push_back({network_.tensors[tensor].name, shape, producer, {}});
        readers_.push_back(uses_[tensor]);
        return static_cast<int>(result_.tensors.size()) - 1;
    }

    int& renamed(int tensor) { return now_[static_cast<std::size_t>(tensor)]; }
    Operator& producer_of(int tensor) {
        const int producer = result_.tensors[static_cast<std::size_t>(tensor)].producer;
        return result_.operators[static_cast<std::size_t>(producer)];
    }

    const Graph& network_;
    const InferenceOptions& options_;
    Graph result_;
    std::vector<int> now_;             // tensor of the network -> tensor of the result
    std::vector<std::size_t> uses_;    // of the network's tensors
    std::vector<std::size_t> readers_; // of the result's tensors, those of operators still to come included
};

} // namespace

Graph inference_graph(const Graph& network, const InferenceOptions& options) {
    return Expansion(network, options).build();
}

} // namespace systolica
