// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "workloads/training/recompute.h"

#include "workloads/operator_table.h"

#include <algorithm>

namespace systolica {

namespace {

bool droppable(const Operator& op) {
    return operator_row(op.kind).backward != Backward::loss;
}

// The last operator that reads each operator's result, itself if none.
std::vector<std::size_t> last_readers(const Graph& graph) {
    std::vector<std::size_t> last;
    for (std::size_t i = 0; i < graph.operators.size(); ++i) {
        const std::vector<int>& consumers = graph.output_of(graph.operators[i]).consumers;
        last.push_back(consumers.empty() ? i : static_cast<std::size_t>(consumers.back()));
    }
    return last;
}

std::vector<bool> of_segments(const Graph& graph) {
    const std::size_t count = graph.operators.size();
    std::size_t length = 1;
    while (length * length < count) {
        ++length;
    }
    const std::vector<std::size_t> last = last_readers(graph);
    std::vector<bool> dropped(count, false);
    std::size_t open = 0;  // operator up to which results before this one are read
    std::size_t begin = 0; // of the segment
    for (std::size_t i = 0; i < count; ++i) {
        const bool alone = open <= i;
        open = std::max(open, last[i]);
        if (alone && i + 1 - begin >= length && !operator_row(graph.operators[i].kind).view) {
            std::fill(dropped.begin() + static_cast<std::ptrdiff_t>(begin),
                      dropped.begin() + static_cast<std::ptrdiff_t>(i), true);
            begin = i + 1;
        }
    }
    return dropped;
}

std::vector<bool> of_list(const Graph& graph, const std::vector<std::string>& list) {
    std::vector<bool> dropped(graph.operators.size(), false);
    std::vector<std::string> names;
    for (const Operator& op : graph.operators) {
        if (droppable(op)) {
            names.push_back(op.name);
        }
    }
    Problems problems;
    for (const std::string& name : list) {
        bool found = false;
        for (std::size_t i = 0; i < dropped.size(); ++i) {
            if (graph.operators[i].name == name && droppable(graph.operators[i])) {
                dropped[i] = found = true;
            }
        }
        if (!found) {
            problems.add({"--recompute", 0, 0}, "",
                         "expected names of layers before the loss, got '" + name + "'" + suggestion(name, names));
        }
    }
    if (!problems.empty()) {
        throw InputError(problems);
    }
    return dropped;
}

} // namespace

std::vector<bool> dropped_results(const Graph& graph, const TrainingOptions& options) {
    std::vector<bool> dropped = options.recompute == Recompute::sqrt ? of_segments(graph)
                                : options.recompute == Recompute::list
                                    ? of_list(graph, options.recomputed)
                                    : std::vector<bool>(graph.operators.size(), false);
    for (std::size_t i = 0; i < dropped.size(); ++i) {
        const Operator& op = graph.operators[i];
        if (!operator_row(op.kind).view) {
            continue;
        }
        dropped[i] = std::any_of(op.inputs.begin(), op.inputs.end(), [&](int input) {
            const int producer = graph.tensors[static_cast<std::size_t>(input)].producer;
            return producer >= 0 && dropped[static_cast<std::size_t>(producer)];
        });
    }
    return dropped;
}

} // namespace systolica
