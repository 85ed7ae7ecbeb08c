// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "workloads/training/training.h"

namespace systolica {

// Executes the operations on values that are only known by how they came about, in a memory that forgets what the graph
// says is no longer used. The same expression has the same value, so that a recomputed tensor equals the one it
// stands for.
class Interpreter {
public:
    static constexpr unsigned kBits = 16; // of an activation or gradient

    explicit Interpreter(const TrainingGraph& graph) : graph_(graph), touches_(graph.tensors.size()) {
        for (int i = 0; i < static_cast<int>(graph.operations.size()); ++i) {
            const TrainingOperation& operation = graph.operations[static_cast<std::size_t>(i)];
            if (operation.view) {
                continue;
            }
            for (const int input : operation.inputs) {
                for (const int holder : tensor(input).storage) {
                    touches_[static_cast<std::size_t>(holder)].insert(i);
                }
            }
            for (const int output : operation.outputs) {
                touches_[static_cast<std::size_t>(output)].insert(i);
            }
        }
    }

    // In program order, freeing after the declared last use.
    void run() {
        for (int i = 0; i < static_cast<int>(graph_.operations.size()); ++i) {
            execute(i);
            std::uint64_t live = 0;
            for (int t = 0; t < static_cast<int>(graph_.tensors.size()); ++t) {
                const std::set<int>& touches = touches_[static_cast<std::size_t>(t)];
                const bool lives = !touches.empty() && *touches.begin() <= i && *touches.rbegin() >= i;
                live += lives ? bytes(t) : 0;
                if (!tensor(t).view() && tensor(t).last_use == i) {
                    values_.erase(t);
                    freed_.insert(t);
                }
            }
            peak_ = std::max(peak_, live);
        }
    }

    void execute(int index) {
        const TrainingOperation& operation = graph_.operations[static_cast<std::size_t>(index)];
        if (operation.view) { // nothing happens; its value follows from the tensors it views
            return;
        }
        std::string expression = operation.op + "/" + std::to_string(operation.layer);
        for (const int input : operation.inputs) {
            expression += " " + std::to_string(value(input));
        }
        // Of additions at a fork there may be several with one layer; their inputs tell them apart.
        arguments_[operation.name] = expression;
        for (std::size_t i = 0; i < operation.outputs.size(); ++i) {
            const int output = operation.outputs[i];
            EXPECT_EQ(freed_.count(output), 0u) << "written again: " << tensor(output).name;
            values_[output] = std::hash<std::string>{}(expression + "#" + std::to_string(i));
        }
    }

    const std::map<std::string, std::string>& arguments() const { return arguments_; }
    std::uint64_t peak() const { return peak_; }
    const std::set<int>& touches(int t) const { return touches_[static_cast<std::size_t>(t)]; }

private:
    const TrainingTensor& tensor(int t) const { return graph_.tensors[static_cast<std::size_t>(t)]; }

    // By the definition of the memory: activations and gradients at kBits, statistics and labels at 32.
    std::uint64_t bytes(int t) const {
        switch (tensor(t).role) {
        case TensorRole::activation:
        case TensorRole::gradient:
            return tensor(t).shape.n * tensor(t).shape.c * tensor(t).shape.h * tensor(t).shape.w * kBits / 8;
        case TensorRole::statistics:
        case TensorRole::label:
            return tensor(t).shape.elements() * 4;
        default:
            return 0;
        }
    }

    std::size_t value(int t) {
        const auto own = values_.find(t);
        if (own != values_.end()) {
            return own->second;
        }
        EXPECT_EQ(freed_.count(t), 0u) << "read after its last use: " << tensor(t).name;
        if (!tensor(t).view()) { // comes from outside
            EXPECT_LT(tensor(t).producer, 0) << "read before it is written: " << tensor(t).name;
            return values_[t] = std::hash<std::string>{}(tensor(t).name);
        }
        std::string expression = "view " + tensor(t).name + shape_key(tensor(t).shape);
        std::set<std::size_t> held; // holders are a set, their order means nothing
        for (const int holder : tensor(t).storage) {
            held.insert(value(holder));
        }
        for (const std::size_t one : held) {
            expression += " " + std::to_string(one);
        }
        return std::hash<std::string>{}(expression);
    }

    static std::string shape_key(const Shape& shape) {
        return std::to_string(shape.c) + "," + std::to_string(shape.h) + "," + std::to_string(shape.w);
    }

    const TrainingGraph& graph_;
    std::vector<std::set<int>> touches_; // by tensor that holds elements: operations that read or write them
    std::map<int, std::size_t> values_;
    std::set<int> freed_;
    std::map<std::string, std::string> arguments_;
    std::uint64_t peak_ = 0;
};

} // namespace systolica
