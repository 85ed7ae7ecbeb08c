// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// What describes a PE array.
#pragma once

#include <cstdint>

namespace systolica {

enum class Dataflow : std::uint8_t {
    os,
    ws,
    is,
    simdit, // nothing stays: each cycle takes a vector of inputs and an array of weights (machine/simdit)
};

struct PeArrayConfig {
    unsigned rows = 32;
    unsigned cols = 32;
    Dataflow dataflow = Dataflow::ws;
    bool fold_overlap = true; // the next fold enters while the last drains; stationary operands double-buffered
    bool clip_folds = true;   // an edge fold pays fill and drain for the rows and columns it uses, not the whole array
};

} // namespace systolica
