// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// What a group must wait for before it stores where something else was: the end of those that read it.
#pragma once

#include <map>
#include <set>
#include <vector>

#include "mapping/plan.h"

namespace systolica {

// Tensors that a group reads, but for weights.
template <typename Visit>
void for_read(const Group& group, Visit visit) {
    for (const int tensor : {group.input.tensor, group.input_beside, group.factor.tensor}) {
        visit(tensor);
    }
    for (const Operand& operand : group.operands) {
        visit(operand.tensor);
    }
    for (const ChannelConstants& constants : group.constants) {
        visit(constants.tensor);
    }
}

template <typename Visit>
void for_written(const Group& group, Visit visit) {
    if (group.layer.output) {
        visit(group.output.tensor);
    }
    for (const Result& result : group.results) {
        visit(result.tensor);
    }
}

class StoreWaits {
public:
    explicit StoreWaits(Plan& plan);

    // The first group from this one on whose end is that of everything before it: each tile has a part of it. -1: none
    int end_of_all_before(int group) const { return ends_[static_cast<std::size_t>(group)]; }

    // Groups in order; of each what it writes first, then what it reads. `root`: a piece of memory.
    void writes(int group, int root);
    void reads(int group, int root) { readers_[root].push_back(group); }

    void wait(int group, int for_group);
    void set(); // in the plan

private:
    bool follows(int group, int earlier) const;
    bool covers(int later, int earlier) const;
    void wait_with(Operand& operand, std::set<int>& waits);
    const PlannedTensor& end_of(int group) const;

    Plan& plan_;
    std::vector<int> ends_;
    std::vector<std::set<int>> waits_;                 // by group: those whose end it waits for
    std::map<std::uint32_t, std::vector<int>> makers_; // by event
    std::map<int, std::vector<int>> readers_;          // by root, in order
};

} // namespace systolica
