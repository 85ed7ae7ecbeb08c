// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// The requests that wait in a channel, in order of acceptance. One entry is one request: consecutive bursts, taken row
// by row; the part within the current row is served by one scheduling decision.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "machine/dram/timings.h"

namespace systolica {

struct BurstEntry {
    void* owner = nullptr; // the caller's own; not looked at
    bool write = false;
    std::uint64_t local_address = 0;
    std::uint32_t bytes = 0;
    std::uint64_t first_burst = 0; // of the request, counted from the start of the channel
    std::uint64_t end_burst = 0;   // one past its last
    std::uint64_t sequence = 0;    // order of acceptance over both queues
    Ck accepted_at = 0;
    Ck visible_at = 0;     // front end passed
    std::uint64_t row = 0; // the part to serve next
    unsigned bank = 0;
    unsigned columns = 0;
    std::uint64_t next_burst = 0; // where the part after that begins
    unsigned bypassed = 0;        // younger parts served while this one was the oldest
    bool one_row = true;          // the whole request lies in one row
    bool blocked = false;         // an older request to the same bytes must go first

    bool overlaps(const BurstEntry& other) const {
        return first_burst < other.end_burst && other.first_burst < end_burst;
    }
};

class BurstQueue {
public:
    explicit BurstQueue(unsigned depth) : slots_(depth) {
        order_.reserve(depth);
        for (unsigned slot = depth; slot > 0; --slot) {
            idle_.push_back(static_cast<std::uint16_t>(slot - 1));
        }
    }

    bool full() const { return idle_.empty(); }
    bool empty() const { return order_.empty(); }
    std::size_t size() const { return order_.size(); }
    std::size_t depth() const { return slots_.size(); }
    std::size_t eligible() const { return order_.size() - blocked_; }

    // Position 0 is the oldest.
    BurstEntry& operator[](std::size_t position) { return slots_[order_[position]]; }
    const BurstEntry& operator[](std::size_t position) const { return slots_[order_[position]]; }

    BurstEntry& push(const BurstEntry& entry) {
        const std::uint16_t slot = idle_.back();
        idle_.pop_back();
        order_.push_back(slot);
        slots_[slot] = entry;
        blocked_ += entry.blocked ? 1U : 0U;
        return slots_[slot];
    }
    void unblock(std::size_t position) {
        (*this)[position].blocked = false;
        --blocked_;
    }
    void erase(std::size_t position) {
        idle_.push_back(order_[position]);
        order_.erase(order_.begin() + static_cast<std::ptrdiff_t>(position));
    }
    bool any_blocked() const { return blocked_ != 0; }

private:
    std::vector<BurstEntry> slots_;
    std::vector<std::uint16_t> order_, idle_;
    std::size_t blocked_ = 0;
};

} // namespace systolica
