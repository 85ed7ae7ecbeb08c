// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "group_order.h"

#include <algorithm>

namespace systolica {

GroupOrder::GroupOrder(const Plan& plan)
    : ends_(plan.chip.tiles),
      issued_loads_(plan.chip.tiles, 0),
      retired_stores_(plan.chip.tiles, 0),
      to_store_(plan.groups.size(), 0) {
    for (std::size_t g = 0; g < plan.groups.size(); ++g) {
        const Plan one = only_group(plan, g);
        for (unsigned tile = 0; tile < plan.chip.tiles; ++tile) {
            TileProgram program(one, tile);
            for (std::size_t q = 0; q < kQueues; ++q) {
                std::uint64_t count = 0;
                for (Command command; program.next(static_cast<Queue>(q), command);) {
                    ++count;
                }
                std::vector<std::uint64_t>& ends = ends_[tile][q];
                ends.push_back((ends.empty() ? 0 : ends.back()) + count);
                to_store_[g] += static_cast<Queue>(q) == Queue::store ? count : 0;
            }
        }
    }
}

std::size_t GroupOrder::group_of(unsigned tile, Queue queue, std::uint64_t number) const {
    const std::vector<std::uint64_t>& ends = ends_[tile][static_cast<std::size_t>(queue)];
    return static_cast<std::size_t>(std::upper_bound(ends.begin(), ends.end(), number) - ends.begin());
}

bool GroupOrder::issue(unsigned tile, const Command& command) {
    if (command.opcode != Opcode::load) {
        return true;
    }
    while (done_ < to_store_.size() && to_store_[done_] == 0) {
        ++done_;
    }
    return group_of(tile, Queue::load, issued_loads_[tile]++) <= done_;
}

void GroupOrder::retire(unsigned tile, const Command& command) {
    if (command.opcode == Opcode::store) {
        --to_store_[group_of(tile, Queue::store, retired_stores_[tile]++)];
    }
}

} // namespace systolica
