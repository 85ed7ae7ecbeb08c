// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// Small networks, written down or random, and chips to run them on.
#pragma once

#include <string>
#include <vector>

#include "machine/tile_config.h"
#include "workloads/graph_builder.h"

namespace systolica {

// A network operator by operator; fails the test where a shape rule does not hold.
class Net {
public:
    Net(Shape input, std::uint64_t batch);

    void add(OperatorSpec spec);
    void op(OpKind kind, const std::string& name, const std::vector<std::string>& inputs);
    void conv(const std::string& name, const std::string& input, std::uint64_t out_channels, std::uint64_t kernel = 1);
    Graph finish() { return builder_.finish(); }

private:
    GraphBuilder builder_;
};

// Convolutions (grouped, depth-wise, dilated), pools (ceil_mode), residual adds, concats, batch-norms, sometimes
// flatten, fully connected and softmax at the end.
Graph random_graph(std::uint64_t seed, std::uint64_t batch);

struct PadSizes {
    std::uint64_t ifmap, filter, ofmap, vector;
};

ChipConfig example_chip(unsigned tiles, unsigned array, Dataflow dataflow, const PadSizes& bytes);

} // namespace systolica
