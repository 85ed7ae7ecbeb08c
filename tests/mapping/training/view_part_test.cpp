// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// What is asked of a joint or a part of tensors is found in them, element by element.

#include "mapping/view_part.h"

#include <map>
#include <tuple>

#include <gtest/gtest.h>

#include "../random_numbers.h"

namespace systolica {
namespace {

using Place =
    std::tuple<int, std::uint64_t, std::uint64_t, std::uint64_t>; // tensor, row of all images, column, channel
using Places = std::map<Place, int>;

template <typename Visit>
void for_span(const Span& span, Visit visit) {
    for (std::uint64_t group = 0; group < span.groups; ++group) {
        for (std::uint64_t i = 0; i < span.length; ++i) {
            const bool cut =
                (group == 0 && i < span.cut_front) || (group + 1 == span.groups && i >= span.length - span.cut_back);
            if (!cut) {
                visit(span.start + group * span.stride + i);
            }
        }
    }
}

void add(const Box& box, int tensor, Places& places) {
    for_span(box.rows, [&](std::uint64_t row) {
        for_span(box.columns, [&](std::uint64_t column) {
            for (std::uint64_t channel = box.channels.begin; channel < box.channels.end; ++channel) {
                ++places[{tensor, row, column, channel}];
            }
        });
    });
}

Span random_span(std::uint64_t size, RandomNumbers& random) {
    if (random.one_in(3)) { // several runs
        const std::uint64_t length = random.between(1, size);
        const std::uint64_t stride = length + random.below(3);
        const std::uint64_t groups = (size - length) / stride + 1;
        return {0, groups, length, stride};
    }
    const std::uint64_t begin = random.below(size);
    return {begin, 1, random.between(1, size - begin), 0};
}

struct View {
    Shape shape;
    std::vector<Shape> bases;
    std::vector<ViewPart> parts;
};

// Two or three tensors joined along an axis.
View random_joint(RandomNumbers& random) {
    View view;
    const Dim axis = random.pick<Dim>({Dim::channels, Dim::height, Dim::width});
    view.shape = {random.between(1, 3), random.between(1, 4), random.between(1, 4), random.between(1, 4)};
    std::uint64_t begin = 0;
    for (std::uint64_t i = random.between(2, 3); i > 0; --i) {
        Shape base = view.shape;
        base.of(axis) = random.between(1, 4);
        ViewPart part;
        part.tensor = static_cast<int>(view.bases.size());
        part.axis = axis;
        part.range = {begin, begin + base.of(axis)};
        begin = part.range.end;
        view.bases.push_back(base);
        view.parts.push_back(part);
    }
    view.shape.of(axis) = begin;
    return view;
}

// From a place inside of another tensor.
View random_part(RandomNumbers& random) {
    View view;
    Shape base{random.between(1, 3), random.between(1, 5), random.between(1, 5), random.between(1, 5)};
    view.shape = base;
    ViewPart part;
    part.tensor = 0;
    for (const Dim axis : {Dim::channels, Dim::height, Dim::width}) {
        const std::uint64_t start = random.below(base.of(axis));
        part.start[static_cast<std::size_t>(axis)] = start;
        view.shape.of(axis) = random.between(1, base.of(axis) - start);
    }
    part.range = {0, view.shape.c};
    view.bases = {base};
    view.parts = {part};
    return view;
}

void check(const View& view, RandomNumbers& random) {
    const Shape& s = view.shape;
    Box box;
    box.columns = random_span(s.w, random);
    const std::uint64_t first = random.below(s.c);
    box.channels = {first, random.between(first + 1, s.c)};
    const std::uint64_t image = random.below(s.n); // the same rows of some images, or rows of one
    box.rows = random.flip() ? random_span(s.h, random) : Span{0, 1, s.n * s.h, 0};
    box.rows.start += box.rows.groups * box.rows.length < s.n * s.h ? image * s.h : 0;

    Places expected, found;
    for_span(box.rows, [&](std::uint64_t row) {
        for_span(box.columns, [&](std::uint64_t column) {
            for (std::uint64_t channel = box.channels.begin; channel < box.channels.end; ++channel) {
                for (const ViewPart& part : view.parts) {
                    const Shape& base = view.bases[static_cast<std::size_t>(part.tensor)];
                    std::array<std::uint64_t, 3> at{channel, row % s.h, column};
                    std::uint64_t& along = at[static_cast<std::size_t>(part.axis)];
                    if (along < part.range.begin || along >= part.range.end) {
                        continue;
                    }
                    along -= part.range.begin;
                    ++expected[{part.tensor, row / s.h * base.h + at[1] + part.start[1], at[2] + part.start[2],
                                at[0] + part.start[0]}];
                }
            }
        });
    });
    for (const ViewPart& part : view.parts) {
        for (const Box& inside : boxes_in_part(s, view.bases[static_cast<std::size_t>(part.tensor)], part, box)) {
            add(inside, part.tensor, found);
        }
    }
    ASSERT_EQ(found, expected);
}

TEST(ViewPart, BoxesOfAJointAreFoundInItsPartsOnce) {
    RandomNumbers random(21);
    for (int i = 0; i < 4000; ++i) {
        check(random_joint(random), random);
        ASSERT_FALSE(HasFatalFailure());
    }
}

TEST(ViewPart, BoxesOfAPartAreFoundWhereItBegins) {
    RandomNumbers random(22);
    for (int i = 0; i < 4000; ++i) {
        check(random_part(random), random);
        ASSERT_FALSE(HasFatalFailure());
    }
}

} // namespace
} // namespace systolica
