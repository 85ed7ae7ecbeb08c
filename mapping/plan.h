// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// How a network runs on a chip: its operations in groups that execute together (a matrix operation with the vector
// operations fused to it), each group's tiling and split over the tiles, where tensors and weights lie in memory, and
// the bytes that each operation will move. Everything a tile program needs, and nothing that grows with tile counts.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "machine/tile_config.h"
#include "mapping/access.h"
#include "mapping/exchange.h"
#include "mapping/layer.h"
#include "mapping/options.h"
#include "mapping/shared_loads.h"
#include "mapping/tensor_layout.h"
#include "mapping/tiling.h"
#include "workloads/graph.h"

namespace systolica {

// A row of layers.csv, as planned.
struct PlannedOperation {
    std::string name;
    std::string op;
    std::string pass = "forward";
    std::uint64_t m = 0, n = 0, k = 0; // of one group of the convolution; 0 for vector operations
    std::uint64_t macs = 0;
    std::uint64_t dram_read_bytes = 0;
    std::uint64_t dram_write_bytes = 0;
    std::uint64_t exchanged_bytes = 0; // with scratchpads of tiles
    bool shares_loads = false;         // tiles wait for each other: multicast, sums, results that others have made
    bool recomputation = false;        // training: computed again on the way back
    bool view = false;                 // moves nothing, costs nothing (flatten, reshape)
};

// Tensors that a tensor without memory of its own is a part or a joint of.
struct ViewPart {
    int tensor = -1;
    Dim axis = Dim::channels;             // along which the view is cut
    Range range;                          // of it that this part holds
    std::array<std::uint64_t, 3> start{}; // channel, row and column of `tensor` where range begins
};

struct PlannedTensor {
    std::string name;
    Shape shape;
    TensorLayout layout;
    int view_of = -1;       // the same elements as another planned tensor, in the order of a reshape; it has the layout
    bool kept = false;      // training: made in the forward pass, read again in the backward pass
    bool one_block = false; // its channels lie together: others see them as pixels
    std::vector<ViewPart> parts; // what a view is made of, if it is no reshape
    std::uint32_t event = 0;     // counted up by every tile that stored its part; 0: there from the start
    std::uint32_t threshold = 0; // tiles that store a part
};

// A tensor that the vector unit reads beside the window input, at the place of each result.
constexpr int kLearned = -1; // not a tensor of the graph: the planner makes one for such weights

struct Operand { // its form is Layer::operands
    int tensor = kLearned;
    std::uint32_t operation = 0;     // row that its loads count for
    bool gathered = false;           // a table: a row for each position
    std::uint64_t first_channel = 0; // of the tensor
};

// Values of each channel that the vector unit needs beside the stream, loaded once for a block of channels.
struct ChannelConstants {
    std::uint64_t base = 0;  // in memory; with a tensor it follows from that
    int tensor = -1;         // whose event its loads wait for
    unsigned values = 1;     // a channel
    std::uint64_t bytes = 0; // a channel
    std::uint32_t operation = 0;
};

// A tensor written beside the output; its form is Layer::results.
struct Result {
    int tensor = -1;
    std::uint32_t operation = 0;     // row that its stores count for
    bool per_tile = false;           // sums of a tile's part: each tile has a row of the tensor
    std::uint64_t first_channel = 0; // of the tensor
    bool in_a_row = false;           // of parameters: pixel by pixel, the channels of each
};

// Operations that execute as one loop nest.
struct Group {
    Layer layer;
    Tiling tiling;
    std::vector<Share> shares;        // by tile
    Sharing sharing;                  // of their loads
    std::uint32_t operation = 0;      // row of the matrix operation, or of the first vector operation
    std::uint32_t last_operation = 0; // row that the stores count for
    Access input;                     // under the window
    int input_beside = -1;            // a second tensor of the same shape under the same window
    Access factor;                    // a product: the tensor in place of weights; rows run along the result's columns
    std::vector<Operand> operands;    // lie as the output does
    Access output;
    std::vector<Result> results;
    bool output_gathered = false;  // rows of a table, as an operand that is gathered
    bool output_per_tile = false;  // weight gradients: sums of a tile's part, each tile has a row of the tensor
    bool begins_operation = true;  // no group before this one works for `operation` (on the same images)
    bool ends_operation = true;    // no group after this one does
    bool may_load_nothing = false; // a tile's part may lie in the padding alone
    bool has_weights = false;      // given, weight_base stands; else the planner makes room for them
    std::uint64_t weight_base = 0; // packed by block: bias, then chunks of weights
    std::vector<ChannelConstants> constants;
    Exchange exchange;             // of a kept input
    bool input_kept = false;       // the group before left the input in the ifmap scratchpad of the tiles that need it
    bool output_kept = false;      // the group after finds the output there
    bool output_stored = true;     // the output goes to DRAM
    std::uint32_t sums_event = 0;  // first of those that order the exchange of sums (mapping/split_sums.h)
    std::uint32_t start_event = 0; // overlap within operations only: nothing loads before this event
    std::uint32_t start_threshold = 0;
    std::uint32_t store_event = 0; // nothing is stored before this event: the memory was another tensor's
    std::uint32_t store_threshold = 0;
};

struct Plan {
    ChipConfig chip;
    MappingOptions options;
    std::vector<PlannedOperation> operations;
    std::vector<PlannedTensor> tensors;
    std::vector<Group> groups;      // in execution order
    std::uint64_t memory_bytes = 0; // laid out in DRAM
    double estimated_cycles = 0;
    std::uint32_t events = 0; // the last one that is used

    std::uint64_t dram_read_bytes() const;
    std::uint64_t dram_write_bytes() const;
};

// Throws InputError, one problem for each operation that cannot be mapped: it names the buffer and the bytes it lacks.
Plan make_plan(const Graph& graph, const ChipConfig& chip, const MappingOptions& options);

} // namespace systolica
