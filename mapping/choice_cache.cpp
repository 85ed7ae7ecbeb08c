// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "mapping/choice_cache.h"

namespace systolica {

namespace {

std::vector<std::uint64_t> key_of(const Layer& layer) {
    std::vector<std::uint64_t> key{
        layer.images,   layer.in_channels,    layer.out_channels,   layer.groups,  layer.matrix,           layer.bias,
        layer.row_unit, layer.whole_channels, layer.extra_operands, layer.product, layer.channel_constants};
    for (const Axis* axis : {&layer.rows, &layer.columns}) {
        key.insert(key.end(), {axis->in, axis->out, axis->kernel, axis->stride, axis->dilation, axis->pad_before,
                               static_cast<std::uint64_t>(axis->scale)});
    }
    for (const Layer::Stage& stage : layer.stages) {
        key.push_back(static_cast<std::uint64_t>(stage.kernel));
        key.push_back(stage.taps);
    }
    for (const Stretch& stretch : layer.stretched) {
        key.insert(key.end(), {stretch.images, stretch.rows, stretch.columns, stretch.channels});
    }
    key.push_back(layer.stages.size());
    return key;
}

} // namespace

const Choice& ChoiceCache::choose(const Layer& layer) {
    const std::vector<std::uint64_t> key = key_of(layer);
    auto found = choices_.find(key);
    if (found == choices_.end()) {
        found = choices_.emplace(key, choose_tiling(layer, chip_, options_)).first;
    }
    return found->second;
}

const Choice& ChoiceCache::choose_kept(const Layer& layer, const std::vector<Share>& shares,
                                       const AcceptShares& accepts) {
    std::vector<std::uint64_t> key = key_of(layer);
    for (const Share& share : shares) {
        for (const Range& range : {share.images, share.rows, share.channels}) {
            key.push_back(range.begin);
            key.push_back(range.end);
        }
    }
    auto found = choices_.find(key);
    if (found == choices_.end()) {
        found = choices_.emplace(key, choose_tiling_kept(layer, chip_, options_, accepts)).first;
    }
    return found->second;
}

} // namespace systolica
