// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// A queue of small numbers in order of clock cycle, then of rank, then of insertion. Most entries lie a few cycles
// ahead, so the next 64 cycles are a ring of buckets with a bit each; what lies further waits in a heap until the ring
// reaches it.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

namespace systolica {

class CycleQueue {
public:
    using Value = std::uint32_t;
    static constexpr std::uint64_t kNever = ~std::uint64_t{0};

    bool empty() const { return next() == kNever; }

    // Cycle of the first entry, kNever without one.
    std::uint64_t next() const {
        if (occupied_ != 0) {
            const unsigned turn = static_cast<unsigned>(now_ % kBuckets);
            const std::uint64_t ahead = turn == 0 ? occupied_ : (occupied_ >> turn) | (occupied_ << (kBuckets - turn));
            return now_ + static_cast<unsigned>(__builtin_ctzll(ahead));
        }
        return far_.empty() ? kNever : far_.front().cycle;
    }

    // Time has come to `cycle`: no entry is earlier, and none will be pushed earlier.
    void come_to(std::uint64_t cycle) {
        if (cycle > now_) {
            now_ = cycle;
            while (!far_.empty() && far_.front().cycle - now_ < kBuckets) {
                put(far_.front().cycle, {far_.front().rank, far_.front().value});
                std::pop_heap(far_.begin(), far_.end());
                far_.pop_back();
            }
        }
    }

    void push(std::uint64_t cycle, std::uint32_t rank, Value value) {
        if (cycle - now_ < kBuckets) {
            put(cycle, {rank, value});
        } else {
            far_.push_back({cycle, far_sequence_++, rank, value});
            std::push_heap(far_.begin(), far_.end());
        }
    }

    // Takes all entries up to `last`, also those that `take(cycle, value)` pushes meanwhile: these come after it.
    template <typename Take>
    void drain(std::uint64_t last, Take&& take) {
        for (std::uint64_t cycle = next(); cycle <= last && cycle != kNever; cycle = next()) {
            come_to(cycle);
            std::vector<Entry>& bucket = buckets_[cycle % kBuckets];
            while (taken_ < bucket.size()) { // grows while it is read
                take(cycle, bucket[taken_++].value);
            }
            taken_ = 0;
            bucket.clear();
            occupied_ &= ~(std::uint64_t{1} << (cycle % kBuckets));
        }
    }

private:
    static constexpr std::uint64_t kBuckets = 64; // bits of occupied_

    struct Entry {
        std::uint32_t rank;
        Value value;
    };
    struct Far {
        std::uint64_t cycle;
        std::uint64_t sequence;
        std::uint32_t rank;
        Value value;
        bool operator<(const Far& other) const { // for a heap with the earliest in front
            return cycle != other.cycle ? cycle > other.cycle : sequence > other.sequence;
        }
    };

    void put(std::uint64_t cycle, Entry entry) {
        std::vector<Entry>& bucket = buckets_[cycle % kBuckets];
        const std::size_t first = cycle == now_ ? taken_ : 0;
        std::size_t place = bucket.size();
        bucket.push_back(entry);
        for (; place > first && entry.rank < bucket[place - 1].rank; --place) {
            bucket[place] = bucket[place - 1];
        }
        bucket[place] = entry;
        occupied_ |= std::uint64_t{1} << (cycle % kBuckets);
    }

    std::array<std::vector<Entry>, kBuckets> buckets_; // keep their memory
    std::size_t taken_ = 0;                            // of the bucket of now_, while it is drained
    std::uint64_t occupied_ = 0;
    std::uint64_t now_ = 0;
    std::uint64_t far_sequence_ = 0;
    std::vector<Far> far_;
};

} // namespace systolica
