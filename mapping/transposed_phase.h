// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// A transposed convolution runs as plain convolutions, one for each position of the outputs within a stride: outputs
// that lie a stride apart are reached by the same taps of the kernel. No zeros between the inputs are multiplied; those
// beyond the border are, as in any convolution.
#pragma once

#include <cstdint>

#include "mapping/axis.h"

namespace systolica {

struct TransposedAxis {
    std::uint64_t in = 1, out = 1;
    std::uint64_t kernel = 1, stride = 1, dilation = 1, pad = 0;
};

struct Phase {
    std::uint64_t first = 0;    // output; the others follow a stride apart
    std::uint64_t outputs = 0;  // 0: there is none
    std::uint64_t in_start = 0; // first input that they look at
    bool reached = false;       // by a tap; else the outputs are zero, or the bias
    Axis axis;                  // of the convolution from the inputs at in_start; not reached: nothing but padding
};

// `phase` below the stride: (output + pad) modulo stride.
Phase transposed_phase(const TransposedAxis& of, std::uint64_t phase);

} // namespace systolica
