// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "base/statistics.h"

#include <nlohmann/json.hpp>

#include <gtest/gtest.h>

namespace systolica {
namespace {

TEST(Statistics, LeavesComeWithUnitsBeforeChildrenInNameOrder) {
    Statistics top;
    top.child("tile1").set("busy", std::uint64_t{7}, "cycles");
    top.child("tile0").set("rate", 0.5, "1");
    top.set("zeta", std::uint64_t{1}, "bytes");
    top.set("alpha", std::string("ws"), "");
    EXPECT_EQ(top.json().dump(), R"({"alpha":{"value":"ws","unit":""},"zeta":{"value":1,"unit":"bytes"},)"
                                 R"("tile0":{"rate":{"value":0.5,"unit":"1"}},)"
                                 R"("tile1":{"busy":{"value":7,"unit":"cycles"}}})");
}

TEST(Statistics, AChildIsMadeOnceAndALeafSetAgainIsReplaced) {
    Statistics top;
    Statistics* first = &top.child("a");
    for (int i = 0; i < 100; ++i) {
        top.child("b" + std::to_string(i));
    }
    EXPECT_EQ(first, &top.child("a")); // references stay valid
    first->set("n", std::uint64_t{1}, "x");
    first->set("n", std::uint64_t{2}, "x");
    EXPECT_EQ(top.json()["a"]["n"]["value"], 2);
}

} // namespace
} // namespace systolica
