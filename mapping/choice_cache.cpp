// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "mapping/choice_cache.h"

namespace systolica {

namespace {

std::vector<std::uint64_t> key_of(const Layer& layer) {
    std::vector<std::uint64_t> key{
        layer.images,     layer.in_channels, layer.out_channels,    layer.groups,       layer.matrix,
        layer.bias,       layer.row_unit,    layer.whole_channels,  layer.product,      layer.constant_bytes,
        layer.whole_rows, layer.output,      layer.bytes.input,     layer.bytes.filter, layer.bytes.output,
        layer.spread[0],  layer.spread[1],   layer.weight_gradient, layer.formed()};
    for (const Axis* axis : {&layer.rows, &layer.columns}) {
        key.insert(key.end(), {axis->in, axis->out, axis->kernel, axis->stride, axis->dilation, axis->pad_before,
                               static_cast<std::uint64_t>(axis->scale)});
    }
    for (const Layer::Stage& stage : layer.stages) {
        key.push_back(static_cast<std::uint64_t>(stage.kernel));
        key.push_back(stage.taps);
    }
    const auto add = [&](const Stretch& stretch, std::uint64_t values, std::uint64_t bytes) {
        key.insert(key.end(), {stretch.images, stretch.rows, stretch.columns, stretch.channels, values, bytes});
    };
    for (const OperandForm& operand : layer.operands) {
        add(operand.stretch, 1, operand.bytes);
    }
    for (const ResultForm& result : layer.results) {
        add(result.lacks, result.values, result.bytes);
    }
    key.push_back(layer.stages.size());
    key.push_back(layer.operands.size());
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

const Choice& ChoiceCache::choose_kept(const Layer& layer, const std::vector<Share>& shares, bool fetched,
                                       const AcceptShares& accepts) {
    std::vector<std::uint64_t> key = key_of(layer);
    key.push_back(fetched ? 1 : 0);
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
