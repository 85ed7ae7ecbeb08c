// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "mapping/axis.h"

#include <algorithm>

namespace systolica {

Range Axis::window(Range outputs) const {
    if (outputs.empty()) {
        return {};
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
    // Windows that lie wholly in the padding need nothing; one that lies partly there keeps the run unbroken.
    Range inside = outputs;
    while (inside.begin < inside.end && window({inside.begin, inside.begin + 1}).empty()) {
        ++inside.begin;
    }
    while (inside.end > inside.begin && window({inside.end - 1, inside.end}).empty()) {
        --inside.end;
    }
    const bool whole_windows = window({inside.begin, inside.begin + 1}).size() == extent() &&
                               window({inside.end - 1, inside.end}).size() == extent();
    if (!whole_windows) {
        return {whole.begin, 1, whole.size(), 0};
    }
    return {window({inside.begin, inside.begin + 1}).begin, inside.size(), extent(), stride};
}

} // namespace systolica
