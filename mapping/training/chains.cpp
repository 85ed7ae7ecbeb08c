// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "mapping/training/chains.h"

#include "machine/commands/command.h"
#include "mapping/training/stage.h"
#include "workloads/operator_table.h"

#include <algorithm>
#include <optional>

namespace systolica {

namespace {

constexpr std::size_t kMostOperands = 2; // streams beside the first one: each takes its part of the vector scratchpad

class Chains {
public:
    Chains(const TrainingGraph& graph, bool fusion)
        : graph_(graph), fusion_(fusion), group_of_(graph.operations.size(), -1), readers_(graph.tensors.size()) {
        for (std::size_t i = 0; i < graph.operations.size(); ++i) {
            for (const int tensor : graph.operations[i].inputs) {
                readers_[static_cast<std::size_t>(tensor)].push_back(static_cast<int>(i));
            }
        }
        for (const TrainingTensor& tensor : graph.tensors) { // what is read of a view is read of what it views
            for (const int held : tensor.viewed) {
                readers_[static_cast<std::size_t>(held)].push_back(-1);
            }
        }
    }

    std::vector<std::vector<int>> run() {
        for (int op = 0; op < static_cast<int>(graph_.operations.size()); ++op) {
            if (group_of(op) >= 0) {
                continue;
            }
            group_of(op) = static_cast<int>(chains_.size());
            chains_.push_back({op});
            if (operation(op).view) {
                chains_.back().clear();
            } else if (fusion_ && can_lead(op)) {
                extend(chains_.back());
            }
        }
        chains_.erase(std::remove_if(chains_.begin(), chains_.end(), [](const auto& chain) { return chain.empty(); }),
                      chains_.end());
        return chains_;
    }

private:
    int& group_of(int op) { return group_of_[static_cast<std::size_t>(op)]; }
    const TrainingOperation& operation(int op) const { return graph_.operations[static_cast<std::size_t>(op)]; }
    const std::vector<int>& readers(int tensor) const { return readers_[static_cast<std::size_t>(tensor)]; }

    // Its results lie as those of a loop nest over images, rows, columns and channels.
    bool can_lead(int op) const {
        const TrainingOperation& o = operation(op);
        if (o.pass == Pass::update || o.pass == Pass::backward_weight || o.layer < 0) {
            return o.layer < 0;
        }
        const Operator& layer = graph_.forward.operators[static_cast<std::size_t>(o.layer)];
        const bool along_axis = layer.kind == OpKind::softmax || layer.kind == OpKind::layer_norm ||
                                layer.kind == OpKind::lrn || layer.kind == OpKind::transpose ||
                                layer.kind == OpKind::slice || layer.kind == OpKind::embedding ||
                                (layer.kind == OpKind::fully_connected && axis_of(layer) != Dim::channels);
        const bool loss = operator_row(layer.kind).backward == Backward::loss;
        return !along_axis && !loss && layer.kind != OpKind::matmul;
    }

    void extend(std::vector<int>& chain) {
        const std::vector<TrainingStage> own = stages_of(graph_, operation(chain.front()));
        if (own.size() > 1 || (!own.empty() && own[0].output < 0)) {
            return;
        }
        int stream = operation(chain.front()).outputs[0];
        const bool matrix = operation(chain.front()).matrix.groups > 0;
        std::size_t kernels = own.empty() ? (matrix ? 0 : 1) : own[0].kernels.size();
        std::size_t operands = own.empty() ? 0 : own[0].operands.size();
        for (bool found = true; found;) {
            found = false;
            for (const int next : readers(stream)) {
                if (next < 0 || group_of(next) >= 0) {
                    continue;
                }
                const std::vector<TrainingStage> stages = stages_of(graph_, operation(next));
                const std::optional<TrainingStage> stage =
                    stages.size() == 1 ? on_stream(stages[0], stream) : std::nullopt;
                if (!stage || !stage->results.empty() || operation(next).pass == Pass::update ||
                    !others_are_ready(next, chain.back()) || kernels + stage->kernels.size() > kVectorStages ||
                    operands + stage->operands.size() > kMostOperands ||
                    (stage->output >= 0 && readers(stream).size() > 1)) {
                    continue;
                }
                kernels += stage->kernels.size();
                operands += stage->operands.size();
                group_of(next) = group_of(chain.front());
                chain.push_back(next);
                if (stage->output < 0) {
                    return; // what reads the sums waits for all of them
                }
                stream = stage->output;
                found = true;
                break;
            }
        }
    }

    // All that it needs beside the stream comes from groups before this one.
    bool others_are_ready(int op, int last) {
        for (const int need : operation(op).needs) {
            if (need != last && (group_of(need) < 0 || group_of(need) == group_of(last))) {
                return false;
            }
        }
        return true;
    }

    const TrainingGraph& graph_;
    const bool fusion_;
    std::vector<int> group_of_;
    std::vector<std::vector<int>> readers_;
    std::vector<std::vector<int>> chains_;
};

} // namespace

std::vector<std::vector<int>> chains_of(const TrainingGraph& graph, bool fusion) {
    return Chains(graph, fusion).run();
}

} // namespace systolica
