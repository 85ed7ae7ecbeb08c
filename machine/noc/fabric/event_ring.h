// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// Small numbers in order of clock cycle, then of insertion: a CycleQueue (machine/noc/cycle_queue.h) without ranks,
// which saves half the work where every packet and router has an event. The next 64 cycles are a ring of buckets; what
// lies further waits in a heap until the ring reaches it.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

namespace systolica {

class EventRing {
public:
    using Value = std::uint32_t;
    static constexpr std::uint64_t kNever = ~std::uint64_t{0};

    // Cycle of the first entry, kNever without one.
    std::uint64_t next() const {
        if (occupied_ != 0) {
            const unsigned turn = static_cast<unsigned>(now_ % kBuckets);
            const std::uint64_t ahead = (occupied_ >> turn) | (occupied_ << ((kBuckets - turn) % kBuckets));
            return now_ + static_cast<unsigned>(__builtin_ctzll(ahead));
        }
        return far_.empty() ? kNever : far_.front().cycle;
    }

    // Time has come to `cycle`: no entry is earlier, and none will be pushed earlier.
    void come_to(std::uint64_t cycle) {
        if (cycle <= now_) {
            return;
        }
        now_ = cycle;
        while (!far_.empty() && far_.front().cycle - now_ < kBuckets) {
            put(far_.front().cycle, far_.front().value);
            std::pop_heap(far_.begin(), far_.end());
            far_.pop_back();
        }
    }

    void push(std::uint64_t cycle, Value value) {
        if (cycle - now_ < kBuckets) {
            put(cycle, value);
        } else {
            far_.push_back({cycle, far_sequence_++, value});
            std::push_heap(far_.begin(), far_.end());
        }
    }

    // Takes all entries up to `last`, also those that `take(cycle, value)` pushes meanwhile: these come after it.
    template <typename Take>
    void drain(std::uint64_t last, Take&& take) {
        for (std::uint64_t cycle = next(); cycle <= last && cycle != kNever; cycle = next()) {
            come_to(cycle);
            std::vector<Value>& bucket = buckets_[cycle % kBuckets];
            for (std::size_t i = 0; i < bucket.size(); ++i) { // grows while it is read
                take(cycle, bucket[i]);
            }
            bucket.clear();
            occupied_ &= ~(std::uint64_t{1} << (cycle % kBuckets));
        }
    }

private:
    static constexpr std::uint64_t kBuckets = 64; // bits of occupied_

    struct Far {
        std::uint64_t cycle;
        std::uint64_t sequence;
        Value value;
        bool operator<(const Far& other) const { // for a heap with the earliest in front
            return cycle != other.cycle ? cycle > other.cycle : sequence > other.sequence;
        }
    };

    void put(std::uint64_t cycle, Value value) {
        buckets_[cycle % kBuckets].push_back(value);
        occupied_ |= std::uint64_t{1} << (cycle % kBuckets);
    }

    std::array<std::vector<Value>, kBuckets> buckets_; // keep their memory
    std::uint64_t occupied_ = 0;
    std::uint64_t now_ = 0;
    std::uint64_t far_sequence_ = 0;
    std::vector<Far> far_;
};

} // namespace systolica
