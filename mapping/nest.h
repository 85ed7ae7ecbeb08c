// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// The loop nest of a tiling over a tile's share, without state: any step can be asked for, and says what it loads,
// computes and frees. Totals have closed forms of their own, which the plan's byte counts come from.
//
// Order: for n { for strip { for m { for k }}}, or with inputs_outer: for strip { for m { for n { for k }}}.
// Rows that the next block of output rows needs too stay in the scratchpad (the ring of rows), as long as the sums need
// one chunk of input channels only.
#pragma once

#include <cstdint>

#include "mapping/layer.h"
#include "mapping/tensor_layout.h"
#include "mapping/tiling.h"

namespace systolica {

struct Step {
    // Output block.
    Range images;
    Range rows; // within an image
    Range columns;
    Range channels;
    Range k; // input channels of the chunk, within a group
    Range in_channels;
    bool first_k = true, last_k = true;
    bool first = false, last = false;                    // of the share
    bool load_constants = false, free_constants = false; // of the vector unit, for the block's channels

    bool load_filter = false, free_filter = false;
    bool load_ifmap = false, free_ifmap = false;
    Range window_rows; // input rows of an image under the block
    Span new_rows;     // to load, within an image; length 0: nothing
    std::uint64_t freed_rows = 0;
    Span in_columns;

    std::uint64_t positions() const { return images.size() * rows.size() * columns.size(); }
    std::uint64_t outputs() const { return positions() * channels.size(); }
    std::uint64_t outputs(const Stretch& stretch) const { // of a tensor that lacks some axes
        return (stretch.images ? 1 : images.size()) * (stretch.rows ? 1 : rows.size()) *
               (stretch.columns ? 1 : columns.size()) * (stretch.channels ? 1 : channels.size());
    }
    std::uint64_t ifmap_elements() const; // that the step loads
    std::uint64_t freed_elements() const;
};

class Nest {
public:
    Nest(const Layer& layer, const Tiling& tiling, const Share& share);

    std::uint64_t steps() const { return n_blocks_ * strips_ * m_blocks_ * k_blocks_; }
    Step step(std::uint64_t index) const;

    std::uint64_t n_blocks() const { return n_blocks_; }
    std::uint64_t k_blocks() const { return k_blocks_; }
    std::uint64_t m_blocks() const { return m_blocks_; } // of one strip
    std::uint64_t strips() const { return strips_; }
    bool rings() const { return k_blocks_ == 1 && tiling_.step_images == 1; }

    // Closed forms over the whole share.
    std::uint64_t ifmap_elements() const;      // loaded
    std::uint64_t ifmap_elements_once() const; // of one pass over the positions, all channels of the share
    std::uint64_t held_elements() const; // at most on chip when the share's inputs stay: of a share like this anywhere
    std::uint64_t filter_loads_per_weight() const; // how often each weight of the share is loaded
    std::uint64_t passes_over_channels() const;    // how often the constants of each channel are loaded
    std::uint64_t weights() const;                 // of the share, with neither repetition nor bias
    std::uint64_t outputs() const;
    std::uint64_t outputs(const Stretch& stretch) const; // that all steps together read of a tensor that lacks axes
    std::uint64_t operands() const;                      // of all tensors beside the window input

    // Largest sizes of a step, in elements.
    std::uint64_t window_elements() const; // input under a block, one chunk of channels
    std::uint64_t largest_new_elements() const;
    std::uint64_t block_weights() const; // of one (n, k) block
    std::uint64_t block_outputs() const;
    std::uint64_t block_operands() const;

private:
    struct Position {
        Range images;
        Range rows;
        bool has_next = false; // the following block continues this image: rows may stay
        bool has_previous = false;
    };
    Position position(std::uint64_t m) const;
    Range channels(std::uint64_t n) const;
    Range in_channels(const Range& out, const Range& k) const;
    Range columns(std::uint64_t strip) const;
    std::uint64_t passes_over_inputs() const;
    template <typename Whole, typename One>
    std::uint64_t elements_of_pass(Whole whole, One one) const;

    const Layer& layer_;
    const Tiling& tiling_;
    Share share_;
    std::uint64_t row_blocks_ = 1;
    std::uint64_t m_blocks_ = 1;
    std::uint64_t strips_ = 1;
    std::uint64_t n_blocks_ = 1;
    std::uint64_t k_blocks_ = 1;
};

} // namespace systolica
