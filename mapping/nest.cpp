// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "mapping/nest.h"

#include "base/integer.h"

#include <algorithm>

namespace systolica {

namespace {

Range block(const Range& whole, std::uint64_t size, std::uint64_t index) {
    const std::uint64_t begin = whole.begin + index * size;
    return {begin, std::min(whole.end, begin + size)};
}

} // namespace

std::uint64_t Step::ifmap_elements() const {
    return load_ifmap ? images.size() * new_rows.count() * in_columns.count() * in_channels.size() : 0;
}

std::uint64_t Step::freed_elements() const {
    return free_ifmap ? images.size() * freed_rows * in_columns.count() * in_channels.size() : 0;
}

Nest::Nest(const Layer& layer, const Tiling& tiling, const Share& share)
    : layer_(layer), tiling_(tiling), share_(share) {
    row_blocks_ = ceil_div(share.rows.size(), tiling.step_rows);
    m_blocks_ = ceil_div(share.images.size(), tiling.step_images) * row_blocks_;
    strips_ = ceil_div(layer.columns.out, tiling.step_columns);
    n_blocks_ = ceil_div(share.channels.size(), tiling.n_block);
    k_blocks_ = layer.matrix ? ceil_div(layer.in_group(), tiling.k_block) : 1;
}

Nest::Position Nest::position(std::uint64_t m) const {
    Position at;
    const std::uint64_t row_block = m % row_blocks_;
    at.images = block(share_.images, tiling_.step_images, m / row_blocks_);
    at.rows = block(share_.rows, tiling_.step_rows, row_block);
    at.has_previous = rings() && row_block > 0;
    at.has_next = rings() && row_block + 1 < row_blocks_;
    return at;
}

Range Nest::channels(std::uint64_t n) const {
    return block(share_.channels, tiling_.n_block, n);
}

Range Nest::in_channels(const Range& out, const Range& k) const {
    if (!layer_.grouped()) {
        return k;
    }
    const std::uint64_t first_group = out.begin / layer_.out_group();
    const std::uint64_t end_group = ceil_div(out.end, layer_.out_group());
    return {first_group * layer_.in_group(), end_group * layer_.in_group()};
}

Range Nest::columns(std::uint64_t strip) const {
    return block({0, layer_.columns.out}, tiling_.step_columns, strip);
}

Step Nest::step(std::uint64_t index) const {
    std::uint64_t n = 0, strip = 0, m = 0;
    const std::uint64_t k = index % k_blocks_;
    const std::uint64_t outer = index / k_blocks_;
    if (tiling_.inputs_outer) {
        n = outer % n_blocks_;
        m = outer / n_blocks_ % m_blocks_;
        strip = outer / n_blocks_ / m_blocks_;
    } else {
        m = outer % m_blocks_;
        strip = outer / m_blocks_ % strips_;
        n = outer / m_blocks_ / strips_;
    }
    const bool first_positions = m == 0 && strip == 0;
    const bool last_positions = m + 1 == m_blocks_ && strip + 1 == strips_;
    const Position at = position(m);

    Step s;
    s.images = at.images;
    s.rows = at.rows;
    s.columns = columns(strip);
    s.channels = channels(n);
    s.k = block({0, layer_.in_group()}, layer_.matrix ? tiling_.k_block : layer_.in_group(), k);
    s.in_channels = in_channels(s.channels, s.k);
    s.first_k = k == 0;
    s.last_k = k + 1 == k_blocks_;
    s.first = index == 0;
    s.last = index + 1 == steps();
    s.load_constants = s.last_k && layer_.channel_constants > 0 && (tiling_.inputs_outer || first_positions);
    s.free_constants = s.last_k && layer_.channel_constants > 0 && (tiling_.inputs_outer || last_positions);
    s.load_filter = layer_.matrix && (!tiling_.hold_filter || first_positions);
    s.free_filter = layer_.matrix && (!tiling_.hold_filter || last_positions);
    s.load_ifmap = !tiling_.hold_ifmap || n == 0;
    s.free_ifmap = !tiling_.hold_ifmap || n + 1 == n_blocks_;

    s.in_columns = layer_.columns.needed(s.columns);
    s.window_rows = layer_.rows.window(s.rows);
    if (layer_.rows.has_gaps()) {
        s.new_rows = layer_.rows.needed(s.rows);
        s.freed_rows = s.new_rows.count();
        return s;
    }
    Range fresh = s.window_rows;
    if (at.has_previous) {
        fresh.begin = std::max(fresh.begin, layer_.rows.window(position(m - 1).rows).end);
    }
    s.new_rows = {fresh.begin, 1, fresh.empty() ? 0 : fresh.size(), 0};
    const std::uint64_t keep_from =
        at.has_next ? std::min(layer_.rows.window(position(m + 1).rows).begin, s.window_rows.end) : s.window_rows.end;
    s.freed_rows = keep_from - s.window_rows.begin;
    return s;
}

std::uint64_t Nest::passes_over_inputs() const {
    // Grouped layers read each input channel with its own output channels only.
    return tiling_.hold_ifmap || layer_.grouped() ? 1 : n_blocks_;
}

// `whole` and `one` count the input rows of the share and of one block of its rows.
template <typename Whole, typename One>
std::uint64_t Nest::elements_of_pass(Whole whole, One one) const {
    std::uint64_t column_count = 0;
    for (std::uint64_t strip = 0; strip < strips_; ++strip) {
        column_count += layer_.columns.needed(columns(strip)).count();
    }
    std::uint64_t row_count = 0;
    if (rings() && !layer_.rows.has_gaps()) {
        row_count = whole(share_.rows);
    } else {
        // Only blocks near the edges are clipped; those between are alike.
        const Axis& rows_axis = layer_.rows;
        const std::uint64_t reach = (rows_axis.out - 1) * rows_axis.stride + rows_axis.extent();
        const std::uint64_t before_end = rows_axis.in + rows_axis.pad_before;
        const std::uint64_t padding = rows_axis.pad_before + (reach > before_end ? reach - before_end : 0);
        const std::uint64_t edge = (rows_axis.extent() + padding) / (rows_axis.stride * tiling_.step_rows) + 2;
        const auto rows_of = [&](std::uint64_t b) { return one(block(share_.rows, tiling_.step_rows, b)); };
        const std::uint64_t alike = row_blocks_ > 2 * edge ? row_blocks_ - 2 * edge : 0;
        row_count = alike > 0 ? alike * rows_of(edge) : 0;
        for (std::uint64_t b = 0; b < row_blocks_; b += b + 1 == edge && alike > 0 ? alike + 1 : 1) {
            row_count += rows_of(b);
        }
    }
    const std::uint64_t channel_count = layer_.grouped() ? in_channels(share_.channels, {}).size() : layer_.in_channels;
    return share_.images.size() * row_count * column_count * channel_count;
}

std::uint64_t Nest::ifmap_elements_once() const {
    return elements_of_pass([&](const Range& rows) { return layer_.rows.window(rows).size(); },
                            [&](const Range& rows) { return layer_.rows.needed(rows).count(); });
}

std::uint64_t Nest::held_elements() const {
    const auto largest = [&](const Range& rows) {
        return std::min(layer_.rows.in, layer_.rows.largest_window(rows.size()));
    };
    return elements_of_pass(largest, largest);
}

std::uint64_t Nest::ifmap_elements() const {
    return ifmap_elements_once() * passes_over_inputs();
}

std::uint64_t Nest::filter_loads_per_weight() const {
    return tiling_.hold_filter ? 1 : m_blocks_ * strips_;
}

std::uint64_t Nest::passes_over_channels() const {
    return tiling_.inputs_outer ? m_blocks_ * strips_ : 1;
}

std::uint64_t Nest::weights() const {
    return layer_.matrix ? share_.channels.size() * layer_.in_group() * layer_.kernel_positions() : 0;
}

std::uint64_t Nest::outputs() const {
    return share_.images.size() * share_.rows.size() * layer_.columns.out * share_.channels.size();
}

std::uint64_t Nest::outputs(const Stretch& stretch) const {
    const std::uint64_t image_blocks = m_blocks_ / row_blocks_;
    return (stretch.images ? image_blocks : share_.images.size()) * (stretch.rows ? row_blocks_ : share_.rows.size()) *
           (stretch.columns ? strips_ : layer_.columns.out) * (stretch.channels ? n_blocks_ : share_.channels.size());
}

std::uint64_t Nest::operands() const {
    std::uint64_t elements = layer_.extra_operands * outputs();
    for (const Stretch& stretch : layer_.stretched) {
        elements += outputs(stretch);
    }
    return elements;
}

std::uint64_t Nest::window_elements() const {
    const std::uint64_t rows = std::min(tiling_.step_rows, share_.rows.size());
    // Interior blocks have the largest windows; clipping only shrinks them.
    const std::uint64_t row_window = layer_.rows.largest_window(rows);
    const std::uint64_t columns_out = std::min(tiling_.step_columns, layer_.columns.out);
    const std::uint64_t column_window = layer_.columns.largest_window(columns_out);
    const std::uint64_t n = std::min(tiling_.n_block, share_.channels.size());
    const std::uint64_t channel_count =
        layer_.grouped() ? in_channels({0, n}, {}).size() : std::min(tiling_.k_block, layer_.in_channels);
    return std::min(tiling_.step_images, share_.images.size()) * std::min(row_window, layer_.rows.in) *
           std::min(column_window, layer_.columns.in) * channel_count;
}

std::uint64_t Nest::largest_new_elements() const {
    const std::uint64_t window = window_elements();
    if (!rings() || row_blocks_ == 1 || layer_.rows.has_gaps()) {
        return window;
    }
    if (layer_.rows.scale != Scale::none) {
        return window;
    }
    const std::uint64_t rows = (tiling_.step_rows - 1) * layer_.rows.stride + layer_.rows.extent();
    const std::uint64_t clipped = std::min(rows, layer_.rows.in);
    return window / clipped * std::min(tiling_.step_rows * layer_.rows.stride, clipped);
}

std::uint64_t Nest::block_weights() const {
    return layer_.matrix ? std::min(tiling_.n_block, share_.channels.size()) *
                               std::min(tiling_.k_block, layer_.in_group()) * layer_.kernel_positions()
                         : 0;
}

std::uint64_t Nest::block_outputs() const {
    return std::min(tiling_.step_images, share_.images.size()) * std::min(tiling_.step_rows, share_.rows.size()) *
           std::min(tiling_.step_columns, layer_.columns.out) * std::min(tiling_.n_block, share_.channels.size());
}

std::uint64_t Nest::block_operands() const {
    const Step largest = step(0); // its first output block is as large as any
    std::uint64_t elements = layer_.extra_operands * block_outputs();
    for (const Stretch& stretch : layer_.stretched) {
        elements += largest.outputs(stretch);
    }
    return elements;
}

} // namespace systolica
