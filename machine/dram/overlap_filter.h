// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// Says quickly that a request touches no bytes of those that wait, which is nearly always so. Counts the waiting
// requests by blocks of bursts; blocks share counters, so it may say "perhaps" without need, never "no" wrongly.
#pragma once

#include <array>
#include <cstdint>

namespace systolica {

class OverlapFilter {
public:
    bool possible(std::uint64_t first_burst, std::uint64_t end_burst) const {
        bool found = wide_ != 0 || is_wide(first_burst, end_burst);
        for (std::uint64_t block = first_burst / kBlock; !found && block <= (end_burst - 1) / kBlock; ++block) {
            found = counts_[block % kCounters] != 0;
        }
        return found;
    }
    void add(std::uint64_t first_burst, std::uint64_t end_burst) { change(first_burst, end_burst, 1); }
    void remove(std::uint64_t first_burst, std::uint64_t end_burst) { change(first_burst, end_burst, ~0U); }

private:
    static constexpr std::uint64_t kBlock = 8; // bursts: 256 bytes of a channel of 16 bits
    static constexpr std::uint64_t kCounters = 1024;
    static constexpr std::uint64_t kWide = 32; // blocks: requests longer than that are not told apart

    static bool is_wide(std::uint64_t first_burst, std::uint64_t end_burst) {
        return (end_burst - 1) / kBlock - first_burst / kBlock >= kWide;
    }
    void change(std::uint64_t first_burst, std::uint64_t end_burst, unsigned by) {
        if (is_wide(first_burst, end_burst)) {
            wide_ += by;
            return;
        }
        for (std::uint64_t block = first_burst / kBlock; block <= (end_burst - 1) / kBlock; ++block) {
            counts_[block % kCounters] += by;
        }
    }

    std::array<unsigned, kCounters> counts_{};
    unsigned wide_ = 0;
};

} // namespace systolica
