// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "workloads/onnx/wiring.h"

namespace systolica {

namespace {

constexpr int kOutside = -1;

// Bytes of a UTF-8 character that starts here, 0 for what is none (RFC 3629, without its rarer rules).
std::size_t character_bytes(const std::string& text, std::size_t at) {
    const auto byte = static_cast<unsigned char>(text[at]);
    const std::size_t bytes = byte < 0x80   ? 1
                              : byte < 0xc2 ? 0
                              : byte < 0xe0 ? 2
                              : byte < 0xf0 ? 3
                              : byte < 0xf5 ? 4
                                            : 0;
    for (std::size_t i = 1; i < bytes; ++i) {
        if (at + i >= text.size() || (static_cast<unsigned char>(text[at + i]) & 0xc0) != 0x80) {
            return 0;
        }
    }
    return byte < 0x20 || byte == 0x7f ? 0 : bytes;
}

// As a name that tables and YAML can hold.
std::string printable(const std::string& name) {
    std::string out;
    for (std::size_t at = 0; at < name.size();) {
        const std::size_t bytes = character_bytes(name, at);
        out += bytes == 0 ? "?" : name.substr(at, bytes);
        at += bytes == 0 ? 1 : bytes;
    }
    return out;
}

// Classes of a loss are no data that flows through the network.
bool is_labels(const onnx::NodeProto& node, int input) {
    return node.op_type() == "SoftmaxCrossEntropyLoss" && input >= 1;
}

} // namespace

OnnxWiring::OnnxWiring(const onnx::GraphProto& graph, const std::string& file, Problems& problems)
    : graph_(graph), file_(file), problems_(problems) {
    name_nodes();
    find_makers();
    find_live();
    check_order();
}

void OnnxWiring::add(const std::string& key, const std::string& message) {
    problems_.add({file_, 0, 0}, key, message);
}

void OnnxWiring::name_nodes() {
    for (int i = 0; i < graph_.node_size(); ++i) {
        const onnx::NodeProto& node = graph_.node(i);
        names_.push_back(printable(node.name().empty() ? node.op_type() + "_" + std::to_string(i) : node.name()));
    }
}

void OnnxWiring::find_makers() {
    std::set<std::string> listed;
    for (const onnx::ValueInfoProto& input : graph_.input()) {
        if (!listed.insert(input.name()).second) {
            add(input.name(), "expected each input once, got it again");
        }
        makers_[input.name()] = kOutside;
    }
    std::set<std::string> initialisers;
    for (const onnx::TensorProto& tensor : graph_.initializer()) {
        if (!initialisers.insert(tensor.name()).second) {
            add(tensor.name(), "expected each initializer once, got it again");
        }
        makers_[tensor.name()] = kOutside; // old files list them as inputs, too
    }
    for (int i = 0; i < graph_.node_size(); ++i) {
        for (const std::string& output : graph_.node(i).output()) {
            if (!output.empty() && !makers_.emplace(output, i).second) {
                add(node_name(i), "expected an output that nothing else makes, got '" + output + "' again");
            }
        }
    }
}

void OnnxWiring::find_live() {
    std::vector<int> open;
    for (const onnx::ValueInfoProto& output : graph_.output()) {
        const auto maker = makers_.find(output.name());
        if (maker == makers_.end()) {
            add(output.name(), "expected an output that a node makes, got one that none does");
        } else if (maker->second != kOutside && live_.insert(maker->second).second) {
            open.push_back(maker->second);
        }
    }
    if (graph_.output_size() == 0) {
        add("", "expected at least one output of the graph, got none");
    }
    while (!open.empty()) {
        const onnx::NodeProto& node = graph_.node(open.back());
        open.pop_back();
        for (int i = 0; i < node.input_size(); ++i) {
            const auto maker = makers_.find(node.input(i));
            if (!is_labels(node, i)) {
                read_.insert(node.input(i));
            }
            if (maker != makers_.end() && maker->second != kOutside && live_.insert(maker->second).second) {
                open.push_back(maker->second);
            }
        }
    }
}

// ONNX wants nodes sorted, so that a cycle shows as a tensor that comes later.
void OnnxWiring::check_order() {
    std::vector<std::string> known;
    for (const int i : live_) {
        for (const std::string& input : graph_.node(i).input()) {
            const auto maker = makers_.find(input);
            if (input.empty() || (maker != makers_.end() && maker->second < i)) {
                continue;
            }
            if (maker != makers_.end()) {
                add(node_name(i), "expected inputs that earlier nodes make, got '" + input + "' of node '" +
                                      node_name(maker->second) + "', which comes later or is the node itself");
                continue;
            }
            if (known.empty()) {
                for (const auto& [name, node] : makers_) {
                    known.push_back(name);
                }
            }
            add(node_name(i), "expected an input, an initializer or what an earlier node makes, got '" + input + "'" +
                                  suggestion(input, known));
        }
    }
}

} // namespace systolica
