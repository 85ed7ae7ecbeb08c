// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// A pipeline over the tiles: which part of a network each tile works on, and how long images take through it.
#pragma once

#include <cstddef>
#include <vector>

namespace systolica {

// The stage of each item: contiguous, none empty, as many as `stages` (or as there are items), the slowest one as fast
// as any such division allows. An exact dynamic programme.
std::vector<std::size_t> balanced_stages(const std::vector<double>& cycles, std::size_t stages);

// Until the last of several pieces of work has left the last stage: `cycles[piece][stage]`, a stage works on one piece
// at a time, in order, and a piece passes the stages one after the other.
double pipeline_cycles(const std::vector<std::vector<double>>& cycles);

} // namespace systolica
