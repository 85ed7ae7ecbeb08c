// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// How long a matrix product takes on a systolic array, fold by fold. Source: SCALE-Sim (Samajdar et al., ISPASS 2020),
// whose v3 tool prints one cycle less (it reports the index of the last cycle); overlapped folds: formulas in
// docs/timing.md.
//
// A product of m x k by k x n lies on the array as S_R x S_C x T: os (m, n, k), ws (k, n, m), is (k, m, n). It runs in
// F_R * F_C folds, column folds outermost. A fold uses r <= R rows and c <= C columns (all of them unless clip_folds).
//   without overlap: a fold takes T + r + c - 2 cycles (os), 2 r + c + T - 2 (ws, is: r cycles load the stationary
//   operand)
//   with overlap: the next fold's operands enter right behind this one's, the stationary operand is double-buffered:
//   fold f starts streaming max(T, r_f) (ws, is) or T (os) after fold f - 1 and ends T + r_f + c_f - 2 after its start.
// simdit: k lies on rows, n on columns; all passes enter as one stream of m F_R F_C cycles and the whole array fills
// and drains once, so that a command takes m F_R F_C + R + C - 2 (SimDIT, arXiv:2306.16767); neither option plays a
// part.
#pragma once

#include <cstdint>

#include "machine/pe_array/config.h"

namespace systolica {

struct ArrayExtent {
    std::uint64_t rows = 0;  // S_R
    std::uint64_t cols = 0;  // S_C
    std::uint64_t depth = 0; // T
};

ArrayExtent array_extent(Dataflow dataflow, std::uint64_t m, std::uint64_t n, std::uint64_t k);

// The timing of one product (or `groups` alike, one after another), relative to the start of the first fold's stream.
struct FoldTiming {
    std::uint64_t folds = 0;
    std::uint64_t lead = 0;        // before the stream: loading the first stationary operand
    std::uint64_t last_offset = 0; // start of the last fold's stream
    std::uint64_t depth = 0;       // T: length of one fold's stream
    std::uint64_t end_offset = 0;  // end of the last fold to end

    std::uint64_t cycles() const { return lead + end_offset; }          // alone, from first operand to last sum
    std::uint64_t stream_cycles() const { return last_offset + depth; } // while operands enter
};

FoldTiming fold_timing(const PeArrayConfig& array, std::uint64_t m, std::uint64_t n, std::uint64_t k,
                       std::uint64_t groups = 1);

} // namespace systolica
