// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// One iteration of training as a list of operations in program order: forward, loss, then in reverse the gradients and
// the update of each layer. A pure function of the forward graph; what the operations are and count is in
// docs/workloads.md.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "workloads/graph.h"
#include "workloads/training/matrix_work.h"

namespace systolica {

enum class Pass : std::uint8_t { forward, backward, backward_data, backward_weight, update };
const char* pass_name(Pass pass); // as in layers.csv

enum class Optimizer : std::uint8_t { sgd, momentum, momentum_wd, adam };
enum class Recompute : std::uint8_t { none, sqrt, list };

struct TrainingOptions {
    std::uint64_t micro_batch =
        0; // images at once, gradients are accumulated; 0: the whole batch; else a divisor of it
    Optimizer optimizer = Optimizer::momentum_wd;
    bool input_gradient_of_first_layer = false;
    bool loss = true;
    BackwardLowering backward_lowering = BackwardLowering::direct;
    Recompute recompute = Recompute::none;
    std::vector<std::string> recomputed; // list: layers whose results are not kept for the backward pass
};

enum class TensorRole : std::uint8_t {
    activation,
    gradient,
    statistics, // of a batch-norm, a value a channel
    label,
    parameter,
    parameter_gradient,
    state, // of the optimiser, running statistics: stays from iteration to iteration
};

struct TrainingTensor {
    std::string name;
    Shape
        shape; // n: images of a micro-batch; for parameters, gradients and state of them one image of so many channels
    TensorRole role = TensorRole::activation;
    int producer = -1;        // first operation that writes it, -1: comes from outside. Of a view: of what it views
    std::vector<int> storage; // tensors that hold its elements: itself, or for a view those it is a part or joint of
    std::vector<int> viewed;  // of a view: what it is a part of (from view_start), or joined of along view_axis
    std::array<std::uint64_t, 3> view_start{}; // channel, row, column
    Dim view_axis = Dim::channels;
    int first_use = -1; // operations that write or read it or a view of it; -1 for views
    int last_use = -1;
    bool kept = false; // written forward (or an image), read again when going back

    bool view() const { return first_use < 0; }
    bool per_image() const { return role <= TensorRole::gradient || role == TensorRole::label; }
};

// Scalar operations and tensor elements, see OperatorCost. Every operation reads its operands and writes its results
// once.
struct OperationCounts {
    std::uint64_t macs = 0;
    std::uint64_t elementwise = 0;
    std::uint64_t reduce = 0;
    std::uint64_t special = 0;
    std::uint64_t read = 0;
    std::uint64_t write = 0;
};

struct TrainingOperation {
    std::string name;
    std::string op; // word as in the reference tables
    Pass pass = Pass::forward;
    int layer = -1;           // operator of the forward graph; -1: sum of the image's gradients
    std::string layer_name;   // its name
    Shape shape;              // row of the table: mostly that of the result
    std::vector<int> inputs;  // tensors
    std::vector<int> outputs; // tensors; one that is also an input is changed in place
    std::vector<int> needs;   // operations that must be done before
    MatrixWork matrix;        // groups 0: no product
    bool view = false;        // moves nothing
    bool recomputation = false;
    OperationCounts per_image;     // a batch of N costs N times this
    OperationCounts per_iteration; // and once this
};

struct TrainingGraph {
    Graph forward; // with its loss, shapes of a micro-batch
    std::uint64_t batch = 1;
    std::uint64_t micro_batch = 1;
    std::vector<TrainingOperation> operations;
    std::vector<TrainingTensor> tensors;

    OperationCounts counts(const TrainingOperation& operation) const; // of one execution, for the micro-batch
};

// Throws InputError for options that do not fit the network.
TrainingGraph training_graph(const Graph& network, const TrainingOptions& options);

} // namespace systolica
