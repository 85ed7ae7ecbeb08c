// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// Tilings by layer: layers of equal shape get equal tilings, and a network has few distinct ones.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "mapping/search.h"

namespace systolica {

class ChoiceCache {
public:
    ChoiceCache(const ChipConfig& chip, const MappingOptions& options) : chip_(chip), options_(options) {}

    const Choice& choose(const Layer& layer);

    // The same where the input may stay on chip; `shares` are those of the group that makes it, which `accepts`
    // compares with; `fetched`: whether parts may come from other tiles.
    const Choice& choose_kept(const Layer& layer, const std::vector<Share>& shares, bool fetched,
                              const AcceptShares& accepts);

private:
    const ChipConfig chip_;
    const MappingOptions options_;
    std::map<std::vector<std::uint64_t>, Choice> choices_;
};

} // namespace systolica
