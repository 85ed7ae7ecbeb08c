// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "mapping/kept_input.h"

#include "mapping/cost.h"
#include "mapping/nest.h"

namespace systolica {

namespace {

// Rows of all images, counted through, that a share covers; empty when they are not one range.
Range stacked_rows(const Share& share, std::uint64_t images, std::uint64_t rows) {
    if (images == 1) {
        return share.rows;
    }
    return share.rows.size() == rows ? Range{share.images.begin * rows, share.images.end * rows} : Range{};
}

} // namespace

bool makes_what_is_needed(const Group& before, const Layer& layer, const std::vector<Share>& shares) {
    for (std::size_t t = 0; t < shares.size(); ++t) {
        if (shares[t].empty()) {
            continue;
        }
        const Share& made = before.shares[t];
        Share needs = shares[t];
        needs.rows = layer.rows.window(shares[t].rows);
        const Range made_rows = stacked_rows(made, before.layer.images, before.layer.rows.out);
        const Range needed_rows = stacked_rows(needs, layer.images, layer.rows.in);
        const Range needed_channels =
            layer.grouped()
                ? Range{shares[t].channels.begin / layer.out_group() * layer.in_group(),
                        (shares[t].channels.end + layer.out_group() - 1) / layer.out_group() * layer.in_group()}
                : Range{0, layer.in_channels};
        if (made.empty() || needed_rows.empty() || needed_rows.begin < made_rows.begin ||
            needed_rows.end > made_rows.end || needed_channels.begin < made.channels.begin ||
            needed_channels.end > made.channels.end) {
            return false;
        }
    }
    return true;
}

bool output_fits_beside(const Group& group, const Group* previous, const ChipConfig& chip) {
    const CostModel model(chip, true);
    for (std::size_t t = 0; t < group.shares.size(); ++t) {
        const Share& share = group.shares[t];
        if (share.empty()) {
            continue;
        }
        const auto tile = static_cast<unsigned>(t);
        std::uint64_t used = Nest(group.layer, group.tiling, share).outputs() * chip.precision.activation_bytes();
        if (group.input_kept) { // whole, not only what this group reads of it
            used += MadeResults{previous->layer, previous->tiling, previous->shares}.elements(tile) *
                    chip.precision.activation_bytes();
            if (group.exchange.made_event != 0) {
                used += group.exchange.elements(tile) * chip.precision.activation_bytes();
            }
        } else if (group.layer.matrix) {
            used += model.pad_needs(group.layer, group.tiling, share, {group.input_kept, true})[0].overlap_bytes;
        }
        if (used > chip.tile.pad(Pad::ifmap).capacity_bytes) {
            return false;
        }
    }
    return true;
}

} // namespace systolica
