// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// Which group of a plan a command works for, while the programs run: a queue walks the groups in order.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "../interpreter.h"

namespace systolica {

class GroupOrder {
public:
    explicit GroupOrder(const Plan& plan);

    // Told of every command that issues, and of every one that retires. False: a load for a group before all groups
    // before it have stored everything.
    bool issue(unsigned tile, const Command& command);
    void retire(unsigned tile, const Command& command);

private:
    using Ends = std::array<std::vector<std::uint64_t>, kQueues>; // commands up to the end of each group
    std::size_t group_of(unsigned tile, Queue queue, std::uint64_t number) const;

    std::vector<Ends> ends_;                    // by tile
    std::vector<std::uint64_t> issued_loads_;   // by tile
    std::vector<std::uint64_t> retired_stores_; // by tile
    std::vector<std::uint64_t> to_store_;       // by group: commands of all tiles
    std::size_t done_ = 0;                      // groups that have stored everything
};

} // namespace systolica
