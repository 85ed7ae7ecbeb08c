// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// Sums over images and rows of which each tile has a part: the parts go to memory and are added up by groups of their
// own.
#pragma once

#include <string>
#include <vector>

#include "mapping/training/form.h"
#include "mapping/training/tensors.h"

namespace systolica {

class SumParts {
public:
    SumParts(const TrainingGraph& graph, TrainingTensors& tensors, Plan& plan)
        : graph_(graph), tensors_(tensors), plan_(plan) {}

    // The sums of a form are results of its group; returns their tensors in the plan.
    std::vector<int> add_results(Group& group, const Form& form);

    // Of a group that is tiled for so many tiles: each writes its part where it has one. What a sum goes on from is
    // read by the group that completes it. Returns the groups that add parts up.
    std::vector<Group> divide(Group& group, const Form& form, const std::vector<int>& sums, const Tiling& tiling,
                              std::uint64_t tiles);

private:
    const TrainingTensor& of(int tensor) const { return graph_.tensors[static_cast<std::size_t>(tensor)]; }
    const PlannedTensor& planned(int index) const { return plan_.tensors[static_cast<std::size_t>(index)]; }

    int parts_of(int whole, std::uint64_t tiles);
    Group added_up(int parts, int whole, std::uint32_t row) const;
    void carry(Group& group, int state, std::uint32_t row);
    void go_on(Group& group, const TrainingStage::Sums& sums, std::uint32_t row);

    const TrainingGraph& graph_;
    TrainingTensors& tensors_;
    Plan& plan_;
};

} // namespace systolica
