// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "mapping/axis.h"

#include <algorithm>

#include "base/integer.h"

namespace systolica {

Range Axis::window(Range outputs) const {
    if (outputs.empty()) {
        return {};
    }
    if (scale == Scale::nearest) {
        return {outputs.begin * in / out, (outputs.end - 1) * in / out + 1};
    }
    if (scale == Scale::linear) {
        const auto before = [this](std::uint64_t o) { // the position below, 0 where it lies before the input
            const std::uint64_t doubled = (2 * o + 1) * in;
            return doubled > out ? (doubled - out) / (2 * out) : 0;
        };
        return {before(outputs.begin), std::min(in, before(outputs.end - 1) + 2)};
    }
    if (scale == Scale::spread) {
        const std::uint64_t reach = outputs.begin + pad_before + 1; // the first is as far behind as a window is long
        const std::uint64_t begin = std::min(in, reach > extent() ? ceil_div(reach - extent(), stride) : 0);
        const std::uint64_t end = std::min(in, (outputs.end - 1 + pad_before) / stride + 1);
        return {begin, std::max(begin, end)};
    }
    const std::uint64_t first = outputs.begin * stride;
    const std::uint64_t last = (outputs.end - 1) * stride + extent();
    const std::uint64_t begin = std::min(in, first > pad_before ? first - pad_before : 0);
    const std::uint64_t end = std::min(in, last > pad_before ? last - pad_before : 0);
    return {begin, std::max(begin, end)};
}

Span Axis::needed(Range outputs) const {
    const Range whole = window(outputs);
    if (!has_gaps() || outputs.size() < 2 || whole.empty()) {
        return {whole.begin, 1, whole.size(), 0};
    }
    // Windows that lie wholly in the padding need nothing.
    Range inside = outputs;
    while (inside.begin < inside.end && window({inside.begin, inside.begin + 1}).empty()) {
        ++inside.begin;
    }
    while (inside.end > inside.begin && window({inside.end - 1, inside.end}).empty()) {
        --inside.end;
    }
    if (inside.empty()) {
        return {whole.begin, 1, 0, 0};
    }
    const Range first = window({inside.begin, inside.begin + 1});
    const Range last = window({inside.end - 1, inside.end});
    if (inside.size() == 1) {
        return {first.begin, 1, first.size(), 0};
    }
    // The first window lacks what lies before the input, the last one what lies behind it.
    const std::uint64_t cut_front = extent() - first.size();
    return {first.begin - cut_front, inside.size(), extent(), stride, cut_front, extent() - last.size()};
}

std::vector<Span> regular_parts(const Span& span) {
    if (span.cut_front == 0 && span.cut_back == 0) {
        return {span};
    }
    std::vector<Span> parts;
    Span middle{span.start, span.groups, span.length, span.stride};
    if (span.cut_front > 0) {
        parts.push_back({span.start + span.cut_front, 1, span.length - span.cut_front, 0});
        middle.start += span.stride;
        --middle.groups;
    }
    middle.groups -= span.cut_back > 0 ? 1 : 0;
    if (middle.groups > 0) {
        parts.push_back(middle);
    }
    if (span.cut_back > 0) {
        parts.push_back({span.start + (span.groups - 1) * span.stride, 1, span.length - span.cut_back, 0});
    }
    return parts;
}

} // namespace systolica
