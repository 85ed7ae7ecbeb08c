// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "mapping/fusion.h"

#include <algorithm>

#include "machine/commands/command.h"
#include "mapping/access.h"
#include "workloads/element_wise.h"

namespace systolica {

namespace {

// Work whose results pass the vector unit before they are stored, or can.
bool can_lead(OpKind kind) {
    return kind != OpKind::flatten && kind != OpKind::reshape && kind != OpKind::concat && kind != OpKind::softmax;
}

bool is_matrix(OpKind kind) {
    return kind == OpKind::conv || kind == OpKind::fully_connected || kind == OpKind::matmul;
}

// Tensors that an element-wise operator reads beside one.
unsigned operands(const Operator& op) {
    return static_cast<unsigned>(op.inputs.size()) - 1 + (op.learned ? 1 : 0);
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
        const Operator& first = graph_.operators[static_cast<std::size_t>(group.front())];
        const bool matrix = is_matrix(first.kind); // conv_transpose: phases without a tap have a stage of their own
        const bool channels_stay = output_order(first) == kAxesInOrder && first.kind != OpKind::matmul;
        unsigned read_beside = element_wise(first.kind) ? operands(first) : 0;
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
            if (graph_.output_of(op).shape != result.shape || (op.kind == OpKind::batch_norm && !channels_stay)) {
                return;
            }
            if (first.kind == OpKind::matmul && !of_one_shape(op)) {
                return;
            }
            read_beside += operands(op);
            if (read_beside > 1) { // one extra operand stream
                return;
            }
            at(next) = at(group.front());
            group.push_back(next);
        }
    }

    bool of_one_shape(const Operator& op) const {
        return !op.learned && std::all_of(op.inputs.begin(), op.inputs.end(), [&](int input) {
            return graph_.tensors[static_cast<std::size_t>(input)].shape == graph_.output_of(op).shape;
        });
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
