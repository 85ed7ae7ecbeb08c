// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// Tensors of an iteration as a plan knows them, and where they lie. What an operation changes in place is a tensor of
// its own from there on, at the same place, so that it is clear who waits for which state of it.
#pragma once

#include <string>
#include <vector>

#include "mapping/plan.h"
#include "mapping/training/lifetimes.h"
#include "workloads/training/training.h"

namespace systolica {

class TrainingTensors {
public:
    TrainingTensors(const TrainingGraph& graph, Plan& plan)
        : graph_(graph), plan_(plan), known_(graph.tensors.size()) {}

    int current(int tensor);                      // to read
    int next(int tensor, const Shape& shape);     // to write
    int seen(int planned, const Shape& shape);    // the same elements under another shape (parameters are flat)
    void widen(int tensor, std::uint64_t values); // of a state: so many values a parameter; before it is used

    // What the array and the vector unit read of weights: a copy in the array's width, the optimiser's tensor itself
    // where the widths agree. Behind it room for the bias as the array adds it.
    int weights(int tensor);
    int next_weights(int tensor); // to write, -1: there is no copy, or nobody reads it
    int next_bias(int tensor);
    void has_bias(int weights, int bias); // before either is used

    int buffer(const std::string& name, std::uint64_t channels, std::uint64_t rows, std::uint64_t element_bytes);
    void lies_with(int view, int of); // a tensor that the planner made of another

    // Gives every tensor its place in memory; those that are not needed all the time share it. Groups that write where
    // others were wait for those who read them.
    void place(const std::vector<int>& weight_tensors);

private:
    struct Known { // by tensor of the graph
        int planned = -1;
        int copy = -1;
        int bias_copy = -1;
        int bias_of = -1; // weights
        int bias = -1;
        std::uint64_t values = 1;
    };
    struct Place {
        int root = -1;
        std::uint64_t offset = 0;
    };

    const TrainingTensor& of(int tensor) const { return graph_.tensors[static_cast<std::size_t>(tensor)]; }
    Known& known(int tensor) { return known_[static_cast<std::size_t>(tensor)]; }
    PlannedTensor& planned(int index) { return plan_.tensors[static_cast<std::size_t>(index)]; }
    std::uint64_t element_bytes(int tensor);
    int add(const std::string& name, const Shape& shape, std::uint64_t bytes, int root, std::uint64_t offset = 0);
    int new_root(std::uint64_t bytes, bool passing);
    int view(int tensor);
    int alias(int planned);
    void live(int root, int group); // the group uses it

    const TrainingGraph& graph_;
    Plan& plan_;
    std::vector<Known> known_;
    std::vector<Place> places_; // by planned tensor
    std::vector<Lifetime> roots_;
};

} // namespace systolica
