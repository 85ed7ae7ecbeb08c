// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// One node of an ONNX graph as its reader sees it: checked inputs and attributes, and the layers that it becomes.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "workloads/graph_builder.h"
#include "workloads/onnx/value.h"

namespace systolica {

// What is wrong with a node; without a message it was reported before, or follows from something that was.
struct NodeProblem {
    std::string field; // attribute or input, "" for the node itself
    std::string message;
};

// What all nodes of a model share.
struct OnnxImport {
    OnnxImport(std::string path, const std::string& name, std::uint64_t batch)
        : file(std::move(path)), builder(name, batch) {}

    // Names of layers are unique; a second one gets a number.
    std::string unique_name(const std::string& wanted);

    std::string file;
    std::int64_t opset = 0;
    std::uint64_t fixed_batch = 0; // the file's leading dimension, 0 where it is left open
    GraphBuilder builder;
    std::map<std::string, OnnxValue> values; // by ONNX's name
    std::set<std::string> layer_names;
};

class OnnxNode {
public:
    OnnxNode(OnnxImport& import, const onnx::NodeProto& node, std::string layer);

    const std::string& type() const { return node_.op_type(); }
    std::int64_t opset() const { return import_.opset; }
    std::uint64_t fixed_batch() const { return import_.fixed_batch; }

    // Inputs; all but `has` and `values` refuse what is missing.
    std::size_t input_count() const { return static_cast<std::size_t>(node_.input_size()); }
    bool has(std::size_t input) const; // given and not left out by an empty name
    bool all_constant() const;
    const OnnxValue& input(std::size_t i) const;
    const OnnxValue& result(std::size_t i) const;                // that depends on the network's input
    OnnxValue image(std::size_t i);                              // [N, C, L] or [N, C, H, W], as batch, channels, ...
    const OnnxValue& weights(std::size_t i) const;               // a constant
    const std::vector<OnnxNumber>& numbers(std::size_t i) const; // a constant whose numbers are known
    std::vector<std::int64_t> integers(std::size_t i) const;     // without the batch among them
    double number(std::size_t i) const;                          // the only one

    // Attributes.
    bool has(const std::string& attribute) const { return find(attribute) != nullptr; }
    std::int64_t integer(const std::string& name, std::int64_t otherwise) const;
    bool flag(const std::string& name, bool otherwise) const; // 0 or 1
    double real(const std::string& name, double otherwise) const;
    std::string text(const std::string& name, const std::string& otherwise) const;
    std::vector<std::int64_t> integer_list(const std::string& name) const; // empty where there is none
    std::vector<float> real_list(const std::string& name) const;
    const onnx::TensorProto* tensor(const std::string& name) const;
    // An attribute in old operator sets, an input in new ones.
    std::vector<std::int64_t> integers(const std::string& attribute, std::size_t input) const;
    bool has(const std::string& attribute, std::size_t input_index) const { return has(attribute) || has(input_index); }

    std::size_t axis(std::int64_t axis, std::size_t rank, const std::string& field = "axis") const; // from the end, too

    // Layers. `suffix` tells those of one node apart.
    OnnxValue layer(OperatorSpec spec, const std::vector<OnnxValue>& inputs, Dims dims, const std::string& suffix = "");
    OnnxValue arranged(const OnnxValue& value, const Shape& shape); // the same elements; a reshape where it needs one
    // The value so that one dimension of its shape is `axis` of its dimensions, and which.
    OnnxValue along(const OnnxValue& value, std::size_t axis, Dim& dim);

    std::size_t output_count() const { return static_cast<std::size_t>(node_.output_size()); }
    void set(std::size_t output, const OnnxValue& value);
    void finish(); // outputs that were not set are absent
    void fail();   // or failed

    [[noreturn]] static void refuse(const std::string& field, const std::string& message);

private:
    const onnx::AttributeProto* find(const std::string& name) const;
    const onnx::AttributeProto* find(const std::string& name, onnx::AttributeProto::AttributeType type,
                                     const char* what) const;
    void put(std::size_t output, const OnnxValue& value);

    OnnxImport& import_;
    const onnx::NodeProto& node_;
    std::string layer_;
    std::set<std::size_t> done_;
};

} // namespace systolica
