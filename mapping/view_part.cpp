// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "mapping/view_part.h"

#include <algorithm>

namespace systolica {

namespace {

Range common(const Range& a, const Range& b) {
    return {std::max(a.begin, b.begin), std::max(std::max(a.begin, b.begin), std::min(a.end, b.end))};
}

Range moved(const Range& range, std::uint64_t from, std::uint64_t to) {
    return {range.begin - from + to, range.end - from + to};
}

} // namespace

std::vector<Box> boxes_in_part(const Shape& view, const Shape& base, const ViewPart& part, const Box& box) {
    constexpr Range kAll{0, ~std::uint64_t{0}};
    const auto held = [&](Dim axis) { return part.axis == axis ? part.range : kAll; };
    const auto from = [&](Dim axis) { return part.axis == axis ? part.range.begin : 0; };
    std::vector<Box> boxes;
    Box inside = box;
    inside.channels = common(box.channels, held(Dim::channels));
    if (inside.channels.empty()) {
        return boxes;
    }
    inside.channels = moved(inside.channels, from(Dim::channels), part.start[0]);
    if (part.axis == Dim::channels && view.h == base.h && view.w == base.w) {
        boxes.push_back(inside);
        return boxes;
    }
    for_runs(box.rows, [&](Range rows) {
        while (!rows.empty()) { // image by image
            const std::uint64_t image = rows.begin / view.h;
            const Range of_image{rows.begin - image * view.h,
                                 std::min(rows.end, (image + 1) * view.h) - image * view.h};
            rows.begin = image * view.h + of_image.end;
            const Range mine = common(of_image, held(Dim::height));
            if (mine.empty()) {
                continue;
            }
            const Range there = moved(mine, from(Dim::height), part.start[1]);
            inside.rows = {image * base.h + there.begin, 1, there.size(), 0};
            for_runs(box.columns, [&](const Range& columns) {
                const Range some = common(columns, held(Dim::width));
                if (!some.empty()) {
                    const Range at = moved(some, from(Dim::width), part.start[2]);
                    inside.columns = {at.begin, 1, at.size(), 0};
                    boxes.push_back(inside);
                }
            });
        }
    });
    return boxes;
}

} // namespace systolica
