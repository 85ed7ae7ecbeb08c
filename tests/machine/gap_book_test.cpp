// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "machine/gap_book.h"

#include <algorithm>
#include <random>
#include <vector>

#include <gtest/gtest.h>

namespace systolica {
namespace {

// The same rule, one unit of time at a time.
class Calendar {
public:
    std::uint64_t book(std::uint64_t earliest, std::uint64_t length) {
        std::uint64_t start = earliest;
        for (std::uint64_t free = 0; free < length;) {
            if (start + free >= taken_.size()) {
                taken_.resize(start + free + 1, false);
            }
            if (taken_[start + free]) {
                start += free + 1;
                free = 0;
            } else {
                ++free;
            }
        }
        std::fill_n(taken_.begin() + static_cast<std::ptrdiff_t>(start), length, true);
        return start;
    }
    std::size_t spans_after(std::uint64_t time) const {
        std::size_t spans = 0;
        for (std::size_t t = time; t < taken_.size(); ++t) {
            spans += taken_[t] && (t == time || !taken_[t - 1]) ? 1U : 0U;
        }
        return spans;
    }

private:
    std::vector<bool> taken_;
};

TEST(GapBook, ABookingTakesTheFirstGapThatHoldsItWhole) {
    GapBook book;
    EXPECT_EQ(book.book(10, 5), 10U); // [10, 15)
    EXPECT_EQ(book.book(18, 2), 18U); // [18, 20)
    EXPECT_EQ(book.book(8, 4), 20U) << "neither [8, 10) nor [15, 18) is long enough";
    EXPECT_EQ(book.book(8, 3), 15U) << "fills the gap";
    EXPECT_EQ(book.book(0, 10), 0U) << "up to the first";
    EXPECT_EQ(book.book(0, 1), 24U);
}

TEST(GapBook, TouchingBookingsAreOneSpan) {
    GapBook book;
    book.book(10, 5);
    book.book(20, 5);
    EXPECT_EQ(book.spans(), 2U);
    book.book(15, 2);
    book.book(18, 2);
    EXPECT_EQ(book.spans(), 2U);
    book.book(17, 1);
    EXPECT_EQ(book.spans(), 1U);
}

TEST(GapBook, EqualsACalendarOfSingleUnitsForRandomBookings) {
    for (unsigned seed = 0; seed < 8; ++seed) {
        std::mt19937 generator(seed);
        const auto random = [&](unsigned below) { return static_cast<std::uint64_t>(generator() % below); };
        GapBook book;
        Calendar calendar;
        std::uint64_t now = 0;
        for (unsigned i = 0; i < 4000; ++i) {
            now += random(seed % 2 == 0 ? 12 : 7); // seeds with more demand than time, and with less
            book.forget(now);
            const std::uint64_t earliest = now + random(300);
            const std::uint64_t length = 1 + random(14);
            ASSERT_EQ(book.book(earliest, length), calendar.book(earliest, length)) << "seed " << seed << ", " << i;
            if (i % 64 == 0) {
                ASSERT_EQ(book.spans(), calendar.spans_after(now)) << "seed " << seed << ", " << i;
            }
        }
    }
}

} // namespace
} // namespace systolica
