// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// `mapping.split: pipeline`: the groups of a network in contiguous stages, a tile each. Images (microbatches of them)
// flow through the stages: each tile works on its groups for one microbatch after the other. Weights lie in memory
// once.
#pragma once

#include <map>
#include <vector>

#include "mapping/microbatches.h"
#include "mapping/plan.h"

namespace systolica {

constexpr std::uint64_t kMostMicrobatches = 4096; // a plan has all groups for each of them

struct Pipeline {
    Microbatches work;
    std::vector<std::vector<int>> groups; // operators of one microbatch that execute together
    std::vector<unsigned> tile;           // by group: its stage
};

// `cycles` are estimates for one microbatch on a tile alone, by group; 0: nothing to execute (a view).
Pipeline make_pipeline(Microbatches work, std::vector<std::vector<int>> groups, const std::vector<double>& cycles,
                       unsigned tiles);

// Where the weights and constants of the first microbatch lie, for the others.
class SharedParameters {
public:
    // The group's place among those that work for its operation on its microbatch.
    void begin_microbatch() { next_.clear(); }
    // Gives a group what an equal one before it had: weights packed in the same blocks. False: there was none.
    bool give(Group& group);
    void keep(const Group& group); // after `give` said no

private:
    using Key = std::vector<std::uint64_t>;
    struct Place {
        std::uint64_t weight_base = 0;
        std::vector<ChannelConstants> constants;
    };

    std::map<std::uint32_t, std::uint64_t> next_; // by operation
    std::map<Key, Place> places_;
    Key asked_;
};

} // namespace systolica
