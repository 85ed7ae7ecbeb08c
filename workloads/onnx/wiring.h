// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// How the nodes of an ONNX graph hang together: who makes a tensor, which nodes the outputs depend on, and what is
// wrong with that.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "base/diagnostics.h"
#include "workloads/onnx/onnx_messages.h"

namespace systolica {

class OnnxWiring {
public:
    // Every name that is used twice or not made, every output that nobody makes, nodes in a wrong order.
    OnnxWiring(const onnx::GraphProto& graph, const std::string& file, Problems& problems);

    bool live(int node) const { return live_.count(node) != 0; }                    // an output depends on it
    bool read(const std::string& tensor) const { return read_.count(tensor) != 0; } // by a live node, labels left out
    const std::string& node_name(int node) const { return names_[static_cast<std::size_t>(node)]; }

private:
    void name_nodes();
    void find_makers();
    void find_live();
    void check_order();
    void add(const std::string& key, const std::string& message);

    const onnx::GraphProto& graph_;
    const std::string& file_;
    Problems& problems_;
    std::vector<std::string> names_;    // of nodes; type and index where a node has none
    std::map<std::string, int> makers_; // node of a tensor; -1: input or initialiser
    std::set<int> live_;
    std::set<std::string> read_;
};

} // namespace systolica
