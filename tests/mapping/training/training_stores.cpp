// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "training_stores.h"

#include <set>
#include <string>

#include <gtest/gtest.h>

namespace systolica {

namespace {

bool ends(const std::string& name, const std::string& end) {
    return name.size() >= end.size() && name.compare(name.size() - end.size(), end.size(), end) == 0;
}

class TrainingStores {
public:
    TrainingStores(const TrainingGraph& graph, const Plan& plan, const ShadowMemory& memory)
        : graph_(graph), plan_(plan), memory_(memory), flow_(graph), levels_(levels_of(plan)) {}

    void check() {
        for (std::uint32_t row = 0; row < graph_.operations.size(); ++row) {
            const TrainingOperation& operation = graph_.operations[row];
            if (operation.view || operation.op == "embedding_bwd_weight") {
                continue;
            }
            std::uint64_t least = 0, most = 0;
            for (const int output : operation.outputs) {
                const std::uint64_t bytes =
                    graph_.tensors[static_cast<std::size_t>(output)].shape.elements() * width(output);
                least += read_elsewhere(row, output) ? bytes : 0;
                most += bytes;
            }
            const std::uint64_t made = check_made(row);
            EXPECT_GE(made, least) << operation.name;
            EXPECT_LE(made, most) << operation.name;
        }
    }

private:
    std::uint64_t width(int tensor) const {
        const Precision& p = plan_.chip.precision;
        switch (graph_.tensors[static_cast<std::size_t>(tensor)].role) {
        case TensorRole::activation:
            return p.activation_bytes();
        case TensorRole::gradient:
            return p.gradient_bytes();
        case TensorRole::statistics:
        case TensorRole::label:
            return p.accumulator_bytes();
        default:
            return p.master_bytes();
        }
    }

    // Somebody reads it who does not execute together with it, or nobody does.
    bool read_elsewhere(std::uint32_t row, int output) const {
        bool read = false;
        for (std::uint32_t reader = row + 1; reader < graph_.operations.size(); ++reader) {
            for (const DataFlow::Source& source : flow_.sources(reader)) {
                if (source.holder == output && source.writer == static_cast<int>(row)) {
                    if (levels_[reader] != levels_[row]) {
                        return true;
                    }
                    read = true;
                }
            }
        }
        return !read;
    }

    // Bytes of the tensors that the groups of a row make for it, but for parts and copies.
    std::uint64_t check_made(std::uint32_t row) const {
        std::uint64_t made = 0;
        std::set<std::uint64_t> bases; // several groups may make one tensor together
        const auto add = [&](int index) {
            const PlannedTensor& it = plan_.tensors[static_cast<std::size_t>(index)];
            if (bases.insert(it.layout.base).second) {
                made += ends(it.name, ".parts") || ends(it.name, ".copy") ? 0 : it.layout.bytes();
                EXPECT_EQ(memory_.stored(row, it.layout.base, it.layout.bytes()), it.layout.bytes())
                    << graph_.operations[row].name << " does not store all of " << it.name;
            }
        };
        for (const Group& group : plan_.groups) {
            if (group.layer.output && group.last_operation == row) {
                add(group.output.tensor);
            }
            for (const Result& result : group.results) {
                if (result.operation == row) {
                    add(result.tensor);
                }
            }
        }
        return made;
    }

    const TrainingGraph& graph_;
    const Plan& plan_;
    const ShadowMemory& memory_;
    const DataFlow flow_;
    const std::vector<int> levels_;
};

} // namespace

void check_training_stores(const TrainingGraph& graph, const Plan& plan, const ShadowMemory& memory) {
    TrainingStores(graph, plan, memory).check();
}

} // namespace systolica
