// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "mapping/shared_loads.h"

#include <algorithm>

#include "mapping/nest.h"

namespace systolica {

std::uint64_t SharedLoads::sharers(std::uint64_t round) const {
    return static_cast<std::uint64_t>(
        std::count_if(rounds_.begin(), rounds_.end(), [&](std::uint64_t rounds) { return rounds > round; }));
}

bool SharedLoads::follows(std::uint64_t tile, std::uint64_t round) const {
    return std::any_of(rounds_.begin(), rounds_.begin() + static_cast<std::ptrdiff_t>(tile),
                       [&](std::uint64_t rounds) { return rounds > round; });
}

bool shares_input(const Layer& layer, Split split) {
    return split == Split::channels && !layer.grouped();
}

bool shares_filter(const Layer& layer, Split split) {
    return split != Split::channels && layer.matrix && !layer.weight_gradient;
}

Sharing sharing_of(const Layer& layer, const Tiling& tiling, const std::vector<Share>& shares) {
    std::vector<std::uint64_t> passes(shares.size()), positions(shares.size());
    std::size_t active = 0;
    for (std::size_t t = 0; t < shares.size(); ++t) {
        if (!shares[t].empty()) {
            const Nest nest(layer, tiling, shares[t]);
            passes[t] = tiling.hold_ifmap ? 1 : nest.n_blocks();
            positions[t] = nest.filter_loads_per_weight();
            ++active;
        }
    }
    Sharing sharing;
    if (active < 2) {
        return sharing;
    }
    if (shares_input(layer, tiling.split)) {
        sharing.input = SharedLoads(passes);
    }
    if (shares_filter(layer, tiling.split)) {
        sharing.filter = SharedLoads(positions);
        for (std::size_t t = 0; t < shares.size(); ++t) {
            if (!shares[t].empty()) {
                positions[t] = Nest(layer, tiling, shares[t]).passes_over_channels();
            }
        }
        sharing.constants = SharedLoads(positions);
    }
    return sharing;
}

} // namespace systolica
