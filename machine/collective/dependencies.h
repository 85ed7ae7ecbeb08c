// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// Which messages of a collective may go: counted down as others are received.
#pragma once

#include <cstdint>
#include <vector>

#include "machine/collective/schedule.h"

namespace systolica {

class CollectiveDependencies {
public:
    explicit CollectiveDependencies(const CollectiveSchedule& schedule);

    // Messages that wait for nothing, ascending.
    const std::vector<std::uint32_t>& first() const { return first_; }

    // `message` has been received and added: calls `go` for every message that waited for it last, ascending.
    template <class Go>
    void received(std::uint32_t message, Go go) {
        for (std::size_t i = begin_[message]; i < begin_[message + 1]; ++i) {
            if (--waits_for_[followers_[i]] == 0) {
                go(followers_[i]);
            }
        }
    }

private:
    std::vector<std::uint32_t> first_;
    std::vector<std::uint32_t> waits_for_; // by message: how many others
    std::vector<std::size_t> begin_;       // by message: its followers in the list below
    std::vector<std::uint32_t> followers_;
};

} // namespace systolica
