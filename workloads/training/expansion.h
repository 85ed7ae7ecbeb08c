// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// Writes the operations of an iteration one after the other. Forward: expansion_forward.cpp; backward, a rule an
// operator: expansion_backward.cpp; gradients, what they read and updates: expansion_gradients.cpp; what all stand on:
// expansion.cpp. Inside this room only; training.h is the public face.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "workloads/operator_table.h"
#include "workloads/training/training.h"

namespace systolica {

class Expansion {
public:
    // `forward` in the shapes of a micro-batch; dropped[i]: the result of operator i is not kept for the backward pass.
    Expansion(Graph forward, std::uint64_t batch, const TrainingOptions& options, std::vector<bool> dropped);

    TrainingGraph build();

private:
    struct Learned { // of an operator; tensors, -1 where it has none
        int weights = -1;
        int bias = -1;
        int running = -1;           // statistics of a batch-norm
        std::vector<int> gradients; // of weights and bias, as many as there are
    };

    // An operation under construction.
    struct Draft {
        std::string name;
        std::string op;
        Pass pass = Pass::forward;
        int layer = -1;         // -1: none, it works for
        std::string layer_name; // this tensor from outside
        Shape shape;
        std::vector<int> inputs;
        std::vector<int> outputs;
        OperationCounts work_per_image; // without tensor elements, which follow from inputs and outputs,
        int partly_read = -1;           // but for this input: what is read of it stands in the work
        OperationCounts work_per_iteration;
        MatrixWork matrix;
        bool view = false;
        bool last_only = false; // its name says no micro-batch
    };

    // expansion.cpp
    void declare_parameters();
    void find_needed_gradients();
    void begin_micro_batch();
    int add_tensor(const std::string& name, const Shape& shape, TensorRole role, int producer);
    int add_view(const std::string& name, const Shape& shape, const std::vector<int>& of);
    int result(const Draft& draft, const std::string& suffix, const Shape& shape, TensorRole role);
    int emit(const Draft& draft);
    std::string tensor_name(int tensor) const { return graph().tensors[static_cast<std::size_t>(tensor)].name; }
    const Operator& op(int layer) const { return graph().operators[static_cast<std::size_t>(layer)]; }
    const Shape& shape_of(int tensor) const { return graph().tensors[static_cast<std::size_t>(tensor)].shape; }
    const Graph& graph() const { return out_.forward; }
    OperationCounts cost(int layer, const OperatorCost& cost, std::uint64_t times = 1) const;

    // expansion_forward.cpp
    void forward(int layer);
    void forward_batch_norm(int layer);
    void forward_loss(int layer);
    void forward_view(int layer);
    Draft forward_draft(int layer) const;

    // expansion_backward.cpp
    void seed_gradients();
    void backward(int layer);
    void backward_loss(int layer);
    void backward_view(int layer, int gradient);
    void backward_element_wise(int layer, int gradient);
    void backward_operands(int layer, int gradient);
    void backward_product(int layer, int gradient);
    void backward_matrix(int layer, int gradient);
    void backward_batch_norm(int layer, int gradient);
    void backward_layer_norm(int layer, int gradient);
    void backward_table(int layer, int gradient);

    // expansion_gradients.cpp
    int gradient_of(int tensor, int layer); // the sum of all that came, -1: none
    void contribute(int tensor, int gradient);
    bool needed(int tensor) const { return needed_[static_cast<std::size_t>(tensor)]; }
    Draft backward_draft(int layer, const std::string& name, const std::string& op, Pass pass,
                         const Shape& shape) const;
    void read_saved(Draft& draft, int layer, unsigned reads);
    int add_gradient(Draft& draft, int tensor);            // declares the result: gradient of a forward tensor
    int learn(Draft& draft, int layer, std::size_t which); // emits it with the gradient of parameters as a result
    void update(int layer);
    int saved(int tensor);
    int saved_stash(int layer);
    void compute_again(int layer);

    const TrainingOptions options_;
    const std::vector<bool> dropped_;
    TrainingGraph out_;
    std::vector<Learned> learned_; // by operator
    std::vector<bool> needed_;     // by forward tensor: its gradient
    std::uint64_t micro_batches_ = 1;
    std::uint64_t now_in_ = 0;                    // micro-batch
    bool again_ = false;                          // recomputation
    std::vector<int> now_;                        // by forward tensor: the tensor that holds it, -1: not (any more)
    std::vector<int> stash_;                      // by operator: second result; statistics of a batch-norm
    std::map<int, int> labels_;                   // by operator
    std::vector<std::vector<int>> contributions_; // by forward tensor: gradients in the order they came
};

// What follows from the operations: needs of each, uses of each tensor, which are kept.
void complete(TrainingGraph& graph);

} // namespace systolica
