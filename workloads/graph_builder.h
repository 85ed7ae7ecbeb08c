// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// Builds a Graph operator by operator in program order, applies the shape rules and collects what is wrong. An
// operator with a problem stays known by name and whatever depends on it is passed over in silence, so that one
// mistake gives one line.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/diagnostics.h"
#include "workloads/graph.h"
#include "workloads/shape_rules.h"

namespace systolica {

// Where the parts of an operator stand in the user's file, for messages.
class Places {
public:
    struct Place {
        std::string key; // what the file calls the field; empty for the operator itself
        Location where;
    };

    explicit Places(Location whole = {}) : whole_{"", std::move(whole)} {}

    // `field` as in ShapeResult: kernel, groups, inputs[1], ...
    void add(const std::string& field, const std::string& key, Location where);
    const Place& of(const std::string& field) const; // the operator's place where the field has none

private:
    Place whole_;
    std::vector<std::pair<std::string, Place>> fields_;
};

class GraphBuilder {
public:
    GraphBuilder(std::string name, std::uint64_t batch);

    // A tensor from outside; shape.n is set to the batch.
    void add_input(const std::string& name, Shape shape, const Places& places);
    bool add(OperatorSpec spec, const Places& places); // false: it is not in the graph
    // Makes the result of an operator known that could not be read: whoever takes it is passed over.
    void add_unreadable(const std::string& tensor);

    // The caller's own problems go here too, so that all come out in file order.
    Problems& problems() { return problems_; }

    Graph finish(); // throws InputError with all problems

private:
    bool claim(const std::string& tensor, const std::string& owner, const Places& places);
    bool find_inputs(const OperatorSpec& spec, const Places& places, std::vector<int>& inputs);
    void report(const std::string& owner, const ShapeResult& result, const Places& places);
    int add_tensor(const std::string& name, const Shape& shape, int producer);

    Graph graph_;
    Problems problems_;
    std::map<std::string, int> tensors_; // by name; kFailed for those with problems
    std::uint64_t total_macs_ = 0;
};

} // namespace systolica
