// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "workloads/graph_builder.h"

#include <algorithm>

namespace systolica {

namespace {

constexpr int kFailed = -1;

bool has_control_characters(const std::string& name) {
    return std::any_of(name.begin(), name.end(), [](char c) {
        const auto byte = static_cast<unsigned char>(c);
        return byte < 0x20 || byte == 0x7f;
    });
}

} // namespace

void Places::add(const std::string& field, const std::string& key, Location where) {
    fields_.push_back({field, {key, std::move(where)}});
}

const Places::Place& Places::of(const std::string& field) const {
    for (const auto& [name, place] : fields_) {
        if (name == field) {
            return place;
        }
    }
    return whole_;
}

GraphBuilder::GraphBuilder(std::string name, std::uint64_t batch) {
    graph_.name = std::move(name);
    graph_.batch = batch;
}

void GraphBuilder::add_input(const std::string& name, Shape shape, const Places& places) {
    shape.n = graph_.batch;
    if (!claim(name, name, places)) {
        return;
    }
    const ShapeResult result = check_shape(shape);
    if (!result.ok()) {
        report(name, result, places);
        return;
    }
    tensors_[name] = add_tensor(name, shape, -1);
}

bool GraphBuilder::add(OperatorSpec spec, const Places& places) {
    const std::string tensor = spec.tensor.empty() ? spec.name : spec.tensor;
    std::vector<int> inputs;
    // Before its own name is known: no operator is its own input.
    const bool inputs_known = find_inputs(spec, places, inputs);
    if (!claim(tensor, spec.name, places) || !inputs_known) {
        return false;
    }
    std::vector<Shape> shapes;
    for (const int input : inputs) {
        shapes.push_back(graph_.tensors[static_cast<std::size_t>(input)].shape);
    }
    const ShapeResult result = apply_shape_rule(spec, shapes);
    if (!result.ok()) {
        report(spec.name, result, places);
        return false;
    }
    const int index = static_cast<int>(graph_.operators.size());
    Operator op;
    static_cast<OperatorAttributes&>(op) = spec;
    op.where = places.of("").where;
    op.name = spec.name;
    op.kind = spec.kind;
    op.inputs = inputs;
    op.output = add_tensor(tensor, result.shape, index);
    graph_.operators.push_back(std::move(op));
    tensors_[tensor] = graph_.operators.back().output;
    for (const int input : inputs) {
        std::vector<int>& consumers = graph_.tensors[static_cast<std::size_t>(input)].consumers;
        if (consumers.empty() || consumers.back() != index) { // x + x consumes x once
            consumers.push_back(index);
        }
    }
    // Each is at most kMaxWork, so the sum cannot wrap before it is refused.
    total_macs_ += macs(graph_, graph_.operators.back());
    if (total_macs_ > kMaxWork) {
        report(spec.name, {{}, "", "expected at most 2^60 MACs in a network, got more"}, places);
        total_macs_ = 0;
    }
    return true;
}

void GraphBuilder::add_unreadable(const std::string& tensor) {
    tensors_.emplace(tensor, kFailed);
}

Graph GraphBuilder::finish() {
    if (!problems_.empty()) {
        throw InputError(problems_);
    }
    return std::move(graph_);
}

// Registers a name as failed until its tensor exists.
bool GraphBuilder::claim(const std::string& tensor, const std::string& owner, const Places& places) {
    const Places::Place& place = places.of("name");
    if (tensor.empty() || has_control_characters(tensor)) {
        problems_.add(place.where, place.key, "expected a name without control characters, got '" + owner + "'");
        return false;
    }
    if (!tensors_.emplace(tensor, kFailed).second) {
        problems_.add(place.where, place.key, "expected a name that is not used before, got '" + tensor + "' again");
        return false;
    }
    return true;
}

bool GraphBuilder::find_inputs(const OperatorSpec& spec, const Places& places, std::vector<int>& inputs) {
    bool known = true;
    for (std::size_t i = 0; i < spec.inputs.size(); ++i) {
        const auto found = tensors_.find(spec.inputs[i]);
        if (found != tensors_.end()) {
            known = known && found->second != kFailed;
            inputs.push_back(found->second);
            continue;
        }
        std::vector<std::string> names;
        for (const auto& [name, tensor] : tensors_) {
            names.push_back(name);
        }
        report(spec.name,
               {{},
                "inputs[" + std::to_string(i) + "]",
                "expected the name of an earlier operator, got '" + spec.inputs[i] + "'" +
                    suggestion(spec.inputs[i], names)},
               places);
        known = false;
    }
    return known;
}

void GraphBuilder::report(const std::string& owner, const ShapeResult& result, const Places& places) {
    const Places::Place& place = places.of(result.field);
    problems_.add(place.where, place.key.empty() ? owner : owner + "." + place.key, result.message);
}

int GraphBuilder::add_tensor(const std::string& name, const Shape& shape, int producer) {
    graph_.tensors.push_back({name, shape, producer, {}});
    return static_cast<int>(graph_.tensors.size()) - 1;
}

} // namespace systolica
