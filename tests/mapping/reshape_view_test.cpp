// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "mapping/reshape_view.h"

#include <set>
#include <tuple>

#include <gtest/gtest.h>

#include "random_numbers.h"

namespace systolica {
namespace {

using Element = std::tuple<std::uint64_t, std::uint64_t, std::uint64_t>; // row over all images, column, channel

// Elements of a box, each once.
void add_elements(const Box& box, std::set<Element>& elements) {
    ASSERT_EQ(box.rows.groups * box.columns.groups, 1u);
    for (std::uint64_t row = 0; row < box.rows.length; ++row) {
        for (std::uint64_t column = 0; column < box.columns.length; ++column) {
            for (std::uint64_t channel = box.channels.begin; channel < box.channels.end; ++channel) {
                EXPECT_TRUE(elements.insert({box.rows.start + row, box.columns.start + column, channel}).second);
            }
        }
    }
}

// Counting through channels, rows, columns gives the same number in both shapes.
std::set<Element> behind(const Shape& view, const Shape& base, const Box& box) {
    std::set<Element> elements;
    for (std::uint64_t row = box.rows.start; row < box.rows.start + box.rows.length; ++row) {
        for (std::uint64_t column = box.columns.start; column < box.columns.start + box.columns.length; ++column) {
            for (std::uint64_t channel = box.channels.begin; channel < box.channels.end; ++channel) {
                const std::uint64_t number = (channel * view.h + row % view.h) * view.w + column;
                elements.insert(
                    {row / view.h * base.h + number / base.w % base.h, number % base.w, number / base.w / base.h});
            }
        }
    }
    return elements;
}

Span part_of(std::uint64_t whole, RandomNumbers& random) {
    const std::uint64_t begin = random.below(whole);
    return {begin, 1, random.between(1, whole - begin), 0};
}

TEST(ReshapeView, FindsTheElementsOfARandomPartOfARandomView) {
    const std::vector<Shape> shapes{{3, 24, 6, 1}, {3, 4, 6, 6},  {3, 9, 4, 4}, {3, 144, 1, 1},
                                    {3, 1, 16, 9}, {3, 12, 2, 6}, {3, 8, 3, 6}, {3, 2, 72, 1}};
    RandomNumbers random(1);
    for (int i = 0; i < 4000; ++i) {
        const Shape view = random.pick(shapes), base = random.pick(shapes);
        Box box;
        box.rows = part_of(view.n * view.h, random);
        box.columns = part_of(view.w, random);
        const Span channels = part_of(view.c, random);
        box.channels = {channels.start, channels.start + channels.length};
        std::set<Element> found;
        for (const Box& part : boxes_behind(view, base, box)) {
            add_elements(part, found);
        }
        ASSERT_EQ(found, behind(view, base, box)) << i;
    }
}

TEST(ReshapeView, HeadsOfAttentionAreOneBoxEach) {
    Box box; // features of heads 2 and 3 of 12, of tokens 5 to 24
    box.channels = {2, 4};
    box.rows = {0, 1, 64, 0};
    box.columns = {5, 1, 20, 0};
    const std::vector<Box> boxes = boxes_behind({1, 12, 64, 128}, {1, 768, 128, 1}, box);
    ASSERT_EQ(boxes.size(), 1u);
    EXPECT_EQ(boxes[0].channels.begin, 128u);
    EXPECT_EQ(boxes[0].channels.end, 256u);
    EXPECT_EQ(boxes[0].rows.start, 5u);
    EXPECT_EQ(boxes[0].rows.length, 20u);
}

} // namespace
} // namespace systolica
