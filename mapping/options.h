// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// What a platform file may say about mapping.
#pragma once

#include <cstdint>

namespace systolica {

enum class Split : std::uint8_t { automatic, channels, rows, batch, pipeline };
enum class Overlap : std::uint8_t { none, tile, layer };
enum class Objective : std::uint8_t { time, traffic };

struct MappingOptions {
    Split split = Split::automatic;   // how an operation is divided over the tiles; pipeline: each runs on one of them
    std::uint64_t microbatch = 1;     // pipeline: images that pass the tiles together
    Overlap overlap = Overlap::layer; // none: one unit at a time; tile: within an operation; layer: across operations
    Objective objective = Objective::time; // traffic: least DRAM bytes first, for comparison with traffic models
    bool fusion = true;                    // vector operators run on the sums of the operation before them
    bool fold_batch_norm = true;           // inference: batch-norm becomes part of weights and bias
    bool count_requests = false;           // estimates know how many bursts a tile may have in flight (training)
    bool share_loads = true;               // tiles that load the same get it by multicast where the network can
    bool exchange = true;                  // a kept result may be fetched from the tiles that made it
    bool split_sums = true;                // tiles may share sums, if their DMAs can write to each other's scratchpads
    bool updates_apart = false;            // training: every gradient is stored for an update of its own
    bool keep_on_chip = true;              // a result stays in the scratchpad for the next operation where it fits
};

} // namespace systolica
