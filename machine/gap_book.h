// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// The times at which one resource is taken, for bookings that do not come in order of time: each takes the first gap
// that is long enough, not before its own time. Touching bookings are kept as one span, and what has passed is
// forgotten, so a busy resource has few spans and a booking costs a short walk from the end.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace systolica {

class GapBook {
public:
    // Takes `length` (at least 1) from the first time on at which it fits, not before `earliest`; returns that time.
    std::uint64_t book(std::uint64_t earliest, std::uint64_t length) {
        std::size_t next = spans_.size(); // the first span that ends after `earliest`
        while (next > first_ && spans_[next - 1].end > earliest) {
            --next;
        }
        std::uint64_t start = earliest;
        while (next < spans_.size() && spans_[next].begin < start + length) {
            start = std::max(start, spans_[next].end);
            ++next;
        }
        insert(next, start, start + length);
        return start;
    }

    // No later booking will ask for a time before `time`.
    void forget(std::uint64_t time) {
        while (first_ < spans_.size() && spans_[first_].end <= time) {
            ++first_;
        }
        if (first_ >= kForgotten) {
            spans_.erase(spans_.begin(), spans_.begin() + static_cast<std::ptrdiff_t>(first_));
            first_ = 0;
        }
    }

    std::size_t spans() const { return spans_.size() - first_; }

private:
    static constexpr std::size_t kForgotten = 32; // spans dropped at a time

    struct Span {
        std::uint64_t begin, end; // [begin, end)
    };

    void insert(std::size_t next, std::uint64_t begin, std::uint64_t end) { // before spans_[next]
        const bool after = next > first_ && spans_[next - 1].end == begin;
        const bool before = next < spans_.size() && spans_[next].begin == end;
        if (after && before) {
            spans_[next - 1].end = spans_[next].end;
            spans_.erase(spans_.begin() + static_cast<std::ptrdiff_t>(next));
        } else if (after) {
            spans_[next - 1].end = end;
        } else if (before) {
            spans_[next].begin = begin;
        } else {
            spans_.insert(spans_.begin() + static_cast<std::ptrdiff_t>(next), {begin, end});
        }
    }

    std::vector<Span> spans_; // in order, from first_ on
    std::size_t first_ = 0;
};

} // namespace systolica
