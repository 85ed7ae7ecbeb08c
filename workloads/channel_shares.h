// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// The share of one chip of several that divide the channels of every product among them: a chip makes its part of the
// output channels of a convolution or fully connected layer from the whole input, works on its part of them with what
// works channel by channel (activations, pools, sums, depth-wise convolutions), and the parts are gathered where the
// next layer needs them whole, and at the end (tensor parallelism by output channels; Shoeybi et al., "Megatron-LM",
// 2019, without its split by rows). What needs whole tensors without being a product (softmax, norms over channels,
// concat, reshapes) is done by every chip. All chips have equal shares, and each sees its own channels first.
#pragma once

#include <cstdint>
#include <vector>

#include "workloads/graph.h"

namespace systolica {

struct ChannelShares {
    struct Gathered {
        int part = -1;  // made by this chip
        int whole = -1; // put together of the parts of all; comes from outside
    };

    Graph graph;                    // of one chip
    std::vector<Gathered> gathered; // in the order in which parts are made
};

// Of an inference graph. Throws InputError, one problem an operator, for products that cannot be shared equally.
ChannelShares share_channels(const Graph& network, std::uint64_t chips);

} // namespace systolica
