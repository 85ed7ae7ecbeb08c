// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "mapping/access.h"

#include <algorithm>
#include <utility>

namespace systolica {

namespace {

AxisOrder exchanged(Dim axis) {
    AxisOrder order = kAxesInOrder;
    std::swap(order[0], order[static_cast<std::size_t>(axis)]);
    return order;
}

bool along_axis(OpKind kind) {
    return kind == OpKind::softmax || kind == OpKind::layer_norm || kind == OpKind::fully_connected ||
           kind == OpKind::embedding || kind == OpKind::softmax_cross_entropy;
}

Span moved(const Span& span, std::uint64_t start, std::uint64_t step) {
    if (step == 1) {
        Span out = span;
        out.start += start;
        return out;
    }
    return {start + span.start * step, span.length, 1, step}; // of spans in one run only
}

// Over `images` that are `pitch` rows apart: as one span where it can be, else one an image.
void append_over_images(const Range& images, std::uint64_t pitch, const Span& rows, Box box, std::vector<Box>& boxes) {
    box.rows = rows;
    if (rows.groups == 1) {
        box.rows = {images.begin * pitch + rows.start, images.size(), rows.length, pitch};
        boxes.push_back(box);
        return;
    }
    for (std::uint64_t image = images.begin; image < images.end; ++image) {
        box.rows.start = image * pitch + rows.start;
        boxes.push_back(box);
    }
}

Range as_range(const Span& span) {
    return {span.start, span.start + span.length};
}

std::vector<Box> product_boxes(const Access& access, const Shape& shape, const Region& region) {
    std::vector<Box> boxes;
    const std::uint64_t begin = access.start[0] + region.channels.begin;
    const std::uint64_t end = access.start[0] + region.channels.end;
    const std::uint64_t last = (end + access.per_group - 1) / access.per_group;
    for (std::uint64_t group = begin / access.per_group; group < last;) {
        const std::uint64_t image = group / shape.c;
        const std::uint64_t next = std::min(last, (image + 1) * shape.c);
        const std::uint64_t first = std::max(begin, group * access.per_group) - group * access.per_group;
        const std::uint64_t count = std::min(end, (group + 1) * access.per_group) - group * access.per_group - first;
        std::array<Span, 3> real;
        real[static_cast<std::size_t>(access.axes[0])] = {first, 1, count, 0};
        real[static_cast<std::size_t>(access.axes[1])] = region.rows;
        Box box;
        box.rows = real[1];
        box.rows.start += image * shape.h;
        box.columns = real[2];
        box.channels = {group % shape.c, group % shape.c + next - group};
        boxes.push_back(box);
        group = next;
    }
    return boxes;
}

} // namespace

AxisOrder input_order(const Operator& op) {
    if (op.kind == OpKind::transpose) {
        return {op.axes[0], op.axes[1], op.axes[2]};
    }
    return along_axis(op.kind) ? exchanged(axis_of(op)) : kAxesInOrder;
}

AxisOrder output_order(const Operator& op) {
    return along_axis(op.kind) ? exchanged(axis_of(op)) : kAxesInOrder;
}

Shape in_order(const Shape& shape, const AxisOrder& order) {
    return {shape.n, shape.of(order[0]), shape.of(order[1]), shape.of(order[2])};
}

std::vector<Box> gathered_boxes(const Region& region, std::uint64_t rows, std::uint64_t columns,
                                std::uint64_t table_rows) {
    constexpr std::uint64_t kScatter = 2654435761; // Knuth's multiplicative hash, 2^32 / golden ratio
    std::vector<Box> boxes;
    for (std::uint64_t image = region.images.begin; image < region.images.end; ++image) {
        for (std::uint64_t r = 0; r < region.rows.length; ++r) {
            for (std::uint64_t c = 0; c < region.columns.length; ++c) {
                const std::uint64_t position =
                    (image * rows + region.rows.start + r) * columns + region.columns.start + c;
                Box box;
                box.rows = {position * kScatter % (std::uint64_t{1} << 32) % table_rows, 1, 1, 0};
                box.columns = {0, 1, 1, 0};
                box.channels = region.channels;
                boxes.push_back(box);
            }
        }
    }
    return boxes;
}

std::vector<Box> boxes_of(const Access& access, const Shape& shape, const Region& region, const Stretch& stretch) {
    if (access.per_group > 0) {
        return product_boxes(access, shape, region);
    }
    const std::array<bool, 3> stretched{stretch.channels, stretch.rows, stretch.columns};
    const std::array<Span, 3> nest{Span{region.channels.begin, 1, region.channels.size(), 0}, region.rows,
                                   region.columns};
    std::array<Span, 3> real; // channels, height, width of the tensor
    for (std::size_t i = 0; i < 3; ++i) {
        real[static_cast<std::size_t>(access.axes[i])] =
            stretched[i] ? Span{0, 1, shape.of(access.axes[i]), 0} : moved(nest[i], access.start[i], access.step[i]);
    }
    Box box;
    box.columns = real[2];
    box.channels = as_range(real[0]);
    std::vector<Box> boxes;
    append_over_images(stretch.images ? Range{0, 1} : region.images, shape.h, real[1], box, boxes);
    return boxes;
}

} // namespace systolica
