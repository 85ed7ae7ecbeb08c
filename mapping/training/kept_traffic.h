// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// The part of an iteration's traffic that waits in DRAM: what the forward pass stores for the backward pass, and what
// that loads of it.
#pragma once

#include <cstdint>

#include "mapping/plan.h"

namespace systolica {

struct KeptTraffic {
    std::uint64_t written_bytes = 0;
    std::uint64_t read_bytes = 0; // in the backward pass, as often as it is loaded
};

KeptTraffic kept_traffic(const Plan& plan);

} // namespace systolica
