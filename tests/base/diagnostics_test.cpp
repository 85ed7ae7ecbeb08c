// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "base/diagnostics.h"

#include <gtest/gtest.h>

namespace systolica {
namespace {

TEST(Diagnostics, ALocationShowsWhatIsKnown) {
    EXPECT_EQ((Location{"a.yaml", 3, 7}.text()), "a.yaml:3:7");
    EXPECT_EQ((Location{"a.yaml", 3, 0}.text()), "a.yaml:3");
    EXPECT_EQ((Location{"a.yaml", 0, 0}.text()), "a.yaml");
}

TEST(Diagnostics, AProblemIsOneLineWhateverTheInputHeld) {
    Problems problems;
    problems.add({"a.yaml", 1, 2}, "tile.rows", "expected a number, got 'x\ny\x1b'");
    EXPECT_EQ(problems.list().at(0).text(), "a.yaml:1:2: tile.rows: expected a number, got 'x?y?'");
}

TEST(Diagnostics, ProblemsAreShownInTheOrderFound) {
    Problems problems;
    EXPECT_TRUE(problems.empty());
    problems.add({"b", 2, 1}, "k", "second file first");
    problems.add({"a", 1, 1}, "", "no key");
    EXPECT_EQ(problems.text(), "b:2:1: k: second file first\na:1:1: no key");
    EXPECT_STREQ(InputError(problems).what(), problems.text().c_str());
}

TEST(Diagnostics, TheNearestNameWinsAndStrangersDoNot) {
    EXPECT_EQ(nearest_name("row", {"rows", "cols", "dataflow"}), "rows");
    EXPECT_EQ(nearest_name("datafow", {"rows", "cols", "dataflow"}), "dataflow");
    EXPECT_EQ(nearest_name("completely_different", {"rows", "cols"}), "");
    EXPECT_EQ(nearest_name("rows", {}), "");
    EXPECT_EQ(suggestion("row", {"rows"}), " (did you mean 'rows'?)");
    EXPECT_EQ(suggestion("elephant", {"rows"}), "");
}

} // namespace
} // namespace systolica
