// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "random_layers.h"

#include <algorithm>

namespace systolica {

namespace {

std::uint64_t ceil_div(std::uint64_t a, std::uint64_t b) {
    return (a + b - 1) / b;
}

Axis pointwise_axis(std::uint64_t size) {
    return {size, size, 1, 1, 1, 0};
}

void add_stages(Layer& layer, RandomNumbers& random) {
    for (std::uint64_t i = random.below(3); i > 0; --i) {
        const VectorKernel kernel =
            random.pick<VectorKernel>({VectorKernel::relu, VectorKernel::add, VectorKernel::batch_norm});
        layer.stages.push_back({kernel, 1, 0});
        if (kernel == VectorKernel::add) {
            layer.operands.emplace_back();
        }
        layer.constant_bytes += kernel == VectorKernel::batch_norm ? 8 : 0;
    }
}

// As make_layer does for windows that cross neither rows nor columns.
void stack(Layer& layer) {
    layer.row_unit = layer.rows.out;
    layer.rows = pointwise_axis(layer.rows.out * layer.images);
    layer.images = 1;
}

std::string axis_text(const Axis& a) {
    return "{in " + std::to_string(a.in) + " out " + std::to_string(a.out) + " kernel " + std::to_string(a.kernel) +
           " stride " + std::to_string(a.stride) + " dilation " + std::to_string(a.dilation) + " pad " +
           std::to_string(a.pad_before) + "}";
}

} // namespace

Axis random_axis(RandomNumbers& random) {
    for (;;) {
        Axis axis;
        axis.in = random.between(1, 14);
        axis.kernel = random.between(1, 4);
        axis.stride = random.between(1, 4);
        axis.dilation = random.one_in(3) ? 2 : 1;
        axis.pad_before = random.below(3);
        const std::uint64_t padded = axis.in + axis.pad_before + random.below(3);
        if (axis.extent() > padded) {
            continue;
        }
        axis.out = (padded - axis.extent()) / axis.stride + 1;
        return axis;
    }
}

Layer random_layer(RandomNumbers& random) {
    Layer layer;
    layer.images = random.between(1, 3);
    layer.rows = random_axis(random);
    layer.columns = random_axis(random);
    const std::uint64_t kind = random.below(6);
    layer.matrix = kind < 4;
    layer.bias = layer.matrix && random.flip();
    if (kind == 0 || kind == 1) { // convolution
        layer.in_channels = random.between(1, 9);
        layer.out_channels = random.between(1, 9);
    } else if (kind == 2) { // grouped or depth-wise, also with several channels for one
        layer.groups = random.between(1, 5);
        layer.in_channels = layer.groups * random.between(1, 3);
        layer.out_channels = layer.groups * random.between(1, 3);
    } else if (kind == 3) { // fully connected, 1x1
        layer.rows = pointwise_axis(random.between(1, 8));
        layer.columns = pointwise_axis(random.between(1, 4));
        layer.in_channels = random.between(1, 20);
        layer.out_channels = random.between(1, 20);
        stack(layer);
    } else { // pooling, element-wise, softmax
        layer.in_channels = layer.out_channels = layer.groups = random.between(1, 9);
        if (kind == 5) {
            layer.rows = pointwise_axis(random.between(1, 8));
            layer.columns = pointwise_axis(random.between(1, 8));
            layer.whole_channels = random.flip();
            stack(layer);
        }
        layer.stages.push_back(
            {VectorKernel::max_pool, static_cast<std::uint32_t>(layer.rows.kernel * layer.columns.kernel), 0});
    }
    add_stages(layer, random);
    return layer;
}

Tiling random_tiling(const Layer& layer, unsigned tiles, RandomNumbers& random) {
    Tiling tiling;
    std::vector<Split> splits{Split::rows, Split::batch};
    if (!layer.whole_channels) {
        splits.push_back(Split::channels);
    }
    tiling.split = random.pick(splits);
    const std::uint64_t unit = layer.grouped() ? layer.out_group() : 1;
    tiling.channel_unit = unit * random.between(1, 2);
    tiling.row_unit = tiling.split == Split::batch ? layer.row_unit : 1;
    const bool images = tiling.split == Split::batch && layer.images > 1;
    const std::uint64_t share_images = images ? ceil_div(layer.images, tiles) : layer.images;
    const std::uint64_t share_rows =
        tiling.split == Split::channels || images
            ? layer.rows.out
            : std::min(layer.rows.out, ceil_div(ceil_div(layer.rows.out, tiling.row_unit), tiles) * tiling.row_unit);
    const std::uint64_t channel_units = ceil_div(layer.out_channels, tiling.channel_unit);
    const std::uint64_t share_channels =
        tiling.split == Split::channels
            ? std::min(layer.out_channels, ceil_div(channel_units, tiles) * tiling.channel_unit)
            : layer.out_channels;

    tiling.step_rows = random.between(1, share_rows);
    tiling.step_columns = random.flip() ? layer.columns.out : random.between(1, layer.columns.out);
    if (share_images > 1 && random.one_in(3)) {
        tiling.step_images = random.between(2, share_images);
        tiling.step_rows = share_rows;
    }
    tiling.n_block = layer.whole_channels ? share_channels : unit * random.between(1, share_channels / unit);
    tiling.k_block =
        layer.matrix && !layer.grouped() && random.flip() ? random.between(1, layer.in_channels) : layer.in_group();

    const bool chunked = layer.matrix && tiling.k_block < layer.in_group();
    const bool many_n = tiling.n_block < share_channels;
    const bool many_m =
        tiling.step_rows < share_rows || tiling.step_images < share_images || tiling.step_columns < layer.columns.out;
    tiling.inputs_outer = many_n && many_m && !layer.grouped() && random.flip();
    tiling.hold_ifmap = many_n && !layer.grouped() && ((tiling.inputs_outer && !chunked) || random.flip());
    tiling.hold_filter = (!tiling.inputs_outer && !chunked) || (many_m && random.flip());
    return tiling;
}

LayerCase random_case(std::uint64_t seed) {
    RandomNumbers random(seed);
    LayerCase one;
    one.layer = random_layer(random);
    one.tiles = static_cast<unsigned>(random.between(1, 4));
    one.tiling = random_tiling(one.layer, one.tiles, random);
    return one;
}

std::string LayerCase::text() const {
    const auto number = [](const char* name, std::uint64_t value) {
        return std::string(" ") + name + " " + std::to_string(value);
    };
    return std::string(layer.matrix ? "matrix" : "vector") + " rows " + axis_text(layer.rows) + " columns " +
           axis_text(layer.columns) + number("images", layer.images) + number("in", layer.in_channels) +
           number("out", layer.out_channels) + number("groups", layer.groups) + number("bias", layer.bias) +
           number("stages", layer.stages.size()) + number("extra", layer.operands.size()) +
           number("constants", layer.constant_bytes) + " | tiles " + std::to_string(tiles) +
           number("split", static_cast<std::uint64_t>(tiling.split)) + number("channel_unit", tiling.channel_unit) +
           number("row_unit", tiling.row_unit) + number("step_images", tiling.step_images) +
           number("step_rows", tiling.step_rows) + number("step_columns", tiling.step_columns) +
           number("n_block", tiling.n_block) + number("k_block", tiling.k_block) +
           number("inputs_outer", tiling.inputs_outer) + number("hold_ifmap", tiling.hold_ifmap) +
           number("hold_filter", tiling.hold_filter);
}

bool input_position(const Axis& axis, std::uint64_t out, std::uint64_t k, std::uint64_t& in) {
    const std::uint64_t padded = out * axis.stride + k * axis.dilation;
    if (padded < axis.pad_before || padded - axis.pad_before >= axis.in) {
        return false;
    }
    in = padded - axis.pad_before;
    return true;
}

} // namespace systolica
