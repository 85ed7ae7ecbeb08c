// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "random_gradients.h"

#include <algorithm>

namespace systolica {

namespace {

std::uint64_t ceil_div(std::uint64_t a, std::uint64_t b) {
    return (a + b - 1) / b;
}

Layer random_gradient(RandomNumbers& random) {
    Layer layer;
    layer.matrix = layer.weight_gradient = layer.images_apart = true;
    layer.images = random.between(1, 3);
    layer.rows = random_axis(random);
    layer.columns = random_axis(random);
    layer.groups = random.one_in(3) ? random.between(2, 4) : 1;
    layer.in_channels = layer.groups * random.between(1, 5);
    layer.out_channels = layer.groups * random.between(1, 5);
    if (random.one_in(4)) { // fully connected
        layer.rows = {random.between(1, 6), 1, 1, 1, 1, 0, Scale::none};
        layer.rows.out = layer.rows.in;
        layer.columns = {1, 1, 1, 1, 1, 0, Scale::none};
    }
    if (random.one_in(3)) {
        layer.spread = {layer.rows.stride, layer.columns.stride};
        layer.formed_positions = layer.rows.kernel * layer.columns.kernel + random.below(4);
        layer.stages.push_back({VectorKernel::copy, 1, 0});
    }
    return layer;
}

} // namespace

LayerCase random_gradient_case(std::uint64_t seed) {
    RandomNumbers random(seed + 3000000);
    LayerCase one;
    Layer& layer = one.layer = random_gradient(random);
    one.tiles = static_cast<unsigned>(random.between(1, 4));
    Tiling& tiling = one.tiling;
    tiling.split = random.pick<Split>({Split::rows, Split::batch, Split::channels});
    const std::uint64_t unit = layer.grouped() ? layer.out_group() : 1;
    tiling.channel_unit = unit * random.between(1, 2);
    const bool images = tiling.split == Split::batch && layer.images > 1;
    const bool channels = tiling.split == Split::channels;
    const std::uint64_t share_images = images ? ceil_div(layer.images, one.tiles) : layer.images;
    const std::uint64_t share_rows = images || channels ? layer.rows.out : ceil_div(layer.rows.out, one.tiles);
    const std::uint64_t share_channels =
        channels ? std::min(layer.out_channels, ceil_div(ceil_div(layer.out_channels, tiling.channel_unit), one.tiles) *
                                                    tiling.channel_unit)
                 : layer.out_channels;
    tiling.step_rows = random.between(1, share_rows);
    tiling.step_columns = layer.columns.out; // sums run over whole rows
    if (share_images > 1 && random.one_in(3)) {
        tiling.step_images = random.between(2, share_images);
        tiling.step_rows = share_rows;
    }
    tiling.n_block = unit * random.between(1, share_channels / unit);
    tiling.k_block = layer.grouped() ? layer.in_group() : random.between(1, layer.in_channels);

    const bool chunked = tiling.step_rows < share_rows || tiling.step_images < share_images; // sums, over positions
    const bool many_n = tiling.n_block < share_channels;
    const bool many_m = tiling.k_block < layer.in_group();
    tiling.inputs_outer = many_n && many_m && !layer.grouped() && random.flip();
    tiling.hold_ifmap = many_n && !layer.grouped() && ((tiling.inputs_outer && !chunked) || random.flip());
    tiling.hold_filter = (!tiling.inputs_outer && !chunked) || (many_m && random.flip());
    return one;
}

std::string gradient_text(const LayerCase& one) {
    return one.text() + " spread " + std::to_string(one.layer.spread[0]) + " " + std::to_string(one.layer.spread[1]) +
           " formed " + std::to_string(one.layer.formed());
}

} // namespace systolica
