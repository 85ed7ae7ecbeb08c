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
    std::uint64_t position = 0;      // blocks of positions before this one, in any block of channels
    std::uint64_t channel_block = 0; // blocks of channels before this one
    bool first_k = true, last_k = true;
    bool first = false, last = false;                    // of the share
    bool load_constants = false, free_constants = false; // of the vector unit, for the block's channels

    bool load_filter = false, free_filter = false;
    bool load_ifmap = false, free_ifmap = false;
    Range window_rows; // input rows of an image under the block
    Span new_rows;     // to load, within an image; length 0: nothing
    std::uint64_t freed_rows = 0;
    Span in_columns;
    bool last_images = false, last_rows = false,
         last_columns = false; // blocks of them: what sums over them is complete

    // Of the product: rows of its left side and terms of its sums. Weights or elements of the second factor; elements
    // of the result.
    std::uint64_t m = 0, depth = 0, filter_elements = 0;
    std::uint64_t written = 0;

    std::uint64_t positions() const { return images.size() * rows.size() * columns.size(); }
    std::uint64_t sums() const { return m * channels.size(); }
    std::uint64_t outputs() const { return written; }
    std::uint64_t outputs(const Stretch& stretch) const { // of a tensor that lacks some axes
        return stretch.any() ? (stretch.images ? 1 : images.size()) * (stretch.rows ? 1 : rows.size()) *
                                   (stretch.columns ? 1 : columns.size()) * (stretch.channels ? 1 : channels.size())
                             : written;
    }
    bool completes(const Stretch& lacks) const { // last_k besides
        return (!lacks.images || last_images) && (!lacks.rows || last_rows) && (!lacks.columns || last_columns);
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
    std::uint64_t m_blocks() const { return m_blocks_; }         // of one strip
    std::uint64_t blocks() const { return steps() / k_blocks_; } // of results
    std::uint64_t strips() const { return strips_; }
    bool rings() const { return (layer_.weight_gradient || k_blocks_ == 1) && tiling_.step_images == 1; }

    // Closed forms over the whole share.
    std::uint64_t ifmap_elements() const;      // loaded
    std::uint64_t ifmap_elements_once() const; // of one pass over the positions, all channels of the share
    std::uint64_t held_elements() const; // at most on chip when the share's inputs stay: of a share like this anywhere
    std::uint64_t filter_loads_per_weight() const; // how often each weight of the share is loaded
    std::uint64_t passes_over_channels() const;    // how often the constants of each channel are loaded
    std::uint64_t weights() const; // of the share, with neither repetition nor bias; or of the second factor
    std::uint64_t outputs() const;
    std::uint64_t outputs(const Stretch& stretch) const; // that all steps together read of a tensor that lacks axes
    std::uint64_t operand_bytes() const;                 // of all tensors beside the window input
    std::uint64_t results(const ResultForm& form) const; // elements written

    // Largest sizes of a step, in elements.
    std::uint64_t window_elements() const; // input under a block, one chunk of channels
    std::uint64_t largest_new_elements() const;
    std::uint64_t block_weights() const; // of one (n, k) block
    std::uint64_t block_outputs() const;
    std::uint64_t block_sums() const;
    std::uint64_t block_operand_bytes() const;
    std::uint64_t result_bytes() const; // room for `results`

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
    Range terms() const { return share_.terms.empty() ? Range{0, layer_.in_group()} : share_.terms; }
    std::uint64_t passes_over_inputs() const;
    template <typename Whole, typename One>
    std::uint64_t elements_of_pass(Whole whole, One one) const;

    const Layer& layer_;
    const Tiling& tiling_;
    Share share_;
    void count_product(Step& step) const;

    std::uint64_t row_blocks_ = 1;
    std::uint64_t position_blocks_ = 1; // images and rows
    std::uint64_t m_blocks_ = 1;
    std::uint64_t strips_ = 1;
    std::uint64_t n_blocks_ = 1;
    std::uint64_t k_blocks_ = 1;
};

} // namespace systolica
