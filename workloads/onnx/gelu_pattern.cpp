// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "workloads/onnx/gelu_pattern.h"

#include <cmath>
#include <map>
#include <string>
#include <vector>

#include "workloads/onnx/value.h"

namespace systolica {

namespace {

// Two operands in either order, one of them a known number.
struct WithNumber {
    std::string tensor;
    double number = 0;
};

class GeluPattern {
public:
    explicit GeluPattern(onnx::GraphProto& graph) : graph_(graph) {
        for (const onnx::TensorProto& tensor : graph.initializer()) {
            add_number(tensor.name(), tensor);
        }
        for (onnx::NodeProto& node : *graph.mutable_node()) {
            for (const std::string& output : node.output()) {
                makers_[output] = &node;
            }
            for (const std::string& input : node.input()) {
                readers_[input].push_back(&node);
            }
            if (node.op_type() == "Constant" && node.output_size() == 1 && node.attribute_size() == 1) {
                add_number(node.output(0), node.attribute(0).t());
            }
        }
    }

    void join() {
        for (const onnx::NodeProto& node : graph_.node()) {
            if (node.op_type() == "Erf" && node.input_size() == 1 && node.output_size() == 1) {
                join(node);
            }
        }
    }

private:
    static bool near(double value, double expected) { return std::abs(value - expected) < 1e-3; }

    void add_number(const std::string& name, const onnx::TensorProto& tensor) {
        std::string wrong;
        const OnnxValue value = constant_of(tensor, 0, wrong);
        if (value.known && value.numbers.size() == 1) {
            numbers_[name] = value.numbers[0].value;
        }
    }

    const onnx::NodeProto* maker(const std::string& tensor) const {
        const auto found = makers_.find(tensor);
        return found == makers_.end() ? nullptr : found->second;
    }

    onnx::NodeProto* only_reader(const std::string& tensor, const std::string& type) const {
        const auto found = readers_.find(tensor);
        return found != readers_.end() && found->second.size() == 1 && found->second[0]->op_type() == type &&
                       found->second[0]->input_size() == 2 && found->second[0]->output_size() == 1
                   ? found->second[0]
                   : nullptr;
    }

    WithNumber with_number(const onnx::NodeProto* node, const std::string& type) const {
        if (node == nullptr || node->op_type() != type || node->input_size() != 2) {
            return {};
        }
        const int last = type == "Div" ? 1 : 0; // a divisor comes second
        for (int which = 1; which >= last; --which) {
            const auto number = numbers_.find(node->input(which));
            if (number != numbers_.end()) {
                return {node->input(1 - which), number->second};
            }
        }
        return {};
    }

    // x of erf(x / sqrt(2)); "" for anything else.
    std::string scaled_input(const onnx::NodeProto& erf) const {
        const onnx::NodeProto* scale = maker(erf.input(0));
        const WithNumber quotient = with_number(scale, "Div");
        const WithNumber multiple = with_number(scale, "Mul");
        return near(quotient.number, std::sqrt(2.0))       ? quotient.tensor
               : near(multiple.number, 1 / std::sqrt(2.0)) ? multiple.tensor
                                                           : "";
    }

    static std::string other(const onnx::NodeProto& node, const std::string& tensor) {
        return node.input(0) == tensor ? node.input(1) : node.input(0);
    }

    void join(const onnx::NodeProto& erf) {
        const std::string x = scaled_input(erf);
        const onnx::NodeProto* plus_one = only_reader(erf.output(0), "Add");
        if (x.empty() || plus_one == nullptr || !near(with_number(plus_one, "Add").number, 1)) {
            return;
        }
        onnx::NodeProto* product = only_reader(plus_one->output(0), "Mul");
        if (product == nullptr) {
            return;
        }
        const std::string factor = other(*product, plus_one->output(0));
        const WithNumber half = with_number(maker(factor), "Mul");
        if (half.tensor == x && near(half.number, 0.5)) { // (x * 0.5) * (...)
            make_gelu(*product, x);
            return;
        }
        onnx::NodeProto* halved = factor == x ? only_reader(product->output(0), "Mul") : nullptr;
        if (halved != nullptr && near(with_number(halved, "Mul").number, 0.5)) { // x * (...) * 0.5
            make_gelu(*halved, x);
        }
    }

    static void make_gelu(onnx::NodeProto& node, const std::string& x) {
        node.set_op_type("Gelu");
        node.clear_input();
        node.add_input(x);
    }

    onnx::GraphProto& graph_;
    std::map<std::string, double> numbers_;
    std::map<std::string, const onnx::NodeProto*> makers_;
    std::map<std::string, std::vector<onnx::NodeProto*>> readers_;
};

} // namespace

void join_gelu(onnx::GraphProto& graph) {
    GeluPattern(graph).join();
}

} // namespace systolica
