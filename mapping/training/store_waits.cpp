// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "mapping/training/store_waits.h"

#include <algorithm>
#include <set>

namespace systolica {

StoreWaits::StoreWaits(Plan& plan) : plan_(plan), ends_(plan.groups.size() + 1, -1), waits_(plan.groups.size()) {
    for (std::size_t g = plan.groups.size(); g-- > 0;) {
        const Group& group = plan.groups[g];
        const bool all = group.ends_operation && std::none_of(group.shares.begin(), group.shares.end(),
                                                              [](const Share& share) { return share.empty(); });
        ends_[g] = all ? static_cast<int>(g) : ends_[g + 1];
    }
    for (std::size_t g = 0; g < plan.groups.size(); ++g) {
        for_written(plan.groups[g], [&](int tensor) {
            makers_[plan.tensors[static_cast<std::size_t>(tensor)].event].push_back(static_cast<int>(g));
        });
    }
}

// In place: those that read what is there must be through with it. Where not every tile has a part of a group since,
// the reader's own end is waited for, unless it must have come before what this group reads.
void StoreWaits::writes(int group, int root) {
    for (const int reader : readers_[root]) {
        const int end = end_of_all_before(reader);
        if (end >= 0 && end < group) {
            wait(group, end);
        } else if (!follows(group, reader)) {
            wait(group, reader);
        }
    }
}

void StoreWaits::wait(int group, int for_group) {
    if (for_group >= 0) {
        waits_[static_cast<std::size_t>(group)].insert(for_group);
    }
}

// It reads what `earlier` made, or what is made of that.
bool StoreWaits::follows(int group, int earlier) const {
    std::set<int> open{group};
    while (!open.empty() && *open.rbegin() > earlier) {
        const int last = *open.rbegin();
        open.erase(last);
        const auto add = [&](int tensor, auto& self) -> void {
            if (tensor < 0) {
                return;
            }
            const PlannedTensor& it = plan_.tensors[static_cast<std::size_t>(tensor)];
            self(it.view_of, self);
            for (const ViewPart& part : it.parts) {
                self(part.tensor, self);
            }
            const auto makers = makers_.find(it.event);
            for (const int maker : it.event == 0 || makers == makers_.end() ? std::vector<int>{} : makers->second) {
                if (maker < last) {
                    open.insert(maker);
                }
            }
        };
        for_read(plan_.groups[static_cast<std::size_t>(last)], [&](int tensor) { add(tensor, add); });
    }
    return open.count(earlier) > 0;
}

void StoreWaits::set() {
    for (std::size_t g = 0; g < plan_.groups.size(); ++g) {
        std::set<int>& waits = waits_[g];
        for (auto at = waits.begin(); at != waits.end();) {
            const bool covered = std::any_of(std::next(at), waits.end(), [&](int later) { return covers(later, *at); });
            at = covered ? waits.erase(at) : std::next(at);
        }
        if (!waits.empty()) {
            const PlannedTensor& last = end_of(*waits.rbegin());
            plan_.groups[g].store_event = last.event;
            plan_.groups[g].store_threshold = last.threshold;
            waits.erase(*waits.rbegin());
        }
        for (Operand& operand : plan_.groups[g].operands) {
            wait_with(operand, waits);
        }
    }
}

// Tiles work for groups in order: the end of a later group is that of an earlier one if all its tiles are in both.
bool StoreWaits::covers(int later, int earlier) const {
    const std::vector<Share>& of_later = plan_.groups[static_cast<std::size_t>(later)].shares;
    const std::vector<Share>& of_earlier = plan_.groups[static_cast<std::size_t>(earlier)].shares;
    for (std::size_t tile = 0; tile < of_later.size(); ++tile) {
        if (of_later[tile].empty() && !of_earlier[tile].empty()) {
            return false;
        }
    }
    return true;
}

// One wait a store has; others take the loads of what is changed in place.
void StoreWaits::wait_with(Operand& operand, std::set<int>& waits) {
    PlannedTensor seen = plan_.tensors[static_cast<std::size_t>(operand.tensor)];
    if (waits.empty() || seen.event != 0) {
        return;
    }
    seen.event = end_of(*waits.begin()).event;
    seen.threshold = end_of(*waits.begin()).threshold;
    waits.erase(waits.begin());
    operand.tensor = static_cast<int>(plan_.tensors.size());
    plan_.tensors.push_back(seen);
}

// What a group stores last.
const PlannedTensor& StoreWaits::end_of(int group) const {
    const Group& it = plan_.groups[static_cast<std::size_t>(group)];
    const int last = it.results.empty() ? it.output.tensor : it.results.back().tensor;
    return plan_.tensors[static_cast<std::size_t>(last)];
}

} // namespace systolica
