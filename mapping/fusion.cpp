// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "mapping/fusion.h"

#include "machine/commands/command.h"

namespace systolica {

namespace {

bool element_wise(OpKind kind) {
    return kind == OpKind::relu || kind == OpKind::relu6 || kind == OpKind::batch_norm || kind == OpKind::add;
}

// Work whose results pass the vector unit before they are stored, or can.
bool can_lead(OpKind kind) {
    return kind != OpKind::flatten && kind != OpKind::concat && kind != OpKind::softmax;
}

class Fusion {
public:
    Fusion(const Graph& graph, bool on) : graph_(graph), on_(on), group_of_(graph.operators.size(), -1) {}

    std::vector<std::vector<int>> run() {
        for (int op = 0; op < static_cast<int>(graph_.operators.size()); ++op) {
            if (at(op) >= 0) {
                continue;
            }
            at(op) = static_cast<int>(groups_.size());
            groups_.push_back({op});
            if (on_ && can_lead(graph_.operators[static_cast<std::size_t>(op)].kind)) {
                extend(groups_.back());
            }
        }
        return groups_;
    }

private:
    int& at(int op) { return group_of_[static_cast<std::size_t>(op)]; }

    void extend(std::vector<int>& group) {
        const bool matrix = graph_.operators[static_cast<std::size_t>(group.front())].kind == OpKind::conv ||
                            graph_.operators[static_cast<std::size_t>(group.front())].kind == OpKind::fully_connected;
        unsigned adds = graph_.operators[static_cast<std::size_t>(group.front())].kind == OpKind::add ? 1 : 0;
        for (;;) {
            const Operator& last = graph_.operators[static_cast<std::size_t>(group.back())];
            const Tensor& result = graph_.output_of(last);
            if (result.consumers.size() != 1 || group.size() >= kVectorStages + (matrix ? 1 : 0)) {
                return;
            }
            const int next = result.consumers.front();
            const Operator& op = graph_.operators[static_cast<std::size_t>(next)];
            if (!element_wise(op.kind) || at(next) >= 0 || !others_are_ready(op, last.output)) {
                return;
            }
            adds += op.kind == OpKind::add ? 1 : 0;
            if (adds > 1) { // one extra operand stream
                return;
            }
            at(next) = at(group.front());
            group.push_back(next);
        }
    }

    // The other operands of a fused operation must come from groups before this one.
    bool others_are_ready(const Operator& op, int from_group) {
        int same = 0;
        for (const int input : op.inputs) {
            if (input == from_group) {
                ++same;
                continue;
            }
            const int producer = graph_.tensors[static_cast<std::size_t>(input)].producer;
            if (producer >= 0 && (at(producer) < 0 || at(producer) == static_cast<int>(groups_.size()) - 1)) {
                return false;
            }
        }
        return same == 1; // x + x reads its own result twice: keep it apart
    }

    const Graph& graph_;
    const bool on_;
    std::vector<int> group_of_;
    std::vector<std::vector<int>> groups_;
};

} // namespace

std::vector<std::vector<int>> fuse(const Graph& graph, bool fusion) {
    return Fusion(graph, fusion).run();
}

} // namespace systolica
