// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// Which operation of an iteration made what another one reads, from the training graph alone: program order decides.
#pragma once

#include <cstdint>
#include <set>
#include <vector>

#include "workloads/training/training.h"

namespace systolica {

constexpr int kFromOutside = -1; // in place of an operation: image, labels, parameters, state

class DataFlow {
public:
    explicit DataFlow(const TrainingGraph& graph);

    // A tensor that holds elements of an input of the operation, and the operation that wrote it last before.
    struct Source {
        int tensor; // input, perhaps a view
        int holder; // that it is, or is a part of
        int writer;
    };
    const std::vector<Source>& sources(std::uint32_t operation) const { return sources_[operation]; }
    const std::set<int>& writers(std::uint32_t operation) const { return writers_[operation]; }

private:
    std::vector<std::vector<Source>> sources_;
    std::vector<std::set<int>> writers_;
};

} // namespace systolica
