// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "mapping/reshape_view.h"

#include <algorithm>
#include <array>

namespace systolica {

namespace {

// Numbers in mixed radix, outermost digit first. A product of ranges of digits, and lists of such products.
using Radices = std::vector<std::uint64_t>;
using Digits = std::vector<Range>;

std::uint64_t product(const Radices& radices, std::size_t first) {
    std::uint64_t all = 1;
    for (std::size_t i = first; i < radices.size(); ++i) {
        all *= radices[i];
    }
    return all;
}

// Appends a range of numbers, of the digits from `first` on, as products of ranges of digits.
void split(const Radices& radices, std::size_t first, const Range& range, Digits outer, std::vector<Digits>& list) {
    if (range.empty()) {
        return;
    }
    if (first == radices.size()) {
        list.push_back(outer);
        return;
    }
    const std::uint64_t inner = product(radices, first + 1);
    const auto go_on = [&](const Range& digit, const Range& rest) {
        Digits digits = outer;
        digits.push_back(digit);
        split(radices, first + 1, rest, digits, list);
    };
    const std::uint64_t begin = range.begin / inner;
    const std::uint64_t end = range.end / inner;
    const std::uint64_t rest_begin = range.begin % inner;
    const std::uint64_t rest_end = range.end % inner;
    if (begin == end) {
        go_on({begin, begin + 1}, {rest_begin, rest_end});
        return;
    }
    if (rest_begin > 0) {
        go_on({begin, begin + 1}, {rest_begin, inner});
    }
    const Range whole{begin + (rest_begin > 0 ? 1 : 0), end};
    if (!whole.empty()) {
        go_on(whole, {0, inner});
    }
    if (rest_end > 0) {
        go_on({end, end + 1}, {0, rest_end});
    }
}

// The numbers of a product of ranges of digits, as ranges.
std::vector<Range> joined(const Radices& radices, const Digits& digits) {
    std::vector<Range> ranges{{0, 1}};
    for (std::size_t i = 0; i < radices.size(); ++i) {
        const bool whole = digits[i].size() == radices[i];
        std::vector<Range> next;
        for (const Range& range : ranges) {
            if (whole) {
                next.push_back({range.begin * radices[i], range.end * radices[i]});
                continue;
            }
            for (std::uint64_t value = range.begin; value < range.end; ++value) {
                next.push_back({value * radices[i] + digits[i].begin, value * radices[i] + digits[i].end});
            }
        }
        ranges = next;
    }
    return ranges;
}

using Dimensions = std::array<std::uint64_t, 3>; // channels, rows, columns

// The places in the order of elements where a dimension of one of them begins, from 1 to all of an image.
std::vector<std::uint64_t> joints(const Dimensions& a, const Dimensions& b) {
    std::vector<std::uint64_t> sizes{1};
    for (const Dimensions& dims : {a, b}) {
        std::uint64_t size = 1;
        for (std::size_t i = dims.size(); i-- > 0;) {
            size *= dims[i];
            sizes.push_back(size);
        }
    }
    std::sort(sizes.begin(), sizes.end());
    sizes.erase(std::unique(sizes.begin(), sizes.end()), sizes.end());
    return sizes;
}

// Digits that both shapes are made of, those of each dimension; false where there are none.
bool common_digits(const std::vector<std::uint64_t>& sizes, const Dimensions& dims, std::array<Radices, 3>& digits) {
    std::uint64_t size = 1;
    auto next = sizes.begin();
    for (std::size_t i = dims.size(); i-- > 0;) {
        const std::uint64_t end = size * dims[i];
        for (; *next < end; ++next) {
            if (*(next + 1) % *next != 0) {
                return false;
            }
            digits[i].insert(digits[i].begin(), *(next + 1) / *next);
        }
        size = end;
    }
    return true;
}

class View {
public:
    View(const Shape& view, const Shape& base) : view_{view.c, view.h, view.w}, base_{base.c, base.h, base.w} {
        const std::vector<std::uint64_t> sizes = joints(view_, base_);
        common_ = common_digits(sizes, view_, view_digits_) && common_digits(sizes, base_, base_digits_);
    }

    // A part of the image number `image` of the view.
    void append(std::uint64_t image, const std::array<Range, 3>& part, std::vector<Box>& boxes) const {
        if (common_) {
            append_digits(image, part, boxes);
        } else {
            append_runs(image, part, boxes);
        }
    }

private:
    void append_digits(std::uint64_t image, const std::array<Range, 3>& part, std::vector<Box>& boxes) const {
        std::array<std::vector<Digits>, 3> products;
        for (std::size_t i = 0; i < 3; ++i) {
            split(view_digits_[i], 0, part[i], {}, products[i]);
        }
        for (const Digits& channels : products[0]) {
            for (const Digits& rows : products[1]) {
                for (const Digits& columns : products[2]) {
                    Digits all = channels;
                    all.insert(all.end(), rows.begin(), rows.end());
                    all.insert(all.end(), columns.begin(), columns.end());
                    append_product(image, all, boxes);
                }
            }
        }
    }

    void append_product(std::uint64_t image, const Digits& all, std::vector<Box>& boxes) const {
        std::array<std::vector<Range>, 3> ranges;
        auto next = all.begin();
        for (std::size_t i = 0; i < 3; ++i) {
            const auto end = next + static_cast<std::ptrdiff_t>(base_digits_[i].size());
            ranges[i] = joined(base_digits_[i], Digits(next, end));
            next = end;
        }
        for (const Range& channels : ranges[0]) {
            for (const Range& rows : ranges[1]) {
                for (const Range& columns : ranges[2]) {
                    append_box(image, {channels, rows, columns}, boxes);
                }
            }
        }
    }

    // Each run of neighbours for itself.
    void append_runs(std::uint64_t image, const std::array<Range, 3>& part, std::vector<Box>& boxes) const {
        const Radices radices(base_.begin(), base_.end());
        for (std::uint64_t c = part[0].begin; c < part[0].end; ++c) {
            for (std::uint64_t r = part[1].begin; r < part[1].end; ++r) {
                const std::uint64_t row = (c * view_[1] + r) * view_[2];
                std::vector<Digits> products;
                split(radices, 0, {row + part[2].begin, row + part[2].end}, {}, products);
                for (const Digits& digits : products) {
                    append_box(image, {digits[0], digits[1], digits[2]}, boxes);
                }
            }
        }
    }

    void append_box(std::uint64_t image, const std::array<Range, 3>& part, std::vector<Box>& boxes) const {
        Box box;
        box.channels = part[0];
        box.rows = {image * base_[1] + part[1].begin, 1, part[1].size(), 0};
        box.columns = {part[2].begin, 1, part[2].size(), 0};
        boxes.push_back(box);
    }

    Dimensions view_, base_;
    std::array<Radices, 3> view_digits_, base_digits_;
    bool common_ = false;
};

} // namespace

std::vector<Box> boxes_behind(const Shape& view, const Shape& base, const Box& box) {
    std::vector<Box> boxes;
    if (box.elements() == 0) {
        return boxes;
    }
    const View lookup(view, base);
    for_runs(box.rows, [&](Range rows) {
        while (!rows.empty()) { // image by image
            const std::uint64_t image = rows.begin / view.h;
            const std::uint64_t end = std::min(rows.end, (image + 1) * view.h);
            for_runs(box.columns, [&](const Range& columns) {
                lookup.append(image, {box.channels, {rows.begin - image * view.h, end - image * view.h}, columns},
                              boxes);
            });
            rows.begin = end;
        }
    });
    return boxes;
}

} // namespace systolica
