// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "machine/pe_array/fold_timing.h"

#include "base/integer.h"

#include <algorithm>

namespace systolica {

namespace {

// One side of the array: how many folds, and what the last one uses.
struct Side {
    std::uint64_t folds;
    std::uint64_t full; // used by every fold but the last
    std::uint64_t last;

    Side(std::uint64_t extent, std::uint64_t size, bool clip)
        : folds(ceil_div(extent, size)), full(size), last(clip ? extent - (folds - 1) * size : size) {}

    std::uint64_t first() const { return folds > 1 ? full : last; }
    std::uint64_t sum() const { return (folds - 1) * full + last; }
};

} // namespace

ArrayExtent array_extent(Dataflow dataflow, std::uint64_t m, std::uint64_t n, std::uint64_t k) {
    switch (dataflow) {
    case Dataflow::os:
        return {m, n, k};
    case Dataflow::ws:
    case Dataflow::simdit:
        return {k, n, m};
    case Dataflow::is:
        return {k, m, n};
    }
    return {};
}

FoldTiming fold_timing(const PeArrayConfig& array, std::uint64_t m, std::uint64_t n, std::uint64_t k,
                       std::uint64_t groups) {
    FoldTiming timing;
    if (m == 0 || n == 0 || k == 0 || groups == 0) {
        return timing;
    }
    const ArrayExtent extent = array_extent(array.dataflow, m, n, k);
    const Side r(extent.rows, array.rows, array.clip_folds);
    const Side c(extent.cols, array.cols, array.clip_folds);
    const bool stationary = array.dataflow != Dataflow::os;
    const std::uint64_t t = extent.depth;

    timing.folds = groups * r.folds * c.folds;
    if (array.dataflow == Dataflow::simdit) {
        timing.depth = timing.folds * t;
        timing.end_offset = timing.depth + (array.rows - 1) + (array.cols - 1);
        return timing;
    }
    timing.depth = t;
    timing.lead = stationary ? r.first() : 0;
    if (!array.fold_overlap) {
        const std::uint64_t row_passes = stationary ? 2 : 1;
        const std::uint64_t total = groups * (r.folds * c.folds * t + row_passes * c.folds * r.sum() +
                                              r.folds * c.sum() - 2 * r.folds * c.folds);
        timing.end_offset = total - timing.lead;
        timing.last_offset = total - timing.lead - (t + r.last + c.last - 2);
        return timing;
    }

    const auto spacing = [&](std::uint64_t rows) { return stationary ? std::max(t, rows) : t; };
    const std::uint64_t column = (r.folds - 1) * spacing(r.full) + spacing(r.last); // all row folds of one column fold
    timing.last_offset = groups * c.folds * column - spacing(r.first());
    // The last fold of each shape ends latest among its shape; compare the (up to four) shapes.
    timing.end_offset = timing.last_offset + t + r.last + c.last - 2;
    const auto consider = [&](std::uint64_t back, std::uint64_t rows, std::uint64_t cols) {
        timing.end_offset = std::max(timing.end_offset, timing.last_offset - back + t + rows + cols - 2);
    };
    if (r.folds > 1) {
        consider(spacing(r.last), r.full, c.last);
    }
    if (c.folds > 1) {
        consider(column, r.last, c.full);
        if (r.folds > 1) {
            consider(column + spacing(r.last), r.full, c.full);
        }
    }
    return timing;
}

} // namespace systolica
