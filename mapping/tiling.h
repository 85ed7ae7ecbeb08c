// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// How one tile walks through its share of a layer.
#pragma once

#include <cstdint>

#include "mapping/axis.h"
#include "mapping/options.h"

namespace systolica {

// A tile's part of the output.
struct Share {
    Range images;
    Range rows;
    Range channels;
    Range terms{}; // input channels that it sums over; empty: all

    // Makes results; if not, its sums are added to those of the tile that does.
    bool owner() const { return terms.begin == 0; }
    bool empty() const { return images.empty() || rows.empty() || channels.empty(); }
};

// Block sizes of the loop nest: an output block of step_images x step_rows x step_columns x n_block, its sums made in
// chunks of k_block input channels. More than one image a step implies all rows of the share.
struct Tiling {
    Split split = Split::rows;
    std::uint64_t channel_unit = 1; // a split by channels gives whole units
    std::uint64_t row_unit = 1;     // a split by rows likewise
    std::uint64_t ways = 1;         // a split by channels: so many tiles share the terms of their sums
    std::uint64_t step_images = 1;
    std::uint64_t step_rows = 1;
    std::uint64_t step_columns = 1;
    std::uint64_t n_block = 1;
    std::uint64_t k_block = 1;
    bool inputs_outer = false; // outer loop over output positions, inner over output channels; else the other way
    bool hold_ifmap = false;   // inputs stay in the scratchpad from the first to the last block of output channels
    bool hold_filter = false;  // weights stay from the first to the last block of output positions
};

} // namespace systolica
