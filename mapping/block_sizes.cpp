// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "mapping/block_sizes.h"

#include "base/integer.h"

#include <algorithm>

namespace systolica {

namespace {

void finish(Sizes& sizes) {
    std::sort(sizes.begin(), sizes.end());
    sizes.erase(std::unique(sizes.begin(), sizes.end()), sizes.end());
}

} // namespace

Sizes spread(std::uint64_t whole) {
    Sizes sizes{whole, ceil_div(whole, 2), ceil_div(whole, 3), ceil_div(whole, 4)};
    for (std::uint64_t power = 1; power < whole; power *= 2) {
        sizes.push_back(power);
        if (power > 1 && power + power / 2 < whole) {
            sizes.push_back(power + power / 2);
        }
    }
    finish(sizes);
    return sizes;
}

Sizes doublings(std::uint64_t unit, std::uint64_t whole) {
    Sizes sizes{whole};
    for (std::uint64_t size = unit; size < whole; size *= 2) {
        sizes.push_back(size);
    }
    finish(sizes);
    return sizes;
}

} // namespace systolica
