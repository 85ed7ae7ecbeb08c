// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "mapping/nest.h"

#include "base/integer.h"

#include <algorithm>
#include <utility>

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
    position_blocks_ = ceil_div(share.images.size(), tiling.step_images) * row_blocks_;
    n_blocks_ = ceil_div(share.channels.size(), tiling.n_block);
    m_blocks_ = position_blocks_;
    k_blocks_ = layer.matrix ? ceil_div(terms().size(), tiling.k_block) : 1;
    if (layer.weight_gradient) { // sums over positions; input channels are rows of the result
        std::swap(m_blocks_, k_blocks_);
    } else {
        strips_ = ceil_div(layer.columns.out, tiling.step_columns);
    }
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
    const std::uint64_t positions = layer_.weight_gradient ? k : m;
    const Position at = position(positions);

    Step s;
    s.images = at.images;
    s.rows = at.rows;
    s.columns = columns(strip);
    s.channels = channels(n);
    s.k = block(terms(), layer_.matrix ? tiling_.k_block : layer_.in_group(), layer_.weight_gradient ? m : k);
    s.in_channels = in_channels(s.channels, s.k);
    s.last_images = positions / row_blocks_ + 1 == position_blocks_ / row_blocks_;
    s.last_rows = positions % row_blocks_ + 1 == row_blocks_;
    s.last_columns = strip + 1 == strips_;
    s.position = strip * m_blocks_ + m;
    s.channel_block = n;
    s.first_k = k == 0;
    s.last_k = k + 1 == k_blocks_;
    s.first = index == 0;
    s.last = index + 1 == steps();
    s.load_constants = s.last_k && layer_.constant_bytes > 0 && (tiling_.inputs_outer || first_positions);
    s.free_constants = s.last_k && layer_.constant_bytes > 0 && (tiling_.inputs_outer || last_positions);
    s.load_filter = layer_.matrix && (!tiling_.hold_filter || first_positions);
    s.free_filter = layer_.matrix && (!tiling_.hold_filter || last_positions);
    s.load_ifmap = !tiling_.hold_ifmap || n == 0;
    s.free_ifmap = !tiling_.hold_ifmap || n + 1 == n_blocks_;

    count_product(s);
    s.in_columns = layer_.columns.needed(s.columns);
    s.window_rows = layer_.rows.window(s.rows);
    if (layer_.rows.has_gaps()) {
        s.new_rows = layer_.rows.needed(s.rows);
        s.freed_rows = s.new_rows.count();
        return s;
    }
    Range fresh = s.window_rows;
    if (at.has_previous) {
        fresh.begin = std::max(fresh.begin, layer_.rows.window(position(positions - 1).rows).end);
    }
    s.new_rows = {fresh.begin, 1, fresh.empty() ? 0 : fresh.size(), 0};
    const std::uint64_t keep_from =
        at.has_next ? std::min(layer_.rows.window(position(positions + 1).rows).begin, s.window_rows.end)
                    : s.window_rows.end;
    s.freed_rows = keep_from - s.window_rows.begin;
    return s;
}

void Nest::count_product(Step& s) const {
    s.m = s.positions();
    s.written = s.m * s.channels.size();
    if (layer_.weight_gradient) {
        s.m = layer_.formed() * s.k.size();
        s.depth = s.images.size() * layer_.terms(s.rows);
        s.filter_elements = s.positions() * s.channels.size();
        s.written = layer_.kernel_positions() * s.k.size() * s.channels.size();
    } else if (layer_.matrix) {
        s.depth = s.k.size() * layer_.kernel_positions();
        s.filter_elements = s.depth * s.channels.size();
    }
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
        const std::uint64_t alike =
            row_blocks_ > 2 * edge && rows_axis.scale == Scale::none ? row_blocks_ - 2 * edge : 0;
        row_count = alike > 0 ? alike * rows_of(edge) : 0;
        for (std::uint64_t b = 0; b < row_blocks_; b += b + 1 == edge && alike > 0 ? alike + 1 : 1) {
            row_count += rows_of(b);
        }
    }
    const std::uint64_t channel_count = layer_.grouped() ? in_channels(share_.channels, {}).size() : terms().size();
    return share_.images.size() * row_count * column_count * channel_count;
}

