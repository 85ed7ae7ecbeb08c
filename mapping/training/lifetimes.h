// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// Memory for tensors that live for a part of an iteration only: first fit, in the order in which they begin to live.
#pragma once

#include <cstdint>
#include <vector>

namespace systolica {

struct Lifetime {
    std::uint64_t bytes = 0;
    bool passing = false; // false: lives all the time
    int first = -1;       // groups that use it
    int last = -1;
    int free_from = -1; // group that may have its place: it can wait for all that read it; -1: none
    std::uint64_t base = 0;
    int waits_for = -1; // group whose result all tiles must have stored before this place is written
};

// Gives each its base, from `begin` on; returns the end of the memory that is needed at most.
std::uint64_t lay_out(std::vector<Lifetime>& tensors, std::uint64_t begin, std::uint64_t alignment);

} // namespace systolica
