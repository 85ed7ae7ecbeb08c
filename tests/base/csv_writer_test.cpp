// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "base/csv_writer.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>

namespace systolica {
namespace {

TEST(CsvWriter, FieldsAreJoinedByCommasAndRowsEndWithANewline) {
    CsvWriter csv;
    csv.text("a").number(std::uint64_t{2}).number(0.5, 6).end_row();
    csv.text("b").end_row();
    EXPECT_EQ(csv.str(), "a,2,0.500000\nb\n");
}

// RFC 4180, section 2, rules 5 to 7.
TEST(CsvWriter, OnlyFieldsWithCommasQuotesOrBreaksAreQuoted) {
    CsvWriter csv;
    csv.text("plain name").text("a,b").text("say \"hi\"").text("two\nlines").text("").end_row();
    EXPECT_EQ(csv.str(), "plain name,\"a,b\",\"say \"\"hi\"\"\",\"two\nlines\",\n");
}

TEST(CsvWriter, NumbersKeepAllDigits) {
    CsvWriter csv;
    csv.number(std::numeric_limits<std::uint64_t>::max()).number(1e300, 0).end_row();
    EXPECT_EQ(csv.str().substr(0, 21), "18446744073709551615,");
    EXPECT_EQ(csv.str().size(), 21u + 301u + 1u); // 1e300 has 301 digits
}

} // namespace
} // namespace systolica