std::uint64_t Nest::ifmap_elements_once() const {
    const auto whole = [&](const Range& rows) { // shrunk: what lies between the windows of two blocks is left out
        const bool shrunk = layer_.rows.scale != Scale::none && layer_.rows.in > layer_.rows.out;
        std::uint64_t count = 0, end = 0;
        for (std::uint64_t b = 0; b < (shrunk ? row_blocks_ : 1); ++b) {
            const Range window = layer_.rows.window(shrunk ? block(rows, tiling_.step_rows, b) : rows);
            count += window.end - std::max(window.begin, end);
            end = window.end;
        }
        return count;
    };
    return elements_of_pass(whole, [&](const Range& rows) { return layer_.rows.needed(rows).count(); });
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
    if (layer_.weight_gradient) {
        return share_.images.size() * share_.rows.size() * layer_.columns.out * share_.channels.size();
    }
    return layer_.matrix ? share_.channels.size() * terms().size() * layer_.kernel_positions() : 0;
}

std::uint64_t Nest::outputs() const {
    if (layer_.weight_gradient) {
        return share_.channels.size() * layer_.in_group() * layer_.kernel_positions();
    }
    return share_.images.size() * share_.rows.size() * layer_.columns.out * share_.channels.size();
}

std::uint64_t Nest::outputs(const Stretch& stretch) const {
    if (!stretch.any()) {
        return outputs();
    }
    const std::uint64_t image_blocks = position_blocks_ / row_blocks_;
    return (stretch.images ? image_blocks : share_.images.size()) * (stretch.rows ? row_blocks_ : share_.rows.size()) *
           (stretch.columns ? strips_ : layer_.columns.out) * (stretch.channels ? n_blocks_ : share_.channels.size());
}

std::uint64_t Nest::operand_bytes() const {
    std::uint64_t bytes = 0;
    for (const OperandForm& operand : layer_.operands) {
        bytes += outputs(operand.stretch) * operand.bytes;
    }
    return bytes;
}

std::uint64_t Nest::results(const ResultForm& form) const {
    const Stretch& lacks = form.lacks;
    const std::uint64_t positions = (lacks.images ? 1 : share_.images.size()) * (lacks.rows ? 1 : share_.rows.size()) *
                                    (lacks.columns ? 1 : layer_.columns.out) *
                                    (lacks.channels ? 1 : share_.channels.size());
    return form.values * (lacks.any() ? positions : outputs());
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
    const std::uint64_t channels = std::min(tiling_.n_block, share_.channels.size());
    if (layer_.weight_gradient) {
        return std::min(tiling_.step_images, share_.images.size()) * std::min(tiling_.step_rows, share_.rows.size()) *
               layer_.columns.out * channels;
    }
    return layer_.matrix ? channels * std::min(tiling_.k_block, layer_.in_group()) * layer_.kernel_positions() : 0;
}

std::uint64_t Nest::block_outputs() const {
    const std::uint64_t channels = std::min(tiling_.n_block, share_.channels.size());
    if (layer_.weight_gradient) {
        return channels * std::min(tiling_.k_block, layer_.in_group()) * layer_.kernel_positions();
    }
    return std::min(tiling_.step_images, share_.images.size()) * std::min(tiling_.step_rows, share_.rows.size()) *
           std::min(tiling_.step_columns, layer_.columns.out) * channels;
}

std::uint64_t Nest::block_sums() const {
    return layer_.weight_gradient ? block_outputs() / layer_.kernel_positions() * layer_.formed() : block_outputs();
}

std::uint64_t Nest::block_operand_bytes() const {
    if (layer_.operands.empty()) {
        return 0;
    }
    const Step largest = step(0); // its first output block is as large as any
    std::uint64_t bytes = 0;
    for (const OperandForm& operand : layer_.operands) {
        bytes += (operand.stretch.any() ? largest.outputs(operand.stretch) : block_outputs()) * operand.bytes;
    }
    return bytes;
}

// What lacks an axis is kept until the last block of it: as much as the share has of the others.
std::uint64_t Nest::result_bytes() const {
    std::uint64_t bytes = 0;
    for (const ResultForm& result : layer_.results) {
        const Stretch& lacks = result.lacks;
        const bool sums = lacks.images || lacks.rows || lacks.columns;
        const std::uint64_t elements = lacks.channels && !sums ? block_outputs() / share_.channels.size()
                                       : sums                  ? results(result) / result.values
                                                               : block_outputs();
        bytes += elements * result.values * result.bytes;
    }
    return bytes;
}

} // namespace systolica
