// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "mapping/shared_loads.h"

#include "mapping/nest.h"

namespace systolica {

std::uint64_t SharedLoads::sharers_before(std::uint64_t end, std::uint64_t kind, std::uint64_t round) const {
    std::uint64_t count = 0;
    for (std::size_t tile = 0; tile < end; ++tile) {
        count += rounds_[tile] > round && kinds_[tile] == kind ? 1 : 0;
    }
    return count;
}

std::uint64_t SharedLoads::sharers(std::uint64_t tile, std::uint64_t round) const {
    return sharers_before(rounds_.size(), kinds_[tile], round);
}

bool SharedLoads::follows(std::uint64_t tile, std::uint64_t round) const {
    return sharers_before(tile, kinds_[tile], round) > 0;
}

bool shares_input(const Layer& layer, Split split) {
    return split == Split::channels && !layer.grouped();
}

bool shares_filter(const Layer& layer, Split split) {
    return split != Split::channels && layer.matrix && !layer.weight_gradient;
}

Sharing sharing_of(const Layer& layer, const Tiling& tiling, const std::vector<Share>& shares) {
    std::vector<std::uint64_t> passes(shares.size()), positions(shares.size()), terms(shares.size());
    std::size_t active = 0;
    for (std::size_t t = 0; t < shares.size(); ++t) {
        if (!shares[t].empty()) {
            const Nest nest(layer, tiling, shares[t]);
            passes[t] = tiling.hold_ifmap ? 1 : nest.n_blocks();
            positions[t] = nest.filter_loads_per_weight();
            terms[t] = shares[t].terms.begin;
            ++active;
        }
    }
    Sharing sharing;
    if (active < 2) {
        return sharing;
    }
    if (shares_input(layer, tiling.split)) {
        sharing.input = SharedLoads(passes, terms);
    }
    if (shares_filter(layer, tiling.split)) {
        sharing.filter = SharedLoads(positions, terms);
        for (std::size_t t = 0; t < shares.size(); ++t) {
            if (!shares[t].empty()) {
                positions[t] = Nest(layer, tiling, shares[t]).passes_over_channels();
            }
        }
        sharing.constants = SharedLoads(positions, terms);
    }
    return sharing;
}

} // namespace systolica
