// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "machine/collective/dependencies.h"

namespace systolica {

CollectiveDependencies::CollectiveDependencies(const CollectiveSchedule& schedule)
    : waits_for_(schedule.size()), begin_(schedule.size() + 1) {
    for (std::uint32_t i = 0; i < schedule.size(); ++i) {
        waits_for_[i] = static_cast<std::uint32_t>(schedule[i].after.size());
        if (schedule[i].after.empty()) {
            first_.push_back(i);
        }
        for (const std::uint32_t before : schedule[i].after) {
            ++begin_[before + 1];
        }
    }
    for (std::size_t i = 1; i < begin_.size(); ++i) {
        begin_[i] += begin_[i - 1];
    }
    followers_.resize(begin_.back());
    std::vector<std::size_t> next(begin_.begin(), begin_.end() - 1);
    for (std::uint32_t i = 0; i < schedule.size(); ++i) {
        for (const std::uint32_t before : schedule[i].after) {
            followers_[next[before]++] = i;
        }
    }
}

} // namespace systolica
